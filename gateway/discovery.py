"""Finding the controller: by the configuration, by the claim, or by zeroconf in the local network.

The controller announces `_wardlink._tcp.local.` (RFC 6763) with the address and port of its broker.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from devices.wire.block import Lane
from gateway.config import ControllerConfig
from gateway.errors import Unreachable

SERVICE = "_wardlink._tcp.local."
_RESOLVE_MS = 3000


async def find_controller(
    wait_s: float, interfaces: Sequence[str] | None = None, service: str = SERVICE
) -> str:
    """The address of the first controller that answers, mqtts://HOST:PORT. Raises Unreachable.

    `interfaces`: the addresses of this host where to look; None: all. `service`: what it announces.
    """
    # Here, because it costs 8 MB that a gateway with an address in its configuration never needs.
    from zeroconf import InterfaceChoice, ServiceListener, Zeroconf  # noqa: PLC0415
    from zeroconf.asyncio import AsyncServiceBrowser, AsyncServiceInfo, AsyncZeroconf  # noqa: PLC0415

    names: asyncio.Queue[str] = asyncio.Queue()

    class Listener(ServiceListener):
        """Collects what is announced."""

        def add_service(self, zc: Zeroconf, type_: str, name: str) -> None:
            names.put_nowait(name)

        def update_service(self, zc: Zeroconf, type_: str, name: str) -> None:
            names.put_nowait(name)

        def remove_service(self, zc: Zeroconf, type_: str, name: str) -> None:
            """It may come back: nothing to do."""

    async def resolve(network: AsyncZeroconf) -> str:
        while True:
            info = AsyncServiceInfo(service, await names.get())
            if await info.async_request(network.zeroconf, _RESOLVE_MS) and info.parsed_addresses():
                return _url(info.parsed_addresses()[0], info.port or 8883)

    where = list(interfaces) if interfaces else InterfaceChoice.All
    async with AsyncZeroconf(interfaces=where) as network:
        browser = AsyncServiceBrowser(network.zeroconf, service, listener=Listener())
        try:
            return await asyncio.wait_for(resolve(network), wait_s)
        except TimeoutError:
            raise Unreachable(
                f"no controller announces {service} in this network: start one, or set controller.address"
            ) from None
        finally:
            await browser.async_cancel()


def _url(host: str, port: int) -> str:
    return f"mqtts://[{host}]:{port}" if ":" in host else f"mqtts://{host}:{port}"


@dataclass(slots=True)
class Locator:
    """Where each lane connects to. What was found is kept until it fails.

    `known`: where the controller was when this box enrolled.
    """

    config: ControllerConfig
    wait_s: float = 10.0
    known: str | None = None
    _found: str | None = None
    _failed: bool = False
    _looking: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def locate(self, lane: Lane) -> str:
        """The address for `lane`: its own, the controller's, the known one, or after this has failed one
        that is announced. Raises Unreachable.
        """
        given = self.config.lanes.of(lane).address or self.config.address
        if given:
            return given
        async with self._looking:
            if self._found is None:
                self._found = await self._look()
            return self._found

    async def _look(self) -> str:
        known = self.known
        if known is None:
            return await find_controller(self.wait_s)
        if not self._failed:
            return known
        self._failed = False
        try:
            return await find_controller(self.wait_s)
        except Unreachable:
            return known

    def failed(self) -> None:
        """The address could not be reached: look again."""
        self._found, self._failed = None, True
