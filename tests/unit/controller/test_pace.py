"""What comes soon after a batch waits for company; an alert does not, nor does a full batch."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from controller.ingest import Arrived
from controller.intake import BATCH_MESSAGES, PACE_S
from devices.model.observation import Alert, Instant, Priority
from devices.wire import topics
from devices.wire.block import Lane
from tests.support.sender import Sender, until
from tests.unit.controller.conftest import Desk

NEVER_S = 3600.0


@asynccontextmanager
async def taking(desk: Desk, pace_s: float) -> AsyncIterator[Sender]:
    """Its intake runs, and has just taken the first block of the sender."""
    desk.intake._pace_s, desk.intake._began_s = pace_s, -pace_s
    task, sender = asyncio.create_task(desk.intake.run()), Sender()
    try:
        offer(desk, sender.block())
        await until(lambda: desk.sent)
        yield sender
    finally:
        task.cancel()


def offer(desk: Desk, payload: bytes, what: str = "vital") -> None:
    desk.intake.offer(Arrived(topics.up("ward-a", what), payload, desk.clock.at_us))


def alert() -> Alert:
    return Alert("sensor-off", Instant(10_000_000_000), Priority.HIGH, True)


def writes(desk: Desk) -> int:
    """Transactions so far."""
    return sum(desk.store.writes.counts)


async def stored(desk: Desk) -> int:
    return len(await desk.rows("SELECT 1 FROM observation"))


async def test_the_first_message_after_a_while_is_stored_at_once(desk: Desk) -> None:
    async with taking(desk, NEVER_S):
        assert await stored(desk) == 1


async def test_the_next_ones_wait_for_each_other_and_share_a_transaction(desk: Desk) -> None:
    async with taking(desk, NEVER_S) as sender:
        before = writes(desk)
        for _ in range(5):
            offer(desk, sender.block())
            await asyncio.sleep(0)
        assert desk.intake.waiting[0] == 5
        offer(desk, sender.block(alert(), lane=Lane.ALERT), "alert")
        await until(lambda: desk.intake.waiting[0] == 0 and writes(desk) > before)
        assert (await stored(desk), writes(desk) - before) == (6, 1)


async def test_an_alert_does_not_wait(desk: Desk) -> None:
    async with taking(desk, NEVER_S) as sender:
        offer(desk, sender.block(alert(), lane=Lane.ALERT), "alert")
        await until(lambda: desk.hub.snapshot()["alerts"])


async def test_a_full_batch_does_not_wait(desk: Desk) -> None:
    async with taking(desk, NEVER_S) as sender:
        full = int(BATCH_MESSAGES * desk.intake._share)
        for _ in range(full - 1):
            offer(desk, sender.block())
        await asyncio.sleep(0)
        assert desk.intake.waiting[0] == full - 1
        offer(desk, sender.block())
        await until(lambda: desk.intake.waiting[0] == 0)


async def test_what_nobody_keeps_company_with_is_stored_when_the_pace_is_over(desk: Desk) -> None:
    async with taking(desk, PACE_S) as sender:
        offer(desk, sender.block())
        await until(lambda: len(desk.sent) == 2)
        assert await stored(desk) == 2


@pytest.mark.parametrize("lane", [Lane.VITAL, Lane.WAVE, Lane.BULK])
async def test_blocks_of_other_lanes_press_nobody(desk: Desk, lane: Lane) -> None:
    async with taking(desk, NEVER_S) as sender:
        offer(desk, sender.block(lane=lane), topics.LANES[lane])
        assert not desk.intake._presses
