"""Readers of the event stream that are slow, or stop: no burden, and cut off for good reasons only."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from controller.api import events
from hil.faults.slow_reader import Reader, ended, gaps, signed_in, unsent_bytes
from tests.support.controller import PASSWORD, RunningController
from tests.support.waiting import until

WAVE = bytes(8000)


@asynccontextmanager
async def reading(controller: RunningController, *slow: Reader) -> AsyncIterator[Reader]:
    """A reader that takes all, beside `slow` ones, while a wave of 11 kB comes each 20 ms."""
    cookie = await signed_in(controller.address, "viewer", PASSWORD)
    good = Reader(controller.address, cookie)
    for reader in slow:
        reader.address, reader.cookie = controller.address, cookie

    async def speak() -> None:
        while True:
            controller.wave("ox-1", WAVE)
            await asyncio.sleep(0.02)

    async with asyncio.timeout(60):
        tasks = [asyncio.create_task(reader.run()) for reader in (good, *slow)]
        tasks.append(asyncio.create_task(speak()))
        yield good
        await ended(tasks)


def slow(rate: float | None = None, stops_after: float = float("inf")) -> Reader:
    return Reader("", "", rate, stops_after)


async def test_a_reader_that_takes_nothing_is_cut_off_and_resumes_without_a_gap(
    controller: RunningController, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "STALLED_S", 0.5)
    stopped = slow(stops_after=30_000)
    async with reading(controller, stopped) as good:
        await until(lambda: stopped.cuts["reset"], "it is cut off")
        stopped.stops_after = float("inf")
        await until(lambda: stopped.connections > 1 and len(stopped.shown) > 20, "it is back")
        seen = good.shown[-1].number
        await until(lambda: stopped.shown[-1].number >= seen, "it has caught up")
    assert gaps(stopped.shown, good.shown) == []
    assert good.connections == 1


async def test_a_slow_reader_that_takes_something_is_not_cut_off_for_that(
    controller: RunningController, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "STALLED_S", 0.5)
    trickling = slow(rate=20_000)
    async with reading(controller, trickling) as good:
        await until(lambda: trickling.taken > 60_000, "it has taken some for longer than that")
        assert good.taken > 2 * trickling.taken
    assert trickling.connections == 1


async def test_what_slow_readers_do_not_take_does_not_wait_in_the_kernel(
    controller: RunningController,
) -> None:
    readers = [slow(rate=1000) for _ in range(10)]
    async with reading(controller, *readers) as good:
        await until(lambda: good.taken > 2_500_000, "much has been sent")
        assert 0 < unsent_bytes(controller.port) < 10 * 150_000


async def test_a_reader_that_is_too_far_behind_is_cut_off_and_gets_a_snapshot(
    controller: RunningController, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("controller.events.REMEMBERED", 50)
    trickling = slow(rate=20_000)
    async with reading(controller, trickling) as good:
        await until(lambda: trickling.cuts["reset"], "it is cut off")
        trickling.rate = None
        await until(lambda: trickling.connections > 1, "it is back")
        seen = good.shown[-1].number
        await until(lambda: trickling.shown[-1].number >= seen, "it has caught up")
    assert [one.kind for one in trickling.shown].count("snapshot") > 1
    assert gaps(trickling.shown, good.shown) == []
