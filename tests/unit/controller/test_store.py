"""The database: all of a transaction or nothing, migrations once, errors by kind."""

import asyncio
import sqlite3
from pathlib import Path

import pytest

from controller.errors import StoreError, Unstorable
from controller.store import Store, connect
from controller.store.migrate import migrations


async def test_the_database_can_be_read_by_its_owner_only(tmp_path: Path) -> None:
    store = await Store.open(tmp_path / "data" / "x.sqlite")
    await store.close()
    assert (tmp_path / "data" / "x.sqlite").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "data").stat().st_mode & 0o777 == 0o700


async def test_a_transaction_that_fails_changes_nothing(tmp_path: Path) -> None:
    store = await Store.open(tmp_path / "x.sqlite")

    def half(db: sqlite3.Connection) -> None:
        db.execute("INSERT INTO ward VALUES ('w-1', 'Ward 1')")
        db.execute("INSERT INTO ward VALUES ('w-1', 'again')")

    with pytest.raises(Unstorable):
        await store.write(half)
    assert await store.read("SELECT * FROM ward") == []
    await store.write(lambda db: db.execute("INSERT INTO ward VALUES ('w-2', 'Ward 2')"))
    assert len(await store.read("SELECT * FROM ward")) == 1
    await store.close()


async def test_every_migration_is_applied_once(tmp_path: Path) -> None:
    for _ in range(2):
        store = await Store.open(tmp_path / "x.sqlite")
        applied = await store.read("SELECT number FROM migration ORDER BY number")
        assert [row[0] for row in applied] == sorted(migrations())
        await store.close()


async def test_a_database_of_newer_software_is_left_alone(tmp_path: Path) -> None:
    store = await Store.open(tmp_path / "x.sqlite")
    await store.write(lambda db: db.execute("INSERT INTO migration VALUES (999, '999-later.sql')"))
    await store.close()
    with pytest.raises(StoreError, match="999"):
        await Store.open(tmp_path / "x.sqlite")


@pytest.mark.sqlite_only("is about the file")
async def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    (tmp_path / "x.sqlite").write_bytes(b"not a database, but long enough to be looked at" * 30)
    with pytest.raises(StoreError, match=r"x\.sqlite"):
        await Store.open(tmp_path / "x.sqlite")


async def test_a_value_that_no_column_takes_is_told_from_a_disk_that_fails(tmp_path: Path) -> None:
    store = await Store.open(tmp_path / "x.sqlite")
    for value in (2**70, object()):
        with pytest.raises(Unstorable):
            await store.write(lambda db, bad=value: db.execute("INSERT INTO meta VALUES ('x', ?)", (bad,)))
    await store.close()


async def test_a_long_query_holds_up_neither_another_nor_the_writer(tmp_path: Path) -> None:
    store = await Store.open(tmp_path / "x.sqlite")
    counting = "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 2000000)"
    long_one = asyncio.create_task(store.read(f"{counting} SELECT count(*) FROM n"))
    await store.write(lambda db: db.execute("INSERT INTO ward VALUES ('w-1', 'Ward 1')"))
    assert len(await store.read("SELECT * FROM ward")) == 1
    assert not long_one.done()
    assert (await long_one)[0][0] == 2_000_000
    await store.close()


def test_commits_reach_the_disk(tmp_path: Path) -> None:
    db = connect(tmp_path / "x.sqlite")
    assert db.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
    assert db.execute("PRAGMA synchronous").fetchone()[0] == 2
    db.close()
