"""What BLE devices are around, and which profiles fit them.

hearing = Hearing(clock)
with radio.scan.listening(hearing):
    await radio.scan.hold(8.0)
hearing.found(since)                       # the nearest first
"""

from dataclasses import dataclass, field
from typing import NamedTuple

from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData

from devices.model.observation import Instant
from devices.profiles import BleBroadcast, BleLink, profiles
from gateway.clock import Clock
from gateway.links.ble_radio import BleRadio

MOST = 512
"""Devices that are remembered at once: phones pass by, each with a new address every quarter of an hour."""
_EVER = Instant(0)


class Found(NamedTuple):
    """A device that advertises: `profiles` are the names of those that fit it, `rssi` is in dBm."""

    address: str
    name: str
    profiles: tuple[str, ...]
    rssi: int
    at: Instant
    """When it was last heard."""


@dataclass(slots=True)
class _Heard:
    """What one device said in all its advertisements and scan responses."""

    name: str = ""
    services: set[str] = field(default_factory=set[str])
    rssi: int = 0
    at: Instant = _EVER
    is_private: bool = False


class Hearing:
    """A listener of the scan that remembers each device, the last heard MOST of them."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._heard: dict[str, _Heard] = {}

    def __call__(self, device: BLEDevice, said: AdvertisementData) -> None:
        """One advertisement."""
        address = device.address.upper()
        known = self._heard.pop(address, None) or _Heard(is_private=_is_private(device))
        self._heard[address] = known
        known.name = said.local_name or known.name
        known.services.update(said.service_uuids, said.service_data)
        known.rssi, known.at = said.rssi, self._clock.now()
        if len(self._heard) > MOST:
            del self._heard[next(iter(self._heard))]

    def forget(self, address: str) -> None:
        """Until it is heard again, know nothing of the device `address` (upper case)."""
        self._heard.pop(address, None)

    def found(self, since: Instant = _EVER) -> list[Found]:
        """What was heard at or after `since`, the nearest first; nothing fits what hides who it is."""
        found = [
            Found(address, h.name, () if h.is_private else _fitting(h.name, h.services), h.rssi, h.at)
            for address, h in self._heard.items()
            if h.at >= since
        ]
        return sorted(found, key=lambda device: -device.rssi)


async def discover(radio: BleRadio, seconds: float, clock: Clock) -> list[Found]:
    """Listen for `seconds`; give what was heard, the nearest first. Raises LinkError when the radio fails."""
    hearing = Hearing(clock)
    with radio.scan.listening(hearing):
        await radio.scan.hold(seconds)
    return hearing.found()


def _is_private(device: BLEDevice) -> bool:
    """Whether BlueZ knows the address as one that changes, a phone's as a rule (Core 5.4, Vol 6, B, 1.3.2).

    Of a random address the two highest bits are 1 only if it is static.
    """
    properties = device.details.get("props", {}) if isinstance(device.details, dict) else {}
    return properties.get("AddressType") == "random" and int(device.address[:2], 16) >> 6 != 0b11


def _fitting(name: str, services: set[str]) -> tuple[str, ...]:
    return tuple(
        known.name
        for known in profiles().values()
        if isinstance(known.link, BleLink | BleBroadcast)
        and _mark(known.link) in services
        and name.startswith(known.link.name_prefix)
    )


def _mark(link: BleLink | BleBroadcast) -> str:
    """The UUID that its advertisements have, of a service or of service data."""
    return link.service if isinstance(link, BleLink) else link.service_data
