"""What is to be done once runs where it is this controller's turn, and ends where it is not."""

import asyncio

import pytest

from controller.shards.duty import Duty
from tests.support.controller import eventually


class Part:
    """How often it began, and whether it runs."""

    def __init__(self) -> None:
        self.begun, self.runs = 0, False

    async def run(self) -> None:
        self.begun, self.runs = self.begun + 1, True
        try:
            await asyncio.Event().wait()
        finally:
            self.runs = False


async def test_it_runs_while_it_is_our_turn_and_again_when_it_is_again() -> None:
    duty, part = Duty(is_shared=True), Part()
    task = asyncio.ensure_future(duty.only(part.run)())
    await asyncio.sleep(0)
    assert (duty.is_mine, part.begun) == (False, 0)
    for turn in 1, 2:
        duty.turn(mine=True)
        await eventually(lambda: part.runs)
        assert part.begun == turn
        duty.turn(mine=False)
        await eventually(lambda: not part.runs)
    duty.turn(mine=True)
    await eventually(lambda: part.runs)
    task.cancel()
    await asyncio.wait((task,))
    assert not part.runs


async def test_alone_it_is_always_our_turn() -> None:
    duty, part = Duty(), Part()
    assert duty.is_mine
    assert duty.only(part.run) == part.run


async def test_what_it_raises_comes_out() -> None:
    async def fails() -> None:
        raise ValueError("the part's own")

    duty = Duty(is_shared=True)
    duty.turn(mine=True)
    with pytest.raises(ValueError, match="the part's own"):
        await duty.only(fails)()


async def test_what_begins_it_comes_first_each_time_one_after_the_other_and_only_then_it_is_ready() -> None:
    duty, told, let = Duty(is_shared=True), list[str](), asyncio.Event()
    first, second = Part(), Part()

    async def begin_first() -> None:
        told.append("first")
        await let.wait()

    async def begin_second() -> None:
        told.append("second")

    parts = duty.only(first.run, begin_first), duty.only(second.run, begin_second)
    tasks = [asyncio.ensure_future(part()) for part in parts]
    await asyncio.sleep(0)
    duty.turn(mine=True)
    await eventually(lambda: told == ["first"])
    assert (duty.is_mine, duty.is_ready, first.runs) == (True, False, False)
    let.set()
    await eventually(lambda: duty.is_ready and second.runs)
    assert told == ["first", "second"]
    let.clear()
    duty.turn(mine=False)
    duty.turn(mine=True)  # lost and had again before anybody looked: what was known is not known
    assert not duty.is_ready
    let.set()
    await eventually(lambda: duty.is_ready)
    assert told == ["first", "second"] * 2
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)


async def test_whoever_waits_hears_that_it_is_anothers_or_elsewhere() -> None:
    duty = Duty(is_shared=True)
    for change in (
        lambda: duty.at("http://c2"),
        lambda: duty.turn(mine=True),
        lambda: duty.turn(mine=False),
    ):
        waiting = asyncio.create_task(duty.news())
        await asyncio.sleep(0)
        assert not waiting.done()
        change()
        await waiting
