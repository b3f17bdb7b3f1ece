"""Finding the controller: by the configuration, the edge's platform, the claim, or zeroconf.

The controller announces `_wardlink._tcp.local.` (RFC 6763) with the address and port of its broker.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
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


async def _no_hints() -> tuple[str, ...]:
    return ()


@dataclass(slots=True)
class Locator:
    """Where each lane connects to. What was found is kept until it fails.

    `hints`: what somebody else says of where the controller is, the best first: only a hint, as all of it is;
    who answers there has to prove to be the controller. `known`: where it was when this box enrolled.
    """

    config: ControllerConfig
    wait_s: float = 10.0
    known: str | None = None
    hints: Callable[[], Awaitable[tuple[str, ...]]] = _no_hints
    found: str | None = None
    """Where lanes without an address of their own connect to now."""
    _failed: list[str] = field(default_factory=list[str])
    """Addresses that failed since all were tried."""
    _given: dict[Lane, str] = field(default_factory=dict[Lane, str])
    _looking: asyncio.Lock = field(default_factory=asyncio.Lock)

    def known_urls(self) -> set[str]:
        """Where lanes connect to, as far as that is known without looking."""
        own = {self.config.lanes.of(lane).address for lane in Lane}
        usual = self.config.address or self.found
        return {url for one in own if (url := one or usual)}

    async def locate(self, lane: Lane) -> str:
        """The address for `lane`: its own, the controller's, or one after the other until one serves: those
        that are hinted at, the known one, one that is announced. Raises Unreachable.
        """
        given = self.config.lanes.of(lane).address or self.config.address
        if given:
            return given
        async with self._looking:
            if self.found is None:
                self.found = await self._look()
            self._given[lane] = self.found
            return self.found

    async def _look(self) -> str:
        others = [*await self.hints(), *filter(None, [self.known])]
        untried = next((one for one in others if one not in self._failed), None)
        if untried is not None:
            return untried
        try:
            announced = await find_controller(self.wait_s)
            if announced not in self._failed or not others:
                return announced
        except Unreachable:
            if not others:
                raise
        self._failed.clear()
        return others[0]

    def failed(self, lane: Lane) -> None:
        """The address of `lane` could not be reached, or not any more: look again."""
        if self.found is not None and self._given.get(lane) == self.found:
            self._failed.append(self.found)
            self.found = None
