"""Tells the crew of a vehicle what a city answers of the traffic lights ahead.

    cab = Cab(store, clock)
    await cab.tell("amb-1", corridor.shown("amb-1"))       # each second: it speaks when there is news

What is unchanged is said again before the box forgets it (`devices.model.lights.HOLDS_S`), and no more often:
each is a signed command of its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from controller.clock import Clock
from controller.crew.said import say
from controller.identity.certificates import By
from controller.registry import CONTROLLER
from controller.store import Store
from devices.model.lights import HOLDS_S, Light, spoken
from devices.model.orders import CORRIDOR

AGAIN_US = HOLDS_S * 1_000_000 * 2 // 3
_NOTHING = spoken([])


@dataclass(slots=True)
class Cab:
    """Of all vehicles."""

    store: Store
    clock: Clock
    _said: dict[str, tuple[str, int]] = field(default_factory=dict[str, tuple[str, int]])
    """By vehicle, what was said last, and when."""

    async def tell(self, vehicle: str, shown: Sequence[dict[str, Any]]) -> None:
        """`shown`: as `Corridor.shown` has it, the nearest first. Raises StoreError."""
        lights, now_us = spoken(Light(one["name"], one["status"]) for one in shown), self.clock.now_us()
        before, at_us = self._said.get(vehicle, (_NOTHING, now_us))
        if lights == before and (lights == _NOTHING or now_us - at_us < AGAIN_US):
            return
        self._said[vehicle] = lights, now_us
        by, utc_us = By(CONTROLLER), self.clock.utc_us()
        what = {"lights": lights}
        await self.store.write(lambda db: say(db, vehicle, CORRIDOR, what, by, utc_us=utc_us))
