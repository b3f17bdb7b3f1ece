"""Controllers that write blocks at the same time: whoever goes on from the greatest id misses nothing."""

import asyncio
import re
import sqlite3
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from controller.history import rollup
from controller.imaging.plugins.registry import PLUGINS
from controller.imaging.plugins.results_source import ResultsSource
from controller.ingest import Arrived, read
from controller.lake import building
from controller.shards.guard import Alone
from controller.store import Store
from devices.model.metrics import METRICS
from devices.wire import topics
from tests.support.postgres import SERVERS
from tests.support.sender import Sender, reading
from tests.support.statements import statements
from tests.unit.controller.conftest import Desk

pytestmark = pytest.mark.xdist_group("postgresql")
_WAITS = """SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"""
_UNDER_WAY = "SELECT 1 FROM pg_sleep(0.02)"  # a transaction that asks nothing for 3 s is ended
_EVENT = """INSERT INTO device_event (stream, number, place, boot, mono_us, at_us, gateway, kind, detail)
VALUES (1, 1, 0, 1, 0, 0, ?, 'lab-result', '{"patient": "P-1"}')"""
_GREATEST = re.compile(r"max\((\w+\.)?id\).*\bFROM (observation|waveform|device_event|alert|attachment)\b")
ASKING = {
    "controller.crew.follower._LAST": "the writer",
    "controller.history.retention": "the writer",
    "controller.history.rollup._WAITING": "read_settled; elsewhere only how many wait",
    "controller.inventory.seen._AFTER": "what is not rolled up yet is looked at in any case",
    "controller.imaging.plugins.results_source._LAST": "settled",
    "controller.robots.service._LAST": "read_settled",
    "controller.store.latest": "of one device, which has one gateway",
    "controller.store.restamp._SAVE": "its own rows have later ids than all that it sees",
}
"""Who asks for the greatest id of what is taken in, and why what is under way is not missed."""

_NAMES = [metric.name for metric in METRICS.values() if metric.is_continuous][:30]


class Fenced(Alone):
    """Each test gives every controller gateways of its own, as leases would."""

    is_fenced = True


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    """A database of the test's own, with our schema."""
    yield SERVERS.of(tmp_path / "postgresql")


@pytest.fixture
async def desks(url: str, tmp_path: Path) -> AsyncIterator[tuple[Desk, Desk]]:
    """Two controllers; what their gateways measure is known to both."""
    made = [Desk(await Store.open(url, folder=tmp_path)) for _ in range(2)]
    for desk in made:
        desk.intake._guard = Fenced()
        await desk.load()
    yield made[0], made[1]
    for desk in made:
        await desk.store.close()


class Held:
    """A transaction of `store` beside others that has done `work` and is not committed until `go`."""

    def __init__(self, store: Store, work: Callable[[sqlite3.Connection], Any]) -> None:
        self._may, self._done = threading.Event(), asyncio.Event()
        loop = asyncio.get_running_loop()

        def held(db: sqlite3.Connection) -> None:
            work(db)
            loop.call_soon_threadsafe(self._done.set)
            while not self._may.is_set():
                db.execute(_UNDER_WAY).fetchall()

        self._task = asyncio.create_task(store.write(held, beside_others=True))

    async def begun(self) -> None:
        await self._done.wait()

    async def go(self) -> None:
        self._may.set()
        await self._task


@asynccontextmanager
async def out_of_order(
    first: Store, second: Store, work: Callable[[sqlite3.Connection, str], Any]
) -> AsyncIterator[Held]:
    """The first does its `work` before the second, and is still to be committed when that is."""
    held = Held(first, lambda db: work(db, "ward-a"))
    try:
        await held.begun()
        await second.write(lambda db: work(db, "ward-b"), beside_others=True)
        yield held
    finally:
        await held.go()


async def waits(url: str, task: asyncio.Future[Any]) -> None:
    """Until somebody waits for the writers' lock; `task` must not be done by then."""
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as db:
        while (await (await db.execute(_WAITS)).fetchone()) == (0,):
            assert not task.done()
            await asyncio.sleep(0.02)


async def seen_of(url: str, held: Held, reader: Awaitable[Any]) -> Any:
    """What `reader` says, who has to wait for the one that is `held`."""
    task = asyncio.ensure_future(reader)
    await waits(url, task)
    await held.go()
    return await task


def event(db: sqlite3.Connection, gateway: str) -> None:
    db.execute(_EVENT, (gateway,))


async def taken(desk: Desk, sender: Sender, *blocks: bytes) -> None:
    """As one batch."""
    topic = topics.up(sender.gateway, "vital")
    await desk.intake._settle([read(Arrived(topic, block, desk.clock.at_us)) for block in blocks])


async def both_known(desks: tuple[Desk, Desk]) -> tuple[Sender, Sender]:
    senders = Sender("ward-a", "ox-a"), Sender("ward-b", "ox-b")
    for desk, sender in zip(desks, senders, strict=True):
        for _ in range(3):
            await taken(desk, sender, sender.block())
    return senders


