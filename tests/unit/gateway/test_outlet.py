"""What a link hands over reaches the journal, and its device's memory the disk; else nobody is told so."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest

from devices.model.identity import device_id, location_id
from devices.model.observation import Alert, DeviceEvent, EventKind, Instant, NoValue, Reading, Record
from devices.wire.block import Lane, open_block, records_of
from gateway.alarms.technical import Alarms
from gateway.clock import SystemClock
from gateway.errors import LinkError
from gateway.gather import Gather, Who
from gateway.journal.journal import Committed, Journal
from gateway.journal.keeper import Keeper
from gateway.memory import load_memory
from gateway.outlet import DeviceOutlet
from gateway.session import Session

METER = device_id("meter-1")


@dataclass
class Rig:
    outlet: DeviceOutlet
    done: list[Committed]
    alerts: list[Alert]
    journal: Journal
    memories: Path
    measured: list[tuple[object, Record]]
    """What was looked at for alarms."""

    def records(self, lane: Lane = Lane.VITAL) -> list[object]:
        """Everything that is on disk of a lane."""
        blocks = [block for done in self.done for block in done.blocks if block.lane == lane]
        return [
            record
            for block in blocks
            for group in records_of(*open_block(block.data))
            for record in group.records
        ]


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[Rig]:
    clock, gather = SystemClock(), Gather()
    journal = Journal.open(tmp_path / "journal", b"j" * 8, 1_000_000, clock.block_clock())
    done: list[Committed] = []
    alerts: list[Alert] = []
    measured: list[tuple[object, Record]] = []

    def collect(_: Who, some: Iterable[Alert]) -> None:
        alerts.extend(some)

    keeper = Keeper(journal, gather, clock, done.append)
    session, memories = Session(METER, location_id("bed-1")), tmp_path / "devices"

    def look(who: object, record: Record) -> None:
        measured.append((who, record))

    outlet = DeviceOutlet(session, gather, keeper, clock, Alarms(), collect, memories, look)
    task = asyncio.create_task(keeper.run())
    yield Rig(outlet, done, alerts, journal, memories, measured)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await keeper.close()


def glucose(rig: Rig, value: int) -> Reading:
    return Reading("glucose", rig.outlet.clock.now(), Decimal(value))


async def test_each_value_is_looked_at_for_alarms_as_it_was_judged(rig: Rig) -> None:
    rig.outlet([glucose(rig, 92), glucose(rig, 100_000)])
    values = [(who, one.value) for who, one in rig.measured if isinstance(one, Reading)]
    assert values == [((METER, "bed-1"), 92), ((METER, "bed-1"), None)]


async def test_what_was_handed_over_is_on_disk_when_kept_returns(rig: Rig) -> None:
    rig.outlet([glucose(rig, 92), glucose(rig, 95)])
    await rig.outlet.kept()
    assert [record.value for record in rig.records() if isinstance(record, Reading)] == [92, 95]


async def test_an_impossible_value_is_judged_before_it_is_kept(rig: Rig) -> None:
    rig.outlet([glucose(rig, 9200)])
    await rig.outlet.kept()
    reading, refused = rig.records()
    assert isinstance(reading, Reading)
    assert isinstance(refused, DeviceEvent)
    assert (reading.value, reading.reason) == (None, NoValue.REJECTED)
    assert (refused.kind, refused.detail) == (EventKind.REJECTED, {"metric": "glucose", "value": "9200"})


async def test_the_alarms_hear_what_the_device_says(rig: Rig) -> None:
    rig.outlet([DeviceEvent(EventKind.DISCONNECTED, Instant(1), {"why": "silent"})])
    assert [(alert.code, alert.active) for alert in rig.alerts] == [("device-lost", True)]


async def test_a_disk_that_keeps_nothing_is_a_reason_to_acknowledge_nothing(rig: Rig) -> None:
    rig.journal.quota = 32
    rig.outlet([glucose(rig, 92)])
    with pytest.raises(LinkError, match="not told that its data are safe") as refused:
        await rig.outlet.kept()
    assert refused.value.why == "not-kept"
    assert [gap.why for done in rig.done for gap in done.gaps] == ["quota"]


async def test_a_memory_is_saved_when_it_changed_and_comes_back(rig: Rig) -> None:
    await rig.outlet.remember()
    assert not rig.memories.exists()
    rig.outlet.host.memory["sequence"] = 17
    await rig.outlet.remember()
    assert load_memory(rig.memories, METER) == {"sequence": 17}


async def test_a_memory_that_cannot_be_saved_is_a_reason_to_begin_anew(rig: Rig) -> None:
    rig.memories.write_text("a file where the folder should be")
    rig.outlet.host.memory["sequence"] = 17
    with pytest.raises(LinkError, match="check rights and space"):
        await rig.outlet.remember()


async def test_a_codec_is_told_the_wall_clock_of_the_host(rig: Rig) -> None:
    told = rig.outlet.host.local_time(rig.outlet.clock.now())
    assert told is not None
    assert abs((told - datetime.now(told.tzinfo)).total_seconds()) < 60
