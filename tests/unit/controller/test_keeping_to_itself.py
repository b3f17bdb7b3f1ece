"""A batch that is written beside other controllers' touches nothing that may be theirs."""

import pytest

from controller.ingest import Arrived, read
from devices.wire import topics
from devices.wire.messages import Birth, BirthDevice, pack_message
from tests.support.sender import Sender, reading
from tests.unit.controller.conftest import Desk


def keeps(desk: Desk, payload: bytes, what: str = "vital") -> bool:
    """Whether the batch of this one message does."""
    arrived = Arrived(topics.up("ward-a", what), payload, desk.clock.at_us)
    plan = desk.intake._planner.plan([read(arrived)], desk.clock.at_us // 1000)
    return desk.intake._writer.keeps_to_itself(plan.batch)


@pytest.fixture
async def sender(desk: Desk) -> Sender:
    """A gateway of which a block is stored; its time is known for long."""
    sender = Sender()
    await desk.take(sender.block())
    return sender


async def test_of_devices_and_series_that_are_known_it_does(desk: Desk, sender: Sender) -> None:
    assert keeps(desk, sender.block())
    assert keeps(desk, sender.pending[1, 0])


async def test_of_a_new_device_or_series_it_does_not(desk: Desk, sender: Sender) -> None:
    assert not keeps(desk, sender.block(reading(70, 1_000_000, "spo2")))
    other = Sender("ward-a", "ox-2")
    assert not keeps(desk, other.block())


async def test_of_a_birth_or_a_message_that_cannot_be_read_it_does_not(desk: Desk, sender: Sender) -> None:
    born = BirthDevice(sender.device, "nonin-xpod", None, ("hr",))
    assert not keeps(desk, pack_message(Birth(sender.journal, "test", (born,))), what="birth")
    assert not keeps(desk, b"what is this?")
    assert not keeps(desk, sender.block(), what="alert")


async def test_where_rows_get_another_time_it_does_not(desk: Desk, sender: Sender) -> None:
    desk.clock.at_us += 1_000_000
    late = sender.block(mono_us=20_000_000)  # sealed later than ours tells: the first one was late
    assert not keeps(desk, late)


async def test_where_utc_is_known_now_it_does_not(desk: Desk, sender: Sender) -> None:
    sender.utc_us = 1_790_000_000_000_000
    assert not keeps(desk, sender.block())


async def test_after_a_failure_nothing_is_known(desk: Desk, sender: Sender) -> None:
    desk.intake._writer.forget()
    assert not keeps(desk, sender.block())
