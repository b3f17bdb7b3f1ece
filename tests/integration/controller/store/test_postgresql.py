"""The store on PostgreSQL: servers that go and come, answers that are lost, databases that are refused."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import psycopg
import pytest

from controller.errors import StoreError, Unknown, Unstorable
from controller.store import Store
from controller.store.beside import Beside
from hil.postgres import Server
from hil.prepare import quiet_port
from tests.support.lost_answers import Way
from tests.support.postgres import SERVERS
from tests.support.sender import Sender
from tests.support.statements import refusal, statements
from tests.unit.controller.conftest import Desk

pytestmark = pytest.mark.xdist_group("postgresql")
_NEW = "INSERT INTO ward VALUES (?, ?)"


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    """A database of the test's own, with our schema."""
    yield SERVERS.of(tmp_path / "postgresql")


@asynccontextmanager
async def opened(url: str, folder: Path) -> AsyncIterator[Store]:
    store = await Store.open(url, folder=folder)
    try:
        yield store
    finally:
        await store.close()


@pytest.fixture
async def store(url: str, tmp_path: Path) -> AsyncIterator[Store]:
    async with opened(url, tmp_path) as store:
        yield store


async def count(store: Store, table: str = "ward") -> int:
    return (await store.read(f"SELECT count(*) FROM {table}"))[0][0]


async def add(store: Store, name: str) -> None:
    await store.write(lambda db: db.execute(_NEW, (name, name)))


