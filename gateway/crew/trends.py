"""The last day of each vital sign on board: low, high and mean of 10 s, over restarts.

trends = Trends(data / "crew", clock)
trends.heard(reading)
await trends.keep()                    # what was heard since the last time; every 10 s
await trends.read(["hr"], minutes=60)
trends.of(stay)                        # of another patient than before: nothing of that one is kept

It is a convenience, the journal is the truth: a file that is damaged is set aside and begun anew.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from devices.model.observation import Quality, Reading
from gateway.clock import Clock
from gateway.crew.trend_file import SLOT_MS, Row, TrendFile

MOST_MINUTES = 24 * 60
MOST_STEPS = 360
_NOT_NOW = Quality.STORED | Quality.TEST_DATA
_MS = 1_000_000

_R = TypeVar("_R")
log = logging.getLogger(__name__)


def _one_thread() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, "trends")


@dataclass(slots=True)
class Trends:
    """In `folder`. The disk is waited for in a thread of its own."""

    folder: Path
    clock: Clock
    _sums: dict[tuple[int, str], Row] = field(default_factory=dict[tuple[int, str], Row])
    _stay: str | None = None
    _since: int = 0
    """What was measured earlier is of somebody who left."""
    _thread: ThreadPoolExecutor = field(default_factory=_one_thread)
    _file: TrendFile = field(init=False)

    def __post_init__(self) -> None:
        self._file = TrendFile(self.folder / "trends.sqlite")

    def heard(self, reading: Reading) -> None:
        """A value of the patient on board, or of the vehicle; what is of another time does not count."""
        # Nearly always nothing is said against a value, and the flags of an enumeration are slow.
        is_now = not (reading.quality and reading.quality & _NOT_NOW)
        if reading.value is None or not is_now or reading.at < self._since:
            return
        key, value = (reading.at // _MS // SLOT_MS, reading.metric), float(reading.value)
        low, high, total, count = self._sums.get(key, (value, value, 0.0, 0))
        self._sums[key] = min(low, value), max(high, value), total + value, count + 1

    def of(self, stay: str) -> None:
        """From now on they are of this `stay`; "": nobody is on board, or nobody knows who."""
        if self._stay and stay != self._stay:
            self._sums, self._since = {}, self.clock.now()
        self._stay = stay

    async def keep(self) -> None:
        """Write down what was heard. What the disk does not take is given up, and said."""
        sums, self._sums = self._sums, {}
        clock, stay = self.clock.block_clock(), self._stay
        await self._in_thread(lambda: self._file.add(sums, clock, stay))

    async def read(self, metrics: Sequence[str], minutes: int) -> dict[str, Any]:
        """`series` by metric: [low, high, mean] of each step from `from_ms` on, None where nothing is."""
        await self.keep()
        clock = self.clock.block_clock()
        slots = -(-minutes * 60_000 // SLOT_MS)
        step_ms = -(-slots // MOST_STEPS) * SLOT_MS
        steps = -(-minutes * 60_000 // step_ms)
        end_ms = (clock.mono_us // 1000 // step_ms + 1) * step_ms
        from_ms = end_ms - steps * step_ms
        series: dict[str, list[list[float] | None]] = {metric: [None] * steps for metric in metrics}
        rows = await self._in_thread(lambda: self._file.read(clock, from_ms, step_ms, steps))
        for metric, step, low, high, total, count in rows or ():
            if metric in series:
                series[metric][step] = [low, high, round(total / count, 3)]
        return {"from_ms": from_ms, "step_ms": step_ms, "series": series}

    async def close(self) -> None:
        """The last of it, before the end."""
        await self.keep()
        await self._in_thread(self._file.close)

    async def _in_thread(self, work: Callable[[], _R]) -> _R | None:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, work)
        except OSError as error:
            log.error("%s: trends are not kept: %s", self.folder, error)
            return None
