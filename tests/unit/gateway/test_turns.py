"""Lanes connect one by one over a slow path, the most urgent one first; over any other all at once."""

import asyncio
from contextlib import suppress

import pytest

from devices.wire.block import Lane
from gateway.turns import Turns

URL, OTHER = "mqtts://controller:8883", "mqtts://slice:8883"


async def connect(turns: Turns, lane: Lane, said: list[str], url: str = URL, error: bool = False) -> None:
    async with turns.turn(url, lane):
        said.append(f"{lane.name} begins")
        for _ in range(5):
            await asyncio.sleep(0)
        said.append(f"{lane.name} ends")
        if error:
            raise ConnectionError


async def test_over_a_slow_path_the_most_urgent_of_those_that_wait_is_next() -> None:
    turns, said = Turns(one_by_one=True), list[str]()
    await asyncio.gather(
        *(connect(turns, lane, said) for lane in (Lane.ALERT, Lane.BULK, Lane.WAVE, Lane.VITAL))
    )
    assert said == [f"{lane.name} {what}" for lane in Lane for what in ("begins", "ends")]


async def test_over_any_other_path_nobody_waits() -> None:
    turns, said = Turns(), list[str]()
    await asyncio.gather(*(connect(turns, lane, said) for lane in Lane))
    assert [line.split()[1] for line in said] == ["begins"] * len(Lane) + ["ends"] * len(Lane)


async def test_who_goes_to_another_address_waits_for_nobody_here() -> None:
    turns, said = Turns(one_by_one=True), list[str]()
    await asyncio.gather(connect(turns, Lane.ALERT, said), connect(turns, Lane.WAVE, said, OTHER))
    assert said[:2] == ["ALERT begins", "WAVE begins"]


@pytest.mark.parametrize("how", ["fails", "is cancelled"])
async def test_a_lane_that_does_not_get_there_lets_the_next_one_go(how: str) -> None:
    turns, said = Turns(one_by_one=True), list[str]()
    first = asyncio.create_task(connect(turns, Lane.ALERT, said, error=True))
    await asyncio.sleep(0)
    second = asyncio.create_task(connect(turns, Lane.WAVE, said))
    await asyncio.sleep(0)
    assert said == ["ALERT begins"]
    if how == "is cancelled":
        first.cancel()
    with suppress(asyncio.CancelledError, ConnectionError):
        await first
    await second
    assert said[-1] == "WAVE ends"
