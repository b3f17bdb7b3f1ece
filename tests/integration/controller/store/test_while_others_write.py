"""The schema changes while another controller takes in blocks: nothing is lost, nothing fails meanwhile."""

import asyncio
import importlib
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import psycopg
import pytest

from controller.store import Store
from controller.store.postgres import patience
from controller.store.postgres.indexes import made_beside
from controller.store.where import being_made, connect
from tests.support.controller import eventually
from tests.support.postgres import SERVERS
from tests.support.sender import Sender
from tests.unit.controller.conftest import Desk

_WAITS = """SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'DROP INDEX%'
AND datname = current_database()"""

pytestmark = pytest.mark.xdist_group("postgresql")
migrate = importlib.import_module("controller.store.migrate")  # the package has a function of that name
OLD_ROWS = 20_000
_OLD = f"""INSERT INTO observation (stream, number, place, boot, mono_us, at_us, series, value, quality)
SELECT 1, n / 20, n % 20, 1, n, n, 1, n, 0 FROM generate_series(0, {OLD_ROWS - 1}) AS n"""
_TWICE = "SELECT stream, number, place FROM observation GROUP BY 1, 2, 3 HAVING count(*) > 1"
_COLUMN = "ALTER TABLE observation ADD COLUMN made_up INTEGER; CREATE TABLE made_up (id INTEGER PRIMARY KEY);"
_INDEX = "CREATE INDEX observation_made_up ON observation (made_up, series);"


class Ward:
    """A controller that takes in one block after the other, on a store of its own."""

    def __init__(self, store: Store) -> None:
        self.desk, self.sender = Desk(store), Sender()
        self.taken, self.stops = 0, False

    async def run(self) -> None:
        """Until it is told to stop."""
        await self.desk.load()
        while not self.stops:
            await self.desk.take(self.sender.block())
            self.taken += 1

    async def some_more(self) -> None:
        """Until it has taken more blocks."""
        enough = self.taken + 3
        while self.taken < enough:  # noqa: ASYNC110 - it is the other controller's work
            await asyncio.sleep(0.01)

    async def kept_all(self) -> None:
        """Every block is here once, and nothing ever failed."""
        rows = self.desk.rows
        stream = "SELECT id FROM stream WHERE gateway = 'ward-a'"
        count = f"SELECT count(*) FROM observation WHERE stream = ({stream})"
        assert await rows(count) == [(self.sender.next[1],)]
        assert await rows(f"SELECT first, last FROM ledger WHERE stream = ({stream})") == [
            (0, self.sender.next[1] - 1)
        ]
        assert await rows(_TWICE) == []
        assert await rows("SELECT count(*) FROM quarantine") == [(0,)]
        assert self.desk.store.failed == 0


@asynccontextmanager
async def at_work(url: str, folder: Path) -> AsyncIterator[Ward]:
    store = await Store.open(url, folder=folder)
    ward = Ward(store)
    running = asyncio.create_task(ward.run())
    try:
        await ward.some_more()
        yield ward
    finally:
        ward.stops = True
        try:
            await running
            await ward.kept_all()
        finally:
            await store.close()


def undivided(monkeypatch: pytest.MonkeyPatch) -> str:
    """The URL of a store from before there were parts, with rows in it."""
    url = SERVERS.new("undivided", "template0")
    with monkeypatch.context() as patch:
        patch.setattr(migrate, "in_parts", lambda db: None)
        db = connect(url)
        with being_made(db, url):
            migrate.migrate(db)
    db.execute("INSERT INTO series (device, bed, metric) VALUES ('ox-9', NULL, 'hr')")
    db.execute("INSERT INTO stream VALUES (1, x'0000000000000000', 1, 'ward-b', 1000, 0)")
    db.execute("INSERT INTO ledger VALUES (1, 'committed', 0, 999)")
    db.execute("SELECT setval(pg_get_serial_sequence('stream', 'id'), 1)")
    db.execute(_OLD)
    db.close()
    return url