def test_every_statement_of_the_controller_is_taken(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as db:
        told = dict(statements())
        refused = {name: why for name, one in told.items() if (why := refusal(db, one))}
    assert len(told) > 500
    assert refused == {}


async def test_rows_are_as_sqlites(store: Store) -> None:
    await add(store, "w-1")
    [row] = await store.read("SELECT id, name AS called, 1 = 1 AS yes, sum(3) AS three FROM ward GROUP BY id")
    assert (row["called"], row["yes"], row["three"], row[0]) == ("w-1", 1, 3, "w-1")
    assert row.keys() == ["id", "called", "yes", "three"]
    with pytest.raises(IndexError):
        row["other"]


async def test_a_text_with_nul_is_refused_and_who_asks_for_one_finds_nothing(store: Store) -> None:
    with pytest.raises(Unstorable):
        await add(store, "w\0")
    assert store.failed == 0
    await add(store, "w-1")
    assert await store.read("SELECT * FROM ward WHERE id = ?", ("w\0",)) == []


async def test_numbers_are_cut_off_and_not_rounded(store: Store) -> None:
    query = "SELECT CAST(1.9 AS INTEGER), CAST(-1.9 AS INTEGER), CAST('7' AS INTEGER), CAST(? AS INTEGER)"
    [row] = await store.read(query, (2.5,))
    assert tuple(row) == (1, -1, 7, 2)


async def test_two_controllers_writers_take_turns(url: str, store: Store, tmp_path: Path) -> None:
    def more(db: sqlite3.Connection) -> None:
        (known,) = db.execute("SELECT value FROM meta WHERE key = 'registry'").fetchone()
        db.execute("UPDATE meta SET value = ? WHERE key = 'registry'", (known + 1,))

    async with opened(url, tmp_path) as other:
        await asyncio.gather(*(one.write(more) for _ in range(20) for one in (store, other)))
    assert (await store.read("SELECT value FROM meta WHERE key = 'registry'"))[0][0] == 40


async def test_what_is_read_beside_is_of_one_moment_and_can_be_ended(url: str, store: Store) -> None:
    loop = asyncio.get_running_loop()
    begun, beside = asyncio.Event(), Beside(url)

    def look(db: sqlite3.Connection) -> int:
        before = len(db.execute("SELECT * FROM ward").fetchall())
        asyncio.run_coroutine_threadsafe(add(store, "later"), loop).result(30)
        return len(db.execute("SELECT * FROM ward").fetchall()) - before

    assert await beside.read(look) == 0
    assert await count(store) == 1

    def long(db: sqlite3.Connection) -> None:
        loop.call_soon_threadsafe(begun.set)
        db.execute("SELECT pg_sleep(600)")

    reading = asyncio.create_task(beside.read(long))
    await begun.wait()
    while not reading.done():
        beside.stop()
        await asyncio.sleep(0.05)
    with pytest.raises(StoreError, match="interrupted"):
        await reading


async def test_what_only_reads_cannot_write(url: str, store: Store) -> None:
    with pytest.raises(StoreError, match="read-only"):
        await store.read("INSERT INTO ward VALUES ('w-1', 'x') RETURNING id")
    with pytest.raises(StoreError, match="read-only"):
        await Beside(url).read(lambda db: db.execute("INSERT INTO ward VALUES ('w-1', 'x')"))


async def test_a_server_that_was_killed_is_an_error_and_once_it_is_back_the_store_goes_on(
    tmp_path: Path,
) -> None:
    with Server.made(quiet_port(), durable=False) as server:
        async with opened(server.database("wardlink"), tmp_path) as store:
            await add(store, "w-1")
            server.kill()
            with pytest.raises(StoreError):
                await add(store, "w-2")
            with pytest.raises(StoreError):
                await count(store)
            server.start()
            await add(store, "w-3")
            assert [row["id"] for row in await store.read("SELECT id FROM ward ORDER BY id")] == [
                "w-1",
                "w-3",
            ]


async def test_a_connection_that_was_cut_between_transactions_is_not_missed(url: str, store: Store) -> None:
    with psycopg.connect(url, autocommit=True) as db:
        db.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
    await add(store, "w-1")
    assert await count(store) == 1


async def test_a_server_that_lacks_what_was_written_last_is_believed(url: str, store: Store) -> None:
    desk, sender = Desk(store), Sender()
    await desk.load()
    await desk.take(sender.block(), sender.block())
    with psycopg.connect(url, autocommit=True) as db:  # as a standby that was not synchronous
        for table in ("observation", "ledger", "stream", "journal", "boot", "series"):
            db.execute(f"DELETE FROM {table}".encode())
        db.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
    await desk.take(sender.block())
    whole = """SELECT stream.produced, series.metric FROM observation JOIN stream ON stream.id = stream
    JOIN series ON series.id = series JOIN boot ON boot.id = observation.boot"""
    assert await desk.rows(whole) == [(3, "hr")]


async def test_a_connection_that_is_cut_within_a_transaction_leaves_nothing_of_it(
    url: str, store: Store
) -> None:
    def cut(db: sqlite3.Connection) -> None:
        db.execute(_NEW, ("w-1", "x"))
        (pid,) = db.execute("SELECT pg_backend_pid()").fetchone()
        with psycopg.connect(url, autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(%s)", (pid,))
        db.execute(_NEW, ("w-2", "y"))

    with pytest.raises(StoreError):
        await store.write(cut)
    await add(store, "w-3")
    assert [row["id"] for row in await store.read("SELECT id FROM ward")] == ["w-3"]


@pytest.fixture
async def way(url: str) -> AsyncIterator[Way]:
    made = Way(SERVERS.server.port)
    yield made
    made.close()


def through(way: Way, url: str) -> str:
    return f"postgresql://postgres@127.0.0.1:{way.port}/{url.rpartition('/')[2]}"


async def test_an_answer_to_a_commit_that_is_lost_is_asked_for_again(
    way: Way, url: str, tmp_path: Path
) -> None:
    async with opened(through(way, url), tmp_path) as store:
        way.lose = "after"
        await add(store, "w-1")
        assert (way.lost, await count(store)) == (1, 1)
        way.lose = "before"
        with pytest.raises(StoreError):
            await add(store, "w-2")
        assert (way.lost, await count(store)) == (2, 1)


@pytest.mark.parametrize(("when", "held"), [("after", True), ("before", False)])
async def test_whether_a_commit_holds_is_unknown_until_the_server_can_be_asked(
    way: Way, url: str, tmp_path: Path, when: str, held: bool
) -> None:
    async with opened(through(way, url), tmp_path) as store:
        way.lose = f"{when} for good"
        with pytest.raises(Unknown) as unknown:
            await add(store, "w-1")
        with pytest.raises(StoreError):
            await store.settled(unknown.value)
        way.open_again()
        await add(store, "w-2")  # another transaction in between changes nothing of it
        assert await store.settled(unknown.value) is held
        assert (way.lost, await count(store)) == (1, 1 + held)


@pytest.mark.parametrize("when", ["after", "before", "after for good", "before for good"])
async def test_a_block_whose_commit_was_not_answered_is_stored_once(
    way: Way, url: str, tmp_path: Path, when: str
) -> None:
    async with opened(through(way, url), tmp_path) as store:
        desk, sender = Desk(store), Sender()
        await desk.load()
        await desk.take(sender.block())
        way.lose = when
        taking = asyncio.create_task(desk.take(sender.block()))
        assert await asyncio.to_thread(way.was_lost.wait, 60)
        way.open_again()
        await taking
        await desk.take(sender.block())
        assert (await count(store, "observation"), await count(store, "quarantine")) == (3, 0)
        assert [tuple(row) for row in await store.read("SELECT first, last FROM ledger")] == [(0, 2)]


async def test_a_database_that_sorts_otherwise_is_refused(tmp_path: Path) -> None:
    with psycopg.connect(SERVERS.server.url(), autocommit=True) as db:
        db.execute("DROP DATABASE IF EXISTS otherwise")
        db.execute(
            "CREATE DATABASE otherwise TEMPLATE template0 ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C'"
        )
    with pytest.raises(StoreError, match="expected LC_COLLATE 'C' and UTF8, got C and SQL_ASCII"):
        await Store.open(SERVERS.server.url("otherwise"), folder=tmp_path)


async def test_a_database_that_is_not_there_is_told_how_to_make(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="CREATE DATABASE wardlink TEMPLATE template0"):
        await Store.open(SERVERS.server.url("nowhere"), folder=tmp_path)


async def test_a_server_that_does_not_answer_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"127\.0\.0\.1:1/x"):
        await Store.open("postgresql://postgres@127.0.0.1:1/x", folder=tmp_path)


async def test_an_older_release_leaves_the_functions_of_a_newer_one_as_they_are(
    url: str, tmp_path: Path
) -> None:
    of_newer = "CREATE OR REPLACE FUNCTION hex(a bytea) RETURNS text LANGUAGE sql AS 'SELECT ''newer'''"
    with psycopg.connect(url, autocommit=True) as db:
        db.execute(of_newer)
        db.execute("INSERT INTO migration VALUES (999, '999-newer.sql')")
        for _ in range(2):  # started again, as systemd does
            with pytest.raises(StoreError, match=r"migrations \[999\]"):
                await Store.open(url, folder=tmp_path)
        assert db.execute("SELECT hex('')").fetchone() == ("newer",)
