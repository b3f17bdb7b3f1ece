"""Orders for robots: the command ROBOT_ORDER, handed to whoever is the road to that robot just now.

robots = Robots(clock)                      # `robots.commands` are for `Commands`
await robots.serve("robot-1", link, host)   # runs the link; while it runs, its robot can be told something
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from devices.codecs import Host
from devices.codecs.vda5050.errors import Vda5050Error
from devices.model.orders import ROBOT_ORDER, Arguments
from gateway.clock import Clock
from gateway.errors import LinkError, OrderRefused
from gateway.links import Link
from gateway.orders.commands import Do


@runtime_checkable
class Road(Protocol):
    """A link whose device is a robot."""

    async def order(self, topic: str, text: str) -> None:
        """Hand over a message of VDA 5050. Raises OrderRefused, or LinkError: it did not go."""
        ...


@dataclass(slots=True)
class Inside:
    """The road to a robot whose vehicle is in the gateway: the codec of its base."""

    device: str
    host: Host
    clock: Clock

    async def order(self, topic: str, text: str) -> None:
        """See `Road`."""
        try:
            there = bool(self.host.robots) and self.host.robots[-1].order(topic, text, self.clock.now())
        except Vda5050Error as error:
            raise OrderRefused("not-for-robot", f"{self.device} is not told that: {error}") from error
        if not there:
            raise LinkError("not-connected", f"{self.device} is not there: it is not told to drive")


@dataclass(slots=True)
class Robots:
    """Those of this gateway. It makes no order of its own."""

    clock: Clock
    _roads: dict[str, Road] = field(default_factory=dict[str, Road])

    @property
    def commands(self) -> Mapping[str, Do]:
        """What people may ask for from afar."""
        return {ROBOT_ORDER: self._order}

    async def serve(self, device: str, link: Link, host: Host) -> None:
        """Run the link of `device`; if it leads to a robot, orders for that one take it."""
        if isinstance(link, Road):
            self._roads[device] = link
        elif host.wheeled:
            self._roads[device] = Inside(device, host, self.clock)
        try:
            await link.run()
        finally:
            self._roads.pop(device, None)

    async def _order(self, arguments: Arguments) -> None:
        """Raises OrderRefused, LinkError."""
        device = str(arguments["vehicle"])
        road = self._roads.get(device)
        if road is None:
            raise OrderRefused("no-robot", f"this gateway serves no robot {device}: is it another gateway's?")
        await road.order(str(arguments["topic"]), str(arguments["json"]))
