"""What BLE devices are around, and which profiles fit them: for whoever writes the configuration."""

import asyncio
from dataclasses import dataclass, field
from typing import NamedTuple

from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData

from devices.profiles import BleBroadcast, BleLink, profiles
from gateway.links.ble_radio import BleRadio


class Found(NamedTuple):
    """A device that advertises: `profiles` are the names of those that fit it, `rssi` is in dBm."""

    address: str
    name: str
    profiles: tuple[str, ...]
    rssi: int


@dataclass
class _Heard:
    """What one device said in all its advertisements and scan responses."""

    name: str = ""
    services: set[str] = field(default_factory=set)
    rssi: int = 0


async def discover(radio: BleRadio, seconds: float) -> list[Found]:
    """Listen for `seconds`; give what was heard, the nearest first. Raises LinkError when the radio fails."""
    heard: dict[str, _Heard] = {}

    def listen(device: BLEDevice, said: AdvertisementData) -> None:
        known = heard.setdefault(device.address.upper(), _Heard())
        known.name = said.local_name or known.name
        known.services.update(said.service_uuids, said.service_data)
        known.rssi = said.rssi

    loop = asyncio.get_running_loop()
    over: asyncio.Future[None] = loop.create_future()
    timer = loop.call_later(seconds, lambda: over.done() or over.set_result(None))
    with radio.scan.listening(listen):
        try:
            await radio.scan.until(over)
        finally:
            timer.cancel()
    found = [Found(address, h.name, _fitting(h.name, h.services), h.rssi) for address, h in heard.items()]
    return sorted(found, key=lambda device: -device.rssi)


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
