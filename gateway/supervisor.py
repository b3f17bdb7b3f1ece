"""Keeps the parts of a gateway running: one that fails is reported, counted and started again.

parts = Supervisor(clock)
await parts.keep("uplink", uplink.run)      # for ever
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from gateway.clock import Clock
from gateway.links.backoff import Backoff

_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.5, 30.0
_STEADY_NS = 60_000_000_000
"""A part that ran this long had recovered: if it fails again, that is a new story."""

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Supervisor:
    """Of one gateway."""

    clock: Clock
    failures: Counter[str] = field(default_factory=Counter[str])
    """How often each part failed."""

    async def keep(
        self,
        name: str,
        part: Callable[[], Awaitable[None]],
        failed: Callable[[Exception], None] = lambda _: None,
    ) -> None:
        """Run `part` for ever: whatever it raises is reported, and it is started again."""
        backoff = Backoff(_FIRST_WAIT_S, _LONGEST_WAIT_S)
        while True:
            began = self.clock.now()
            try:
                await part()
            except Exception as error:
                log.exception("%s failed and is started again", name)
                self.failures[name] += 1
                failed(error)
            if self.clock.now() - began > _STEADY_NS:
                backoff.reset()
            await asyncio.sleep(backoff.failed())