async def test_a_store_from_before_gets_its_parts_while_blocks_come_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "PAUSE_S", 0.05)
    url = await asyncio.to_thread(undivided, monkeypatch)
    with monkeypatch.context() as patch:
        patch.setattr(migrate, "in_parts", lambda db: None)  # this one is of before, too
        old = at_work(url, tmp_path)
        ward = await old.__aenter__()
    with psycopg.connect(url) as reader:
        reader.execute("SELECT count(*) FROM observation")  # holds what the change needs
        newer = asyncio.create_task(Store.open(url, folder=tmp_path))
        await ward.some_more()
        assert not newer.done()
    store = await newer
    await ward.some_more()
    assert [row["name"] for row in await store.read("SELECT * FROM parts('observation')")] == [
        *("observation_p0", "observation_p1", "observation_p2"),
    ]
    kept = f"SELECT count(*) FROM observation_p0 WHERE stream = 1 AND id <= {OLD_ROWS}"
    assert (await store.read(kept))[0][0] == OLD_ROWS
    await store.close()
    await old.__aexit__(None, None, None)


async def test_a_migration_adds_a_column_and_an_index_while_blocks_come_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "PAUSE_S", 0.05)
    url = SERVERS.of(tmp_path / "postgresql")
    async with at_work(url, tmp_path) as ward:
        known = {**migrate.migrations(), 998: ("998-column.sql", _COLUMN), 999: ("999-index.sql", _INDEX)}
        monkeypatch.setattr(migrate, "migrations", lambda _package: known)
        with psycopg.connect(url) as reader:
            reader.execute("SELECT count(*) FROM observation")
            newer = asyncio.create_task(Store.open(url, folder=tmp_path))
            await ward.some_more()
            assert not newer.done()
        store = await newer
        await ward.some_more()
        [row] = await store.read(
            "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass('observation_made_up')"
        )
        assert row[0] == 1
        assert await store.read("SELECT 1 FROM observation WHERE made_up IS NOT NULL") == []
        await store.close()


def test_a_change_that_never_gets_its_turn_is_given_up_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "PAUSE_S", 0.01)
    monkeypatch.setattr(patience, "TRIES", 2)
    url = SERVERS.of(tmp_path / "postgresql")
    known = {**migrate.migrations(), 998: ("998-column.sql", _COLUMN)}
    monkeypatch.setattr(migrate, "migrations", lambda _package: known)
    with psycopg.connect(url) as reader:
        reader.execute("SELECT count(*) FROM observation")
        db = connect(url)
        with pytest.raises(sqlite3.OperationalError, match="lock timeout"):
            migrate.migrate(db)
        assert db.execute("SELECT 1 FROM migration WHERE number = 998").fetchall() == []
        assert db.execute("SELECT to_regclass('made_up') IS NULL").fetchone()[0] == 1
    migrate.migrate(db)
    assert db.execute("SELECT count(made_up) FROM observation").fetchone()[0] == 0
    db.close()


def test_an_index_that_an_earlier_try_left_unfinished_is_made_anew(tmp_path: Path) -> None:
    db = connect(SERVERS.of(tmp_path / "postgresql"))
    script = "CREATE UNIQUE INDEX ward_name ON ward (name);"
    db.executemany("INSERT INTO ward VALUES (?, ?)", [("w-1", "same"), ("w-2", "same")])
    with pytest.raises(sqlite3.IntegrityError):
        made_beside(db, script)
    is_valid = "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass('ward_name')"
    assert db.execute(is_valid).fetchone()[0] == 0
    db.execute("UPDATE ward SET name = id")
    assert made_beside(db, script)
    assert db.execute(is_valid).fetchone()[0] == 1
    assert not made_beside(db, f"{script}\nALTER TABLE ward ADD COLUMN more INTEGER;")
    db.close()


def _waits(url: str) -> bool:
    """Whether the old index is being taken away, and waits for who reads."""
    with psycopg.connect(url, autocommit=True) as db:
        found = db.execute(_WAITS).fetchone()
    return found is not None


async def test_an_index_that_was_left_unfinished_is_made_anew_while_blocks_come_in_and_somebody_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "PAUSE_S", 0.05)
    url = SERVERS.of(tmp_path / "postgresql")

    def made() -> bool:
        db = connect(url)
        try:
            return made_beside(db, "CREATE INDEX observation_again ON observation (number, series);")
        finally:
            db.close()

    async with at_work(url, tmp_path) as ward:
        with psycopg.connect(url, autocommit=True) as earlier:
            earlier.execute("CREATE INDEX observation_again ON ONLY observation (number, series)")
        with psycopg.connect(url) as reader:
            reader.execute("SELECT count(*) FROM observation")  # for as long as an export takes
            making = asyncio.create_task(asyncio.to_thread(made))
            await eventually(lambda: _waits(url))
            async with asyncio.timeout(8):
                await ward.some_more()
            assert not making.done()
        assert await making
        is_valid = "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass('observation_again')"
        assert await ward.desk.rows(is_valid) == [(1,)]
