"""Boxes that wait for their claim in the local network: they announce `_wardlink-gw._tcp` (RFC 6763).

waiting = WaitingBoxes()
async with waiting.watched(["10.0.0.5"]): ...     waiting.boxes() -> [Box(serial, address), ...]

Anyone in that network can announce anything, so what comes only fills in a form: it is checked, and of too
many the first are kept.
"""

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from zeroconf import IPVersion, ServiceListener, Zeroconf
from zeroconf.asyncio import AsyncServiceBrowser, AsyncServiceInfo, AsyncZeroconf

SERVICE = "_wardlink-gw._tcp.local."
MOST = 64
"""Boxes that are kept."""
NO_PAGE = 9
"""The port (RFC 863) that is announced by a box without a page that others reach."""
_RESOLVE_MS = 3000
_SERIAL = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,39}")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Box:
    """One that waits."""

    serial: str
    """The number that stands on it."""
    address: str
    """HOST:PORT of its own page; "" has none."""


def box_of(info: AsyncServiceInfo) -> Box | None:
    """What an announcement says; None when it is none of a gateway's."""
    serial = info.decoded_properties.get("serial") or ""
    addresses = info.parsed_addresses()
    if not _SERIAL.fullmatch(serial) or not addresses or not info.port:
        return None
    host = f"[{addresses[0]}]" if ":" in addresses[0] else addresses[0]
    return Box(serial, "" if info.port == NO_PAGE else f"{host}:{info.port}")


class WaitingBoxes(ServiceListener):
    """Those that are announced now."""

    def __init__(self) -> None:
        self._boxes: dict[str, Box] = {}
        self._resolving: dict[str, asyncio.Task[None]] = {}

    def boxes(self) -> list[Box]:
        """By serial number."""
        return sorted(set(self._boxes.values()), key=lambda box: (box.serial, box.address))

    @asynccontextmanager
    async def watched(self, interfaces: Sequence[str]) -> AsyncIterator[None]:
        """Listen on `interfaces` (their addresses) inside the block.

        Where multicast is impossible that is logged: a claim can still be made without it.
        """
        try:
            network = _network(interfaces) if interfaces else None
        except OSError as error:
            log.warning("cannot look for gateways on %s: %s", ", ".join(interfaces), error)
            network = None
        if network is None:
            yield
            return
        browser = AsyncServiceBrowser(network.zeroconf, SERVICE, listener=self)
        try:
            yield
        finally:
            await browser.async_cancel()
            for task in self._resolving.values():
                task.cancel()
            await network.async_close()
            self._boxes.clear()

    def add_service(self, zc: Zeroconf, type_: str, name: str) -> None:
        """A box appeared; what it says of itself is asked for."""
        if name in self._resolving or (name not in self._boxes and self._is_full()):
            return
        task = asyncio.create_task(self._resolve(zc, name))
        self._resolving[name] = task
        task.add_done_callback(lambda _: self._resolving.pop(name, None))

    def update_service(self, zc: Zeroconf, type_: str, name: str) -> None:
        """A box says something else of itself than before."""
        self.add_service(zc, type_, name)

    def remove_service(self, zc: Zeroconf, type_: str, name: str) -> None:
        """A box waits no longer."""
        self._boxes.pop(name, None)
        if task := self._resolving.get(name):
            task.cancel()

    def _is_full(self) -> bool:
        return len(self._boxes) + len(self._resolving) >= MOST

    async def _resolve(self, zeroconf: Zeroconf, name: str) -> None:
        info = AsyncServiceInfo(SERVICE, name)
        if await info.async_request(zeroconf, _RESOLVE_MS) and (box := box_of(info)):
            self._boxes[name] = box


def _network(interfaces: Sequence[str]) -> AsyncZeroconf:
    return AsyncZeroconf(interfaces=list(interfaces), ip_version=IPVersion.V4Only)
