"""Virtual time, and processes that end between any two steps."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from hil.simulation.loop import Crash, Process, SimLoop


@pytest.fixture
def loop() -> Iterator[SimLoop]:
    made = SimLoop(1)
    asyncio.set_event_loop(made)
    yield made
    made.close()
    asyncio.set_event_loop(None)


def test_an_hour_takes_no_time(loop: SimLoop) -> None:
    """A test that really waited would be ended after two minutes."""
    loop.run_until_complete(asyncio.sleep(3600))
    assert loop.now == pytest.approx(3600, abs=1e-3)


def test_waiting_for_nothing_is_an_error_and_not_for_ever(loop: SimLoop) -> None:
    with pytest.raises(RuntimeError, match="deadlock"):
        loop.run_until_complete(loop.create_future())


def test_a_killed_process_does_nothing_more_not_even_at_its_end(loop: SimLoop) -> None:
    done: list[str] = []

    async def work() -> None:
        try:
            while True:
                done.append("step")
                await asyncio.sleep(1)
        finally:
            await asyncio.to_thread(done.append, "last words on disk")

    async def story() -> None:
        process = Process(loop, "one")
        process.start(work())
        await asyncio.sleep(2.5)
        process.kill()
        await process.ended.wait()
        await asyncio.sleep(10)

    loop.run_until_complete(story())
    assert done == ["step"] * 3


def test_a_crash_in_a_thread_ends_the_process_that_called(loop: SimLoop) -> None:
    went_on: list[int] = []

    def crash() -> None:
        raise Crash("before fdatasync")

    async def work() -> None:
        await asyncio.to_thread(crash)
        went_on.append(1)

    async def story() -> str:
        process = Process(loop, "one")
        process.start(work())
        await process.ended.wait()
        return process.why

    assert loop.run_until_complete(story()) == "before fdatasync"
    assert went_on == []


def test_calls_of_one_executor_stand_in_line(loop: SimLoop) -> None:
    order: list[int] = []
    executor = ThreadPoolExecutor(1)

    async def story() -> None:
        calls = [loop.run_in_executor(executor, order.append, n) for n in range(50)]
        await asyncio.gather(*calls)

    loop.run_until_complete(story())
    assert order == list(range(50))


def test_what_a_call_raises_comes_to_who_waits(loop: SimLoop) -> None:
    def fails() -> None:
        raise OSError("full")

    with pytest.raises(OSError, match="full"):
        loop.run_until_complete(asyncio.wait_for(_called(fails), 1))


async def _called(function: object) -> None:
    await asyncio.to_thread(function)  # type: ignore[arg-type]
