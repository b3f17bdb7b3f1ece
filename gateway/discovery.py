"""Finding the controller: by the configuration, the edge's platform, the claim, or zeroconf.

The controller announces `_wardlink._tcp.local.` (RFC 6763) with the address and port of its broker.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from devices.model.observation import Instant
from devices.wire.block import Lane
from devices.wire.topics import LANES
from gateway.config import ControllerConfig
from gateway.errors import Unreachable
from gateway.rotation import Rotation

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
    """Where each lane connects to. What was found is kept until it fails; of several brokers each lane goes
    from one to the next by itself (`rotation`).

    `hints`: what somebody else says of where the controller is, the best first: only a hint, as all of it is;
    who answers there has to prove to be the controller. `known`, `further`: where its brokers were when this
    box, `box`, enrolled.
    """

    config: ControllerConfig
    wait_s: float = 10.0
    known: str | None = None
    further: tuple[str, ...] = ()
    now: Callable[[], Instant] = lambda: Instant(0)
    box: str = ""
    hints: Callable[[], Awaitable[tuple[str, ...]]] = _no_hints
    found: str | None = None
    """Where lanes without an address of their own connect to now."""
    _failed: list[str] = field(default_factory=list[str])
    """Addresses that failed since all were tried."""
    _is_hinted: bool = False
    """Somebody else says where the controller is: that comes before what was known when this box enrolled."""
    _given: dict[Lane, str] = field(default_factory=dict[Lane, str])
    _rotations: dict[tuple[Lane, tuple[str, ...]], Rotation] = field(
        default_factory=dict[tuple[Lane, tuple[str, ...]], Rotation]
    )
    _looking: asyncio.Lock = field(default_factory=asyncio.Lock)

    def known_urls(self) -> set[str]:
        """Where lanes connect to, as far as that is known without looking."""
        usual = self._several or ((self.found,) if self.found else ())
        return {url for lane in Lane for url in self.config.lanes.of(lane).address or usual}

    @property
    def _several(self) -> tuple[str, ...]:
        """Where lanes without an address of their own connect to, as far as nobody has to be asked."""
        is_known = self.known and self.further and not self._is_hinted
        return self.config.address or ((self.known, *self.further) if self.known and is_known else ())

    async def locate(self, lane: Lane) -> str:
        """The address for `lane`: its own, the controller's, or one after the other until one serves: those
        that are hinted at, the known one, one that is announced. Raises Unreachable.
        """
        if self.further and not self.config.address:
            self._is_hinted = bool(await self.hints())
        if rotation := self.rotation(lane):
            return rotation.now(self.now())
        async with self._looking:
            if self.found is None:
                self.found = await self._look()
            self._given[lane] = self.found
            return self.found

    def rotation(self, lane: Lane) -> Rotation | None:
        """Of the addresses that are given for `lane`, be it one; None: it has to be looked for."""
        urls = self.config.lanes.of(lane).address or self._several
        if urls and (lane, urls) not in self._rotations:
            self._rotations[lane, urls] = Rotation(urls, f"{self.box}/{LANES[lane]}")
        return self._rotations.get((lane, urls))

    def path(self, lane: Lane, url: str) -> str:
        """Names what `lane` shares with others that connect there: brokers that stand for each other are
        behind one uplink."""
        rotation = self.rotation(lane)
        return " ".join(rotation.urls) if rotation else url

    async def _look(self) -> str:
        others = [*await self.hints(), *filter(None, [self.known, *self.further])]
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
        if rotation := self.rotation(lane):
            rotation.failed(self.now())
        elif self.found is not None and self._given.get(lane) == self.found:
            self._failed.append(self.found)
            self.found = None
