"""Of a gateway that says that it is as it was, the time is written now and then; what is news, at once."""

import asyncio
import sqlite3

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controller.errors import StoreError
from controller.ingest import Arrived, read
from controller.store import Store
from controller.store.blocks import BlockWriter
from controller.store.known import SELDOM_MS
from devices.wire import topics
from devices.wire.block import BlockClock, Lane, Sync
from devices.wire.messages import GatewayState, pack_message
from tests.support.sender import Sender
from tests.unit.controller.conftest import START_US, Desk

FIRST_MS = START_US // 1000


def state(
    sender: Sender, at_us: int, waiting: int = 0, sync: Sync = Sync.UNSET, produced: int | None = None
) -> bytes:
    """What `sender` says of itself at its monotonic time."""
    numbers = tuple(sender.next) if produced is None else (0, produced, 0, 0)
    utc_us = None if sync == Sync.UNSET else START_US
    clock = BlockClock(sender.boot, at_us, utc_us, sync, None)
    oldest = (None, 1_000 if waiting else None, None, None)
    return pack_message(GatewayState(True, sender.journal, clock, numbers, (0, waiting, 0, 0), oldest, {}))


class Quiet:
    """A gateway of which a block is stored, and that has said once how it is."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.sender, self.passed_us = desk, Sender(), 10_000_000

    async def begin(self) -> None:
        await self.desk.take(self.sender.block())
        await self.says(after_s=1)

    async def says(
        self, after_s: float, waiting: int = 0, sync: Sync = Sync.UNSET, produced: int | None = None
    ) -> None:
        self._later(after_s)
        await self.desk.take(state(self.sender, self.passed_us, waiting, sync, produced), what="state")

    async def sends(self, after_s: float) -> None:
        self._later(after_s)
        await self.desk.take(self.sender.block(mono_us=self.passed_us))

    def _later(self, seconds: float) -> None:
        self.passed_us += int(seconds * 1e6)
        self.desk.clock.at_us += int(seconds * 1e6)

    async def told_s(self) -> list[float]:
        """When each journal last told what waits, as stored, seconds after the test's beginning."""
        rows = await self.desk.rows("SELECT told_ms FROM journal ORDER BY heard_ms, told_ms")
        return [(told_ms - FIRST_MS) / 1000 for (told_ms,) in rows if isinstance(told_ms, int)]


@pytest.fixture
async def quiet(desk: Desk) -> Quiet:
    quiet = Quiet(desk)
    await quiet.begin()
    return quiet


async def test_as_it_was_is_written_when_the_last_time_is_ten_seconds_old(quiet: Quiet) -> None:
    seen: list[float] = []
    for _ in range(SELDOM_MS // 1000 + 1):
        await quiet.says(after_s=1)
        seen += await quiet.told_s()
    assert seen == [1.0] * (SELDOM_MS // 1000 - 1) + [11.0] * 2


async def test_that_more_or_less_waits_is_written_at_once(quiet: Quiet) -> None:
    await quiet.says(after_s=1, waiting=3)
    assert await quiet.told_s() == [2.0]
    await quiet.says(after_s=1, waiting=0)
    assert await quiet.told_s() == [3.0]


async def test_that_its_clock_is_set_now_is_written_at_once(quiet: Quiet) -> None:
    await quiet.says(after_s=1, sync=Sync.NETWORK)
    assert await quiet.told_s() == [2.0]


async def test_that_more_was_produced_is_written_at_once_so_that_what_is_missing_is_known(
    quiet: Quiet,
) -> None:
    await quiet.says(after_s=1, produced=5)
    assert await quiet.desk.rows("SELECT produced FROM stream WHERE lane = 1") == [(5,)]


async def test_with_a_block_the_time_is_written(quiet: Quiet) -> None:
    await quiet.sends(after_s=1)
    assert await quiet.desk.rows("SELECT heard_ms FROM journal") == [(FIRST_MS + 2_000,)]
    assert await quiet.desk.rows("SELECT measured_us FROM boot") == [(START_US + 2_000_000,)]


async def test_of_a_quiet_boot_what_is_measured_is_written_every_ten_seconds(quiet: Quiet) -> None:
    for _ in range(SELDOM_MS // 1000 + 1):
        await quiet.says(after_s=1)
    [(measured_us,)] = await quiet.desk.rows("SELECT measured_us FROM boot")
    assert measured_us == START_US + 10_000_000  # it was, first, with the block


async def test_a_gateway_that_begins_another_journal_is_known_by_it_at_once(quiet: Quiet) -> None:
    first, quiet.sender = quiet.sender, Sender()
    await quiet.says(after_s=1)
    quiet.sender = first
    await quiet.says(after_s=1)
    assert await quiet.told_s() == [2.0, 3.0]


async def test_after_a_write_that_failed_all_of_it_is_written(quiet: Quiet) -> None:
    desk, block = quiet.desk, quiet.sender.block(mono_us=quiet.passed_us)
    plan = desk.intake._planner.plan(
        [read(Arrived(topics.up("ward-a", "vital"), block, desk.clock.at_us))], 0
    )

    def fails(db: sqlite3.Connection) -> None:
        desk.intake._writer.write(db, plan.batch)
        raise sqlite3.OperationalError("the disk is full")

    with pytest.raises(StoreError, match="the disk is full"):
        await desk.store.write(fails)
    assert desk.intake._writer._known.streams[quiet.sender.journal, Lane.VITAL][1] == 2
    desk.intake._writer.forget()
    await desk.store.write(lambda db: desk.intake._writer.write(db, plan.batch))
    assert await desk.rows("SELECT produced FROM stream WHERE lane = 1") == [(2,)]


messages = st.lists(
    st.tuples(st.booleans(), st.integers(0, 3), st.sampled_from([1, 1, 1, 4])), min_size=1, max_size=25
)


@given(messages)
@settings(deadline=None)
def test_a_writer_that_remembers_leaves_what_one_that_does_not_leaves_but_for_times(
    tmp_path_factory: pytest.TempPathFactory, said: list[tuple[bool, int, int]]
) -> None:
    assert asyncio.run(left(tmp_path_factory, said, forgets=False)) == asyncio.run(
        left(tmp_path_factory, said, forgets=True)
    )


async def left(
    folder: pytest.TempPathFactory, said: list[tuple[bool, int, int]], *, forgets: bool
) -> tuple[object, ...]:
    """Of a gateway that sends blocks (True) and states with so much waiting, each so many seconds later."""
    store = await Store.open(folder.mktemp("store") / "wardlink.sqlite")
    try:
        desk = Desk(store)
        await desk.load()
        quiet = Quiet(desk)
        quiet.sender.journal, quiet.sender.boot = b"journal.", b"boot" * 4
        for is_block, waiting, after_s in said:
            if forgets:
                desk.intake._writer = BlockWriter()
            await (quiet.sends(after_s) if is_block else quiet.says(after_s, waiting=waiting))
        tables = (
            "SELECT id, journal, lane, gateway, produced, resent FROM stream ORDER BY id",
            "SELECT * FROM ledger ORDER BY stream, first",
            "SELECT number, mono_us, at_us, value FROM observation ORDER BY id",
            "SELECT journal, gateway, boot, sync, waiting FROM journal",
            "SELECT boot, gateway, offset_us, knots FROM boot",
        )
        return tuple([await desk.rows(table) for table in tables])
    finally:
        await store.close()
