"""What is in reach and none of this gateway's devices: told to the controller, so that people can record it.

Serial ports are looked at all the time. On the radio it hears what passes by while links scan for their own
devices, which costs nothing; or it listens for some seconds because somebody asked.

A Bluetooth device is told only if it fits a profile. The others, people's phones as a rule, are a number.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from devices.model.found import MOST, Candidate, Report, Way
from devices.model.observation import DeviceEvent, EventKind, Instant
from gateway.clock import Clock
from gateway.config import DeviceConfig
from gateway.errors import Busy
from gateway.links.serial_discovery import Port, lasting, ports, same_port

if TYPE_CHECKING:
    from gateway.links.ble_discovery import Hearing
    from gateway.links.ble_radio import BleRadio

LOOK_S = 5.0
REPEAT_NS = 600_000_000_000
"""What is still there is told again after so long."""
REACH_NS = 900_000_000_000
"""A Bluetooth device that was not heard for so long is not in reach."""
QUIET_NS = 60_000_000_000
"""What passes by on the radio is told at most so often."""


class Finder:
    """`devices` gives those that are served, `tell` puts an event of the gateway on its way."""

    def __init__(
        self,
        clock: Clock,
        devices: Callable[[], Iterable[DeviceConfig]],
        tell: Callable[[DeviceEvent], None],
        list_ports: Callable[[], Sequence[Port]] = ports,
    ) -> None:
        self._clock = clock
        self._devices = devices
        self._tell = tell
        self._ports = list_ports
        self._hearing: Hearing | None = None
        self._told: dict[Way, tuple[frozenset[tuple[str, ...]], Instant]] = {}
        self._is_listening = False

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(LOOK_S)

    async def look(self) -> None:
        """Tell what is new."""
        found = await asyncio.to_thread(self._ports)
        self._tell_news(await asyncio.to_thread(self._on_ports, found))
        self._tell_news(self._on_air())

    def hear(self, radio: "BleRadio") -> None:
        """From now on, hear what passes by on `radio`."""
        from gateway.links.ble_discovery import Hearing  # noqa: PLC0415 - it costs 20 MB

        if self._hearing is None:
            self._hearing = Hearing(self._clock)
            radio.scan.add(self._hearing)

    def forget(self, address: str) -> None:
        """Until it is heard again, know nothing of the device `address` (upper case)."""
        if self._hearing is not None:
            self._hearing.forget(address)

    async def listen(self, radio: "BleRadio", seconds: int) -> None:
        """Scan for `seconds`, and tell everything that is in reach. Raises Busy, LinkError."""
        if self._is_listening:
            raise Busy("this gateway is looking already: wait until it is done")
        self.hear(radio)
        self._is_listening = True
        try:
            await radio.scan.hold(seconds)
        finally:
            self._is_listening = False
        self._report(self._on_air(seconds))

    def _on_ports(self, found: Sequence[Port]) -> Report:
        """Ports of USB adapters, and others that fit: what a computer has of its own is no news."""
        own = [device.port for device in self._devices() if device.port]
        free = [port for port in found if not any(same_port(port.path, one) for one in own)]
        shown = [port for port in free if port.is_usb or port.profiles]
        candidates = tuple(
            Candidate(lasting(port.path), port.description, None, port.profiles) for port in shown
        )
        return _bounded(Way.SERIAL, candidates, len(free) - len(shown))

    def _on_air(self, seconds: int = 0) -> Report:
        now = self._clock.now()
        own = {device.address.upper() for device in self._devices() if device.address}
        heard = self._hearing.found(Instant(now - REACH_NS)) if self._hearing else []
        strange = [one for one in heard if one.address not in own]
        candidates = tuple(
            Candidate(one.address, one.name, one.rssi, one.profiles, (now - one.at) // 1_000_000)
            for one in strange
            if one.profiles
        )
        return _bounded(Way.BLE, candidates, len(strange) - len(candidates), seconds)

    def _tell_news(self, report: Report) -> None:
        """In passing: another one came or went, or it is time to say that they are still there."""
        now, what = self._clock.now(), _what(report)
        told, at = self._told.get(report.way, (frozenset[tuple[str, ...]](), Instant(now - REPEAT_NS)))
        is_new = what != told and (report.way is Way.SERIAL or now - at >= QUIET_NS)
        if is_new or (what and now - at >= REPEAT_NS):
            self._report(report)

    def _report(self, report: Report) -> None:
        now = self._clock.now()
        self._told[report.way] = _what(report), now
        self._tell(DeviceEvent(EventKind.FOUND, now, report.detail()))


def _bounded(way: Way, candidates: tuple[Candidate, ...], others: int, seconds: int = 0) -> Report:
    return Report(way, candidates[:MOST], others + max(0, len(candidates) - MOST), seconds)


def _what(report: Report) -> frozenset[tuple[str, ...]]:
    """What makes a report another one: signals come and go."""
    return frozenset((one.where, *one.fits) for one in report.candidates)
