"""Green lights for vehicles with the siren on: asks the city once a second, and keeps what it answers.

    corridor = green_lights(config.arrivals, **parts)
    await corridor.run()                       # until cancelled
    corridor.heard("wl/1/city/ssm/amb-1", payload)
    corridor.shown("amb-1")                    # for the arrivals board and the crew

Requests are published on `wl/1/city/srm/VEHICLE` as `priority.py` makes them, answers come on
`wl/1/city/ssm/VEHICLE`. Neither is kept or sent again: the next second brings the next. A request whose time
has passed is over for an adapter that hears nothing more.
"""

import asyncio
import json
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from controller.arrivals.cab import Cab
from controller.arrivals.position import position
from controller.arrivals.priority import Asking, read_status
from controller.arrivals.streets import StreetMap, read_map
from controller.arrivals.topics import ANSWERS, REQUESTS
from controller.arrivals.vehicles import Vehicles
from controller.clock import Clock
from controller.hub import Hub
from controller.registry import Registry
from controller.sections import ArrivalsSection
from controller.store import Store

EVERY_S = 1.0
SIREN = "siren-on"
"""The STATUS of a node for digital inputs."""

When = Literal["siren", "always", "never"]
Publish = Callable[[str, bytes], None]
"""Takes a topic and a payload."""

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Corridor:
    """Without approaches in the map, nothing is asked for."""

    vehicles: Vehicles
    registry: Registry
    hub: Hub
    clock: Clock
    streets: StreetMap
    when: When
    publish: Publish
    cab: Cab | None = None
    """Tells the crews what the city answers."""
    _asking: dict[str, Asking] = field(default_factory=dict[str, Asking])

    @property
    def is_used(self) -> bool:
        """Whether there is anything to ask for."""
        return bool(self.streets.approaches) and self.when != "never"

    async def run(self) -> None:
        """Ask, until cancelled. Raises StoreError."""
        while True:
            if self.is_used:
                await self.look()
            await asyncio.sleep(EVERY_S)

    async def look(self) -> None:
        """Say what is to be said now, of every vehicle."""
        names = await self.vehicles.names()
        for name in {*names, *self._asking}:
            asking = self._asking.setdefault(name, Asking(name, self.streets.approaches))
            if name in names and self._is_on_a_run(name):
                track = await self.vehicles.track(name)
                message = asking.look(position(track, self.clock.now_us()), self.clock.utc_us())
            else:
                message = asking.end(self.clock.utc_us())
            if message is not None:
                self.publish(REQUESTS + name, json.dumps(message).encode())
            if self.cab is not None:
                await self.cab.tell(name, self.shown(name))

    def heard(self, topic: str, payload: bytes) -> None:
        """Take what the city answers. What is no answer, or to nobody here, is told in the log."""
        told = read_status(payload)
        if told is None:
            log.warning("%s: expected a SignalStatusMessage as JSON: see the city's adapter", topic)
            return
        asking = self._asking.get(topic.removeprefix(ANSWERS))
        taken = [asking.answered(one) for one in told] if asking else []
        if not any(taken):
            log.info("%s: it answers nothing that was asked", topic)

    def shown(self, vehicle: str) -> list[dict[str, Any]]:
        """What was asked for, the nearest first; times in milliseconds of the controller's scale."""
        asking = self._asking.get(vehicle)
        ahead_us = self.clock.utc_us() - self.clock.now_us()
        held = sorted(asking.asked.values() if asking else (), key=lambda one: one.at_us)
        return [
            {
                "intersection": one.approach.intersection,
                "approach": one.approach.approach,
                "name": one.approach.name,
                "at_ms": (one.at_us - ahead_us) // 1000,
                "status": one.status or "asked",
            }
            for one in held
        ]

    def _is_on_a_run(self, vehicle: str) -> bool:
        if self.when == "always":
            return True
        here = (one for one in self.registry.devices if self.registry.bed_of(one) == vehicle)
        return any(self._has_siren_on(self.hub.device_held(one)) for one in here)

    @staticmethod
    def _has_siren_on(device: Any) -> bool:
        """A node that is not connected says nothing any more."""
        return device.get("connected") is True and device.get("status", {}).get(SIREN) == 1


def green_lights(
    config: ArrivalsSection | None,
    *,
    store: Store,
    registry: Registry,
    hub: Hub,
    clock: Clock,
    publish: Publish,
) -> Corridor:
    """As the configuration has it. Raises ConfigError: the map cannot be read."""
    vehicles = Vehicles(store, registry, clock)
    streets, when = read_map(config and config.map), config.priority if config else "never"
    return Corridor(vehicles, registry, hub, clock, streets, when, publish, Cab(store, clock))
