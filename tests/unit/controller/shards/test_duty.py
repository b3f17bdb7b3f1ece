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
