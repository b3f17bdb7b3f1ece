"""A board's page, for a program: how old what it shows as fresh truly is, while a cluster is being broken.

async with ShownFresh(address, password) as page:
    await page.sees(40)                   # so many numbers are fresh
    page.oldest_s, page.dark_s, page.problems

It does what the page's scripts do: one stream of events, begun again a second after it ended; a clock by the
quickest event (screen/clock.js); a number older than its metric's limit is shown as stale
(screen/freshness.js), and all of them as not live while nothing came for 3 s (screen/vigil.js). The true age
is told by the number itself (sims/told_time.py).
"""

import asyncio
from dataclasses import dataclass, field
from math import inf
from types import TracebackType
from typing import Any, Self

from hil.board import Board
from hil.errors import NotReady
from hil.sims.emitted import now_ns
from hil.sims.told_time import age_s
from hil.until import until
from hil.ward import NURSE

Json = dict[str, Any]
METRIC = "hr"
LIMIT_S = 10.0
"""Of that metric: what is older is shown as stale."""
DELAY_S = 0.5
"""What no page can know: how long the quickest event took, and how well clocks agree."""
_LOST_S, _RETRY_S, _LOOK_S, _PATIENCE_S = 3.0, 1.0, 0.1, 180.0
_TOLD = 5


@dataclass(slots=True)
class Page:
    """What stands on it; sans-IO. Local times are seconds of one clock."""

    values: dict[str, Json] = field(default_factory=dict[str, Json])
    session: str = ""
    _smallest_s: float = inf
    _newest_s: float = -inf

    def event(self, kind: str, data: Json, now_s: float) -> None:
        """As the page takes it."""
        if kind in ("snapshot", "registry"):
            if data["session"] != self.session:
                self._smallest_s, self._newest_s = inf, -inf
            self.session, self.values = data["session"], {}
        server_s = data["server_ms"] / 1000
        self._newest_s = max(self._newest_s, server_s)
        self._smallest_s = min(self._smallest_s, now_s - server_s)
        items = {"snapshot": "values", "registry": "values", "values": "items"}.get(kind)
        for one in data[items] if items else ():
            if one["metric"] == METRIC:
                self.values[one["device"]] = one

    def is_live(self, now_s: float) -> bool:
        """Whether it does not say of itself that its news are old."""
        return self._smallest_s < inf and now_s - self._smallest_s - self._newest_s <= _LOST_S

    def fresh(self, now_s: float) -> list[Json]:
        """The numbers that stand there as of now."""
        if not self.is_live(now_s):
            return []
        return [one for one in self.values.values() if self._is_fresh(one, now_s - self._smallest_s)]

    def _is_fresh(self, one: Json, server_s: float) -> bool:
        age = server_s - one["at_ms"] / 1000
        return one["value"] is not None and -2 <= age <= LIMIT_S


class ShownFresh:
    """See the module. `oldest_s` is the greatest true age, `dark_s` the longest time without any number."""

    def __init__(self, address: str, password: str) -> None:
        self.problems: list[str] = []
        self.oldest_s = self.dark_s = 0.0
        self.streams = self.looks = 0
        """How often events were begun, and how often it was looked."""
        self.ended = ""
        """Why a stream ended last."""
        self.ages_s: list[float] = []
        """Of what is shown as fresh, now."""
        self._page, self._board = Page(), Board(address, NURSE, password)
        self._lit_s: float | None = None

    async def __aenter__(self) -> Self:
        await self._board.__aenter__()
        self._tasks = {asyncio.create_task(self._follow()), asyncio.create_task(self._watch())}
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for task in self._tasks:
            task.cancel()
        done, _ = await asyncio.wait(self._tasks)
        await self._board.__aexit__(kind, error, trace)
        self.problems += [repr(one.exception()) for one in done if not one.cancelled() and one.exception()]

    async def sees(self, count: int) -> None:
        """Wait until so many numbers are fresh and young. Raises NotReady."""
        young = f"{count} numbers of now are on the page"
        try:
            await until(young, lambda: sum(age < LIMIT_S / 2 for age in self.ages_s) >= count, _PATIENCE_S)
        except NotReady as error:
            raise NotReady(f"{error}; the last stream ended with: {self.ended or 'nothing'}") from None

    async def _follow(self) -> None:
        now_s = asyncio.get_running_loop().time
        while True:
            self.streams += 1
            try:
                async for kind, data in self._board.events():
                    self._page.event(kind, data, now_s())
            except NotReady as error:  # the page says by itself that its news are old
                self.ended = str(error)
            await asyncio.sleep(_RETRY_S)

    async def _watch(self) -> None:
        now_s = asyncio.get_running_loop().time
        while True:
            self._look(now_s())
            await asyncio.sleep(_LOOK_S)

    def _look(self, now_s: float) -> None:
        fresh, now = self._page.fresh(now_s), now_ns()
        self.looks += 1
        self.ages_s = [age_s(one["value"], now) for one in fresh]
        if self.ages_s:
            self._lit_s = now_s
        elif self._lit_s is not None:
            self.dark_s = max(self.dark_s, now_s - self._lit_s)
        self.oldest_s = max(self.oldest_s, *self.ages_s, 0.0)
        for one, age in zip(fresh, self.ages_s, strict=True):
            if age > LIMIT_S + DELAY_S and len(self.problems) < _TOLD:
                self.problems.append(f"{one['device']}: a number of {age:.1f} s ago was shown as fresh")