def test_whoever_asks_for_the_greatest_id_was_looked_at() -> None:
    found = {name for name, sql in statements() if _GREATEST.search(" ".join(sql.split()))}
    unknown = {name for name in found if not name.startswith(tuple(ASKING))}
    assert unknown == set()
    assert len(found) >= len(ASKING) - 1  # the pattern still finds them


async def test_who_wrote_last_may_commit_first_and_a_plain_reader_of_the_greatest_id_misses_the_other(
    desks: tuple[Desk, Desk],
) -> None:
    one, other = (desk.store for desk in desks)
    async with out_of_order(one, other, event) as held:
        assert await desks[0].rows("SELECT id, gateway FROM device_event") == [(2, "ward-b")]
        await held.go()
    assert await desks[0].rows("SELECT id FROM device_event ORDER BY id") == [(1,), (2,)]


async def test_who_goes_on_from_the_greatest_id_waits_for_lower_ones(
    url: str, desks: tuple[Desk, Desk]
) -> None:
    one, other = (desk.store for desk in desks)
    newest = "SELECT max(id) AS id, count(*) AS many FROM device_event"
    async with out_of_order(one, other, event) as held:
        [row] = await seen_of(url, held, other.read_settled(newest))
    assert (row["id"], row["many"]) == (2, 2)


async def test_a_plugin_is_asked_of_each_result(url: str, desks: tuple[Desk, Desk]) -> None:
    one, other = (desk.store for desk in desks)
    source = ResultsSource(url, tuple(PLUGINS.values()))
    after, _ = await source.new(None)
    async with out_of_order(one, other, event) as held:
        last, new = await seen_of(url, held, source.new(after))
    assert (last, [job.subject["event"] for job in new]) == (2, [1, 2])


async def test_rollups_and_the_lake_have_each_reading(
    url: str, desks: tuple[Desk, Desk], tmp_path: Path
) -> None:
    senders = {one.gateway: one for one in await both_known(desks)}
    await rollup.add_new(desks[0].store)
    writers = dict(zip(senders, desks, strict=True))

    def block(db: sqlite3.Connection, gateway: str) -> None:
        desk = writers[gateway]
        arrived = Arrived(topics.up(gateway, "vital"), senders[gateway].block(), desk.clock.at_us)
        plan = desk.intake._planner.plan([read(arrived)], desk.clock.at_us // 1000)
        assert desk.intake._writer.keeps_to_itself(plan.batch)
        desk.intake._writer.write(db, plan.batch)

    one, other = (desk.store for desk in desks)
    async with out_of_order(one, other, block) as held:
        await seen_of(url, held, rollup.add_new(other))
    lake = tmp_path / "lake"
    async with out_of_order(one, other, block) as held:
        written = await seen_of(url, held, asyncio.to_thread(building.write, url, lake, 0))
    await rollup.add_new(other)
    assert await desks[0].rows("SELECT count(*) FROM observation") == [(10,)]
    assert await desks[0].rows("SELECT sum(readings) FROM rollup") == [(10,)]
    assert written.rows == 10


async def test_a_lease_changes_hands_only_when_nothing_is_under_way_by_it(
    url: str, desks: tuple[Desk, Desk]
) -> None:
    one, other = (desk.store for desk in desks)
    held = Held(one, lambda db: event(db, "ward-a"))
    await held.begun()
    take = asyncio.ensure_future(
        other.write(lambda db: db.execute("UPDATE shard_lease SET token = token + 1"))
    )
    await waits(url, take)
    await held.go()
    await take


async def test_two_controllers_take_in_side_by_side_what_is_new_to_both(desks: tuple[Desk, Desk]) -> None:
    """The same device at two gateways: each of its series is one, and every block is there once."""
    beside: list[bool] = []
    for desk in desks:
        write = desk.store.write

        async def counted(work: Any, *, beside_others: bool = False, write: Any = write) -> Any:
            beside.append(beside_others)
            return await write(work, beside_others=beside_others)

        desk.store.write = counted  # type: ignore[method-assign]
    senders = Sender("ward-a", "ox"), Sender("ward-b", "ox")

    async def all_of(desk: Desk, sender: Sender) -> None:
        for number in range(40):
            names = _NAMES[number // 4 * 3 :][:3]  # new to both at about the same time
            records = [reading(70, 10_000_000 + number, name) for name in names]
            await taken(desk, sender, sender.block(*records))

    taking = [asyncio.ensure_future(all_of(*one)) for one in zip(desks, senders, strict=True)]
    while not all(one.done() for one in taking):
        await rollup.add_new(desks[0].store)
    await asyncio.gather(*taking)
    await rollup.add_new(desks[0].store)
    assert await desks[0].rows("SELECT count(*) FROM series") == [(30,)]
    assert await desks[0].rows("SELECT count(*) FROM quarantine") == [(0,)]
    assert await desks[0].rows("SELECT first, last FROM ledger") == [(0, 39), (0, 39)]
    assert await desks[0].rows("SELECT count(*), count(DISTINCT id) FROM observation") == [(240, 240)]
    assert await desks[0].rows("SELECT sum(readings) FROM rollup") == [(240,)]
    assert True in beside
    assert False in beside
