"""The journal's thread: commits on time, tries again, and ends with nothing left."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from devices.model.observation import Alert, Instant, Priority
from devices.wire.block import Lane
from gateway.clock import SystemClock
from gateway.errors import NotKept
from gateway.gather import Gather
from gateway.journal.journal import Committed, Journal
from gateway.journal.keeper import Keeper
from tests.support.waiting import until

A = b"a" * 8
WHO = (None, None)


class Rig:
    """A keeper at work, and what it committed."""

    def __init__(self, folder: Path, quota: int) -> None:
        clock = SystemClock()
        self.journal = Journal.open(folder, A, quota, clock.block_clock())
        self.gather, self.clock = Gather(), clock
        self.done: list[Committed] = []
        self.keeper = Keeper(self.journal, self.gather, clock, self.done.append)
        self.task = asyncio.create_task(self.keeper.run())

    def alert(self, lane: Lane = Lane.ALERT) -> None:
        now = self.clock.now()
        self.gather.put(lane, WHO, Alert("test", now, Priority.LOW, True), now)
        self.keeper.put_in()

    def numbers(self, lane: Lane = Lane.ALERT) -> list[int]:
        return [block.number for done in self.done for block in done.blocks if block.lane == lane]

    async def stop(self) -> None:
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[Rig]:
    # A quota so small that each block opens a new file.
    made = Rig(tmp_path, quota=32)
    yield made
    await made.stop()
    await made.keeper.close()


@pytest.fixture
async def roomy(tmp_path: Path) -> AsyncIterator[Rig]:
    made = Rig(tmp_path, quota=1_000_000)
    yield made
    await made.stop()
    await made.keeper.close()


async def test_an_alert_is_on_disk_at_once(rig: Rig) -> None:
    rig.alert()
    await until(lambda: rig.numbers() == [1], "the block")


async def test_a_quicker_lane_is_not_held_up_by_a_slower_one(rig: Rig) -> None:
    rig.alert(Lane.BULK)
    await asyncio.sleep(0)
    rig.alert()
    await until(rig.numbers, "the alert")
    assert rig.numbers(Lane.BULK) == []


async def test_what_waits_at_the_end_is_committed(rig: Rig) -> None:
    rig.alert(Lane.BULK)
    await asyncio.sleep(0)
    await rig.stop()
    assert rig.numbers(Lane.BULK) == [0]


async def test_alerts_that_the_disk_refused_are_kept_and_tried_again_by_themselves(rig: Rig) -> None:
    shutil.rmtree(rig.journal.files.folder)
    rig.alert()
    await until(lambda: rig.keeper.errors, "the disk fails")
    assert rig.journal.owes
    assert rig.numbers() == []
    rig.journal.files.folder.mkdir()
    await until(lambda: rig.numbers() == [1], "the alert is on disk after all")
    await until(lambda: not rig.journal.owes, "nothing is owed")
    found, _ = await rig.keeper.read(Lane.ALERT, A, [1])
    assert list(found) == [1]


async def test_vital_signs_that_the_disk_refused_are_a_gap(rig: Rig) -> None:
    shutil.rmtree(rig.journal.files.folder)
    rig.alert(Lane.VITAL)
    await until(lambda: any(done.gaps for done in rig.done), "the gap")
    (gap,) = [gap for done in rig.done for gap in done.gaps]
    assert (gap.lane, gap.ranges, gap.why) == (Lane.VITAL, ((0, 0),), "disk-error")
    assert gap.start > Instant(0)
    rig.journal.files.folder.mkdir()
    await until(lambda: rig.numbers() == [1], "the record of the gap")


async def test_whoever_waits_for_the_disk_does_not_wait_for_the_lane(roomy: Rig) -> None:
    roomy.alert(Lane.BULK)
    assert roomy.numbers(Lane.BULK) == []
    await roomy.keeper.kept()
    assert roomy.numbers(Lane.BULK) == [0]


async def test_what_is_put_in_while_the_disk_is_busy_is_waited_for_too(roomy: Rig) -> None:
    roomy.alert(Lane.VITAL)
    first = asyncio.ensure_future(roomy.keeper.kept())
    await asyncio.sleep(0)
    roomy.alert(Lane.VITAL)
    await roomy.keeper.kept()
    await first
    assert roomy.gather.due() is None
    assert roomy.numbers(Lane.VITAL)


async def test_whoever_waits_for_a_disk_that_refuses_is_told_so(rig: Rig) -> None:
    shutil.rmtree(rig.journal.files.folder)
    rig.alert(Lane.VITAL)
    with pytest.raises(NotKept, match="refused a block"):
        await rig.keeper.kept()
    rig.journal.files.folder.mkdir()


async def test_whoever_waits_for_what_the_quota_gives_up_at_once_is_told_so(rig: Rig) -> None:
    rig.alert(Lane.WAVE)
    with pytest.raises(NotKept, match="quota is used"):
        await rig.keeper.kept()
    assert [gap.why for done in rig.done for gap in done.gaps] == ["quota"]


async def test_whoever_waits_when_there_is_nothing_to_keep_is_answered(rig: Rig) -> None:
    async with asyncio.timeout(10):
        await rig.keeper.kept()


async def test_a_waiting_device_is_answered_when_the_gateway_stops(roomy: Rig) -> None:
    roomy.alert(Lane.BULK)
    waiting = asyncio.ensure_future(roomy.keeper.kept())
    await asyncio.sleep(0)
    await roomy.stop()
    await waiting
    assert roomy.numbers(Lane.BULK) == [0]
