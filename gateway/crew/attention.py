"""What a crew does about alarms: they have seen one, the sounds pause, a limit of the patient is moved.

attention = Attention(config.vehicle, board, clock, ways)
await attention.see(number, by="kim")
await attention.pause(120, by="kim")
await attention.set_limit(stay, "hr-high", Decimal(150), by="kim")

Each says by whom, and is in the journal when it returns.
"""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from devices.model.observation import DeviceEvent, EventKind, Instant, later
from devices.model.orders import Arguments
from gateway.clock import Clock
from gateway.crew.board import Board
from gateway.errors import AlarmUnknown

MOST_PAUSE_S = 120
"""IEC 60601-1-8, 6.8.5: audio paused ends by itself."""
_MS = 1_000_000

Json = dict[str, Any]
log = logging.getLogger(__name__)


class AlarmWays(NamedTuple):
    """What is needed of the gateway."""

    say: Callable[[DeviceEvent], Awaitable[None]]
    """Into the journal. Raises NotKept."""
    acknowledge: Callable[[Arguments], Awaitable[None]]
    """Raises AlarmUnknown."""
    limits: Callable[[str], Json]
    """Whose limits hold at a bed, and which were moved (`Bedside.limits_of`)."""
    set_limit: Callable[[str, str, str, Decimal | None, str], Awaitable[None]]
    """Bed, stay, code, value (None: that of the class), by whom. Raises LimitRefused, NotKept."""


@dataclass(slots=True)
class Attention:
    """Of the crew of `vehicle`."""

    vehicle: str
    board: Board
    clock: Clock
    ways: AlarmWays
    paused_until: Instant | None = None
    _rang: int = 0

    async def see(self, number: int, by: str) -> None:
        """Somebody has seen that alarm. Raises AlarmUnknown: it is over, or not of this vehicle."""
        if number not in {one["number"] for one in self.board.alarms}:
            raise AlarmUnknown(f"alarm {number} is over")
        await self.ways.acknowledge({"alarm": number, "by": by, "crew": 1})
        log.info("%s has seen alarm %s", by, number)

    async def pause(self, seconds: int, by: str) -> None:
        """No sounds for so long, 0: from now on again. A new alarm ends it.

        Raises NotKept: it is so, and the journal does not know.
        """
        now = self.clock.now()
        self.paused_until = later(now, seconds) if seconds else None
        self._rang = self.board.rang
        log.info("%s pauses the alarms' sounds for %d s", by, seconds)
        detail = {"vehicle": self.vehicle, "seconds": seconds, "by": by}
        await self.ways.say(DeviceEvent(EventKind.PAUSE, now, detail))

    def paused(self) -> Json:
        """`until_ms`: of the box's time; None: they sound."""
        is_over = (
            self.paused_until is None
            or self.board.rang != self._rang
            or self.clock.now() >= self.paused_until
        )
        if is_over:
            self.paused_until = None
        return {"until_ms": None if self.paused_until is None else self.paused_until // _MS}

    def limits(self) -> Json:
        """Of whoever is on board: `stay`, `class`, and `moved` by code: `value` and `by` whom."""
        return self.ways.limits(self.vehicle)

    async def set_limit(self, stay: str, code: str, value: Decimal | None, by: str) -> None:
        """For the patient of `stay` an alarm begins beyond `value`. Raises LimitRefused, NotKept."""
        await self.ways.set_limit(self.vehicle, stay, code, value, by)
        log.info("%s moves the limit of %s", by, code)
