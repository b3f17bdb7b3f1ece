"""Links: the only code that touches a port, the radio or a device's network."""

from collections.abc import Callable, Sequence
from typing import Protocol

from devices.codecs import Host, Said

Deliver = Callable[[Sequence[Said]], None]
"""Takes what one device said, in order."""


class Outlet(Protocol):
    """Where what one device says goes, and what its codecs may know of the gateway."""

    host: Host
    """Its `memory` is the device's own."""

    def __call__(self, said: Sequence[Said]) -> None:
        """Take what the device said, in order."""
        ...

    async def kept(self) -> None:
        """Wait until all of it is on disk. Raises LinkError if some was given up: acknowledge nothing."""
        ...

    async def remember(self) -> None:
        """Save the memory. Raises LinkError if that fails."""
        ...


class Link(Protocol):
    """One device's connection."""

    async def run(self) -> None:
        """Until cancelled: find the device, connect, read, connect again. Never raises for its sake."""
        ...
