"""Deliveries that robots carry keep step with their transports, and transports with what was withdrawn.

rides = Rides(robots, prescriptions)
await rides.run()                   # until cancelled
await rides.look()                  # once

All of it follows from rows (controller/prescriptions/riding.py): a kill at any moment loses nothing, the next
look finds it.
"""

import asyncio
import logging
from collections.abc import Mapping

from controller.errors import Conflict, NotFound
from controller.identity.certificates import By
from controller.prescriptions.model import Priority as RxPriority
from controller.prescriptions.riding import Ride
from controller.prescriptions.service import Prescriptions
from controller.robots.service import Robots
from controller.robots.transports import Priority

EVERY_S = 0.5
PRIORITIES: Mapping[RxPriority, int] = {
    "routine": Priority.MEDICINES,
    "urgent": Priority.SAMPLES,
    "asap": Priority.SAMPLES,
    "stat": Priority.BLOOD,
}
"""A transport's, by the prescription's."""

log = logging.getLogger(__name__)


class Rides:
    """Of one controller. At its start it looks at all that is open, then at what has changed."""

    def __init__(self, robots: Robots, prescriptions: Prescriptions) -> None:
        self._robots = robots
        self._prescriptions = prescriptions
        self._seen: dict[str, Ride] = {}

    async def run(self) -> None:
        """Until cancelled. Raises StoreError."""
        while True:
            await self.look()
            await asyncio.sleep(EVERY_S)

    async def look(self) -> None:
        """Once. Raises StoreError."""
        found = await self._prescriptions.riding.open()
        for ride in found:
            if ride.not_wanted:
                await self._cancel(ride)
            if ride != self._seen.get(ride.transport):
                await self._follow(ride)
        self._seen = {one.transport: one for one in found}

    async def _follow(self, ride: Ride) -> None:
        rx = await self._prescriptions.riding.follow(ride.transport)
        if rx is not None:
            self._prescriptions.tell(rx)

    async def _cancel(self, ride: Ride) -> None:
        try:
            await self._robots.cancel(ride.transport, By("controller", why=ride.not_wanted))
        except (Conflict, NotFound) as error:
            log.info("%s is over meanwhile: %s", ride.transport, error)
