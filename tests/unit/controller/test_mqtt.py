"""The controller's connection ends when it is told to, whatever a library does with the cancellation."""

import asyncio

import pytest

from controller.mqtt import end_if_told_to


async def _loses_its_cancellation(started: asyncio.Event) -> str:
    started.set()
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        lost = True
    assert lost
    end_if_told_to()
    return "went on"


async def test_a_lost_cancellation_still_ends_the_task() -> None:
    started = asyncio.Event()
    task = asyncio.create_task(_loses_its_cancellation(started))
    await started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_task_that_nobody_cancelled_goes_on() -> None:
    end_if_told_to()
