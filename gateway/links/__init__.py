"""Links: the only code that touches a port or the radio."""

from collections.abc import Callable, Sequence
from typing import Protocol

from devices.codecs import Said

Deliver = Callable[[Sequence[Said]], None]
"""Takes what one device said, in order."""


class Link(Protocol):
    """One device's connection."""

    async def run(self) -> None:
        """Until cancelled: find the device, connect, read, connect again. Never raises for its sake."""
        ...
