"""A lane leaves a broker at which no controller is, and one that is not the best once a better one serves."""

import asyncio

import pytest

from devices.model.observation import Instant
from gateway import company
from gateway.company import Company
from gateway.errors import Unreachable
from gateway.rotation import Rotation

TWO = ("mqtts://a:8883", "mqtts://b:8883")


async def no(_url: str) -> bool:
    return False


async def yes(_url: str) -> bool:
    return True


class Here:
    """What is true just now."""

    def __init__(self, *, here: bool, anywhere: bool) -> None:
        self.here, self.anywhere, self.asked = here, anywhere, 0
        self._wanted, self._reached = 0, asyncio.Event()

    async def until_asked(self, times: int) -> None:
        self._wanted = times
        self._reached.clear()
        await self._reached.wait()

    def company(self, rotation: Rotation, now_s: int = 0) -> Company:
        def is_here() -> bool:
            self.asked += 1
            if self.asked >= self._wanted:
                self._reached.set()
            return self.here

        return Company(rotation, is_here, lambda: self.anywhere, lambda: Instant(now_s * 1_000_000_000))


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(company, "_LOOK_S", 0.01)
    monkeypatch.setattr(company, "_BETTER_EVERY", 2)


async def test_where_no_controller_comes_it_goes_on_and_waits_longer_at_the_next() -> None:
    rotation, here = Rotation(TWO, "x", patience_s=0.095), Here(here=False, anywhere=True)
    with pytest.raises(Unreachable, match="no controller is at this broker"):
        await here.company(rotation).keep(no)
    assert here.asked == 10
    assert rotation.patience_s == 0.19


async def test_one_that_says_that_the_controller_is_gone_is_left_sooner() -> None:
    rotation, here = Rotation(TWO, "x", patience_s=0.19), Here(here=True, anywhere=True)
    keeping = asyncio.create_task(here.company(rotation).keep(no))
    await here.until_asked(3)
    rotation.patience_s, here.here, here.asked = 0.19, False, 0
    with pytest.raises(Unreachable):
        await keeping
    assert here.asked == 4


async def test_while_the_controller_is_nowhere_every_lane_stays_where_it_is() -> None:
    rotation, here = Rotation(TWO, "x", patience_s=0.05), Here(here=False, anywhere=False)
    keeping = asyncio.create_task(here.company(rotation).keep(no))
    await here.until_asked(20)
    assert not keeping.done()
    keeping.cancel()


async def test_a_better_one_is_gone_to_once_it_serves() -> None:
    rotation, here = Rotation(TWO, "x"), Here(here=True, anywhere=True)
    best = rotation.now(Instant(0))
    rotation.failed(Instant(0))
    keeping = asyncio.create_task(here.company(rotation, 40).keep(no))
    await here.until_asked(7)
    assert not keeping.done()
    keeping.cancel()
    with pytest.raises(Unreachable, match="serves again"):
        await here.company(rotation, 4000).keep(yes)
    rotation.failed(Instant(0))
    assert rotation.now(Instant(0)) == best
