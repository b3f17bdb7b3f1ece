"""Accesses that come together share a transaction; none is answered before it is on the disk."""

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from controller.audit.entry import REFUSED, Entry
from controller.audit.trail import MOST_UNWRITTEN, Trail
from controller.audit.verify import verify
from controller.errors import StoreError
from controller.store import Store
from controller.store.beside import reading
from tests.unit.controller.conftest import TestClock


class CountingStore(Store):
    """Counts its transactions, and can be told that the disk is full."""

    transactions = 0
    is_full = False

    async def write(self, work):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN201
        self.transactions += 1
        if self.is_full:
            return await super().write(_full)
        return await super().write(work)


def _full(db: sqlite3.Connection) -> None:
    """Ask for more than the file may grow: SQLite says SQLITE_FULL, as on a full disk."""
    if not isinstance(db, sqlite3.Connection):
        db.execute("DO 'BEGIN RAISE disk_full; END'")
    db.execute("PRAGMA max_page_count = 1")
    try:
        db.execute("CREATE TABLE filler (x)")
        db.execute("INSERT INTO filler VALUES (zeroblob(1000000))")
    finally:
        db.execute("PRAGMA max_page_count = 1073741823")


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[CountingStore]:
    made = await Store.open(tmp_path / "wardlink.sqlite")
    await made.close()
    opened = CountingStore(made.where, tmp_path)
    yield opened
    await opened.close()


async def told(store: Store) -> list[str]:
    return [
        json.loads(row[0])["entity"] for row in await store.read("SELECT entry FROM audit ORDER BY number")
    ]


async def test_what_was_recorded_is_in_the_database_when_record_returns(store: CountingStore) -> None:
    trail = Trail(store, TestClock())
    await trail.record(
        Entry("bed", "nurse", "bed/1", patient="P1"), Entry("bed", "nurse", "bed/1", patient="P2")
    )
    rows = await store.read("SELECT patient, utc_us FROM audit ORDER BY number")
    assert [tuple(row) for row in rows] == [("P1", TestClock().utc_us()), ("P2", TestClock().utc_us())]


async def test_a_thousand_accesses_at_once_are_few_transactions_and_one_whole_chain(
    store: CountingStore,
) -> None:
    trail = Trail(store, TestClock())
    await asyncio.gather(*(trail.record(Entry("bed", "nurse", f"bed/{n}")) for n in range(1000)))
    assert store.transactions < 20
    assert await told(store) == [f"bed/{n}" for n in range(1000)]
    with reading(store.where) as db:
        assert verify(db).is_whole


async def test_a_disk_that_is_full_is_said_to_whoever_waits_and_later_works_again(
    store: CountingStore,
) -> None:
    trail = Trail(store, TestClock())
    store.is_full = True
    results = await asyncio.gather(
        *(trail.record(Entry("bed", "nurse", f"bed/{n}")) for n in range(3)), return_exceptions=True
    )
    assert all(isinstance(result, StoreError) for result in results)
    store.is_full = False
    await trail.record(Entry("bed", "nurse", "bed/9"))
    assert await told(store) == ["bed/9"]


async def test_refusals_wait_for_a_disk_that_is_full_and_are_written_in_order(store: CountingStore) -> None:
    trail = Trail(store, TestClock())
    store.is_full = True
    for n in range(5):
        trail.note(Entry("bed", "nurse", f"bed/{n}", REFUSED))
        await asyncio.sleep(0.01)
    store.is_full = False
    await trail.record(Entry("bed", "nurse", "bed/9"))
    assert await told(store) == ["bed/0", "bed/1", "bed/2", "bed/3", "bed/4", "bed/9"]


async def test_refusals_that_are_too_many_to_keep_are_counted(store: CountingStore) -> None:
    trail = Trail(store, TestClock())
    store.is_full = True
    for _ in range(MOST_UNWRITTEN + 7):
        trail.later(Entry("events-closed", "nurse"))
    await asyncio.sleep(0.05)
    store.is_full = False
    await trail.record(Entry("bed", "nurse"))
    rows = await store.read("SELECT entry FROM audit WHERE action = 'entries-dropped'")
    assert [json.loads(row[0])["detail"] for row in rows] == [{"count": 7}]


async def test_stopping_writes_what_is_left_and_the_counts(store: CountingStore) -> None:
    trail = Trail(store, TestClock())
    for _ in range(3):
        trail.note(Entry("login", "nurse", outcome=REFUSED))
    trail.later(Entry("events-closed", "nurse"))
    await trail.stop()
    rows = [json.loads(row[0]) for row in await store.read("SELECT entry FROM audit ORDER BY number")]
    assert [row["action"] for row in rows] == ["login", "events-closed", "login"]
    assert rows[2]["detail"] == {"more": 2}


async def test_someone_who_goes_away_meanwhile_is_recorded_all_the_same(store: CountingStore) -> None:
    trail = Trail(store, TestClock())
    task = asyncio.create_task(trail.record(Entry("bed", "nurse", "bed/1")))
    await asyncio.sleep(0)
    task.cancel()
    await trail.record(Entry("bed", "nurse", "bed/2"))
    assert await told(store) == ["bed/1", "bed/2"]
