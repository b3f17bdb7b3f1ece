"""Keeps history in order beside the intake: rolls up what arrived, drops what is old, in small steps.

Between two steps the writer is free for the next batch of blocks, so none waits for more than one step.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from functools import partial

from controller.clock import Clock
from controller.errors import StoreError
from controller.history import parts, retention, rollup
from controller.sections import HistorySection
from controller.store import Store

EVERY_S = 5.0
PAUSE_S, DROP_PAUSE_S = 0.02, 0.05
HOUR_US = 3_600_000_000
STEPS_A_ROUND = 20
"""Steps of dropping, of each kind, before what arrived meanwhile is rolled up."""

Step = Callable[[], Awaitable[int]]

log = logging.getLogger(__name__)


class Keeper:
    """`run()` works until cancelled; `keep` says for how many days; `others` drop what is not history, a step
    at a time, and say how many."""

    def __init__(
        self, store: Store, clock: Clock, keep: HistorySection, others: Mapping[str, Step] | None = None
    ) -> None:
        self._others = others or {}
        self._store = store
        self._clock = clock
        self._keep = keep
        self._marked_us = clock.now_us()
        self._may_drop = True
        self._failing = False

    async def run(self) -> None:
        """A round every few seconds. A store that fails is tried again: nothing depends on the moment."""
        while True:
            try:
                await self.round()
                self._failing = False
            except StoreError as error:
                if not self._failing:
                    log.error("history stands still until the store works again: %s", error)
                self._failing = True
            more = self._may_drop and not self._failing
            await asyncio.sleep(DROP_PAUSE_S if more else EVERY_S)

    async def round(self) -> None:
        """Bring rollups up to date, then drop some of what is old. Raises StoreError."""
        await self.roll_up()
        await parts.make_ahead(self._store, "observation", self._keep.reading_days)
        await parts.make_ahead(self._store, "waveform", self._keep.waveform_days)
        now_us = self._clock.now_us()
        if now_us - self._marked_us >= HOUR_US:
            await retention.mark_hour(self._store, now_us // 1000, self._keep)
            self._marked_us = now_us
            self._may_drop = True
        if self._may_drop:
            self._may_drop = await self._drop()

    async def roll_up(self) -> None:
        """Until every observation that is in the store now is in its minute. Raises StoreError."""
        for step in (rollup.add_new, rollup.mend):
            more = True
            while more:
                more = await step(self._store)
                await asyncio.sleep(PAUSE_S)

    async def _drop(self) -> bool:
        """Returns whether there is more to drop now."""
        keep, now_ms = self._keep, self._clock.now_us() // 1000
        dropped: Counter[str] = Counter()
        kinds = (
            ("readings", retention.drop_observations, keep.reading_days),
            ("waveforms", retention.drop_waveforms, keep.waveform_days),
            ("rollups", retention.drop_rollups, keep.rollup_days),
            ("robots' positions", retention.drop_robots, keep.robot_days),
        )
        steps = {name: partial(step, self._store, days, now_ms) for name, step, days in kinds}
        more = False
        for name, step in {**steps, **self._others}.items():
            for _ in range(STEPS_A_ROUND):
                count = await step()
                dropped[name] += count
                if count == 0:
                    break
                await asyncio.sleep(DROP_PAUSE_S)
            else:
                more = True
        if told := ", ".join(f"{count} {name}" for name, count in dropped.items() if count):
            log.info("dropped for their age: %s", told)
        return more
