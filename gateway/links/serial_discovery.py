"""What serial ports there are, which profiles their adapters fit, and which device really speaks on one.

ports()                                  # [Port("/dev/ttyUSB0", "CP2102 …", ("contec-cms50f",))]
await probe("/dev/ttyUSB0", clock, 3.0)   # ["contec-cms50f"]: it was asked in each way, and answered in one
"""

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from serial.tools.list_ports import comports

from devices.codecs import Host, Said
from devices.model.observation import DeviceEvent, EventKind, Reading, Waveform
from devices.profiles import Profile, SerialLink, profiles
from gateway.clock import Clock
from gateway.links.serial_port import listen_once

BY_ID = Path("/dev/serial/by-id")
"""Where udev names ports after what is plugged in, which stays the same after replugging."""


class Port(NamedTuple):
    """A serial port: `profiles` are those whose USB adapter it has."""

    path: str
    description: str
    profiles: tuple[str, ...]
    is_usb: bool = False


def ports() -> list[Port]:
    """The serial ports of this machine, by path."""
    return sorted(
        Port(
            str(found.device),
            str(found.description or ""),
            _of_usb(found.vid, found.pid),
            found.vid is not None,
        )
        for found in comports()
    )


def lasting(path: str, by_id: Path = BY_ID) -> str:
    """The name of the port `path` that lasts; `path` itself where it has none."""
    names = sorted(by_id.iterdir()) if by_id.is_dir() else []
    return next((str(name) for name in names if same_port(str(name), path)), path)


def same_port(one: str, other: str) -> bool:
    """Whether both paths are the same port."""
    return os.path.realpath(one) == os.path.realpath(other)


def _of_usb(vendor: int | None, product: int | None) -> tuple[str, ...]:
    serial = [(one.name, one.link) for one in profiles().values() if isinstance(one.link, SerialLink)]
    return tuple(name for name, link in serial if (vendor, product) in link.usb_ids)


@dataclass(slots=True)
class _Evidence:
    """An outlet that only counts what speaks for a profile, and what against it."""

    counts: Counter[str] = field(default_factory=Counter[str])
    host: Host = field(default_factory=Host)

    def __call__(self, said: Sequence[Said]) -> None:
        for one in said:
            match one:
                case Reading(value=value) if value is not None:
                    self.counts["for"] += 1
                case Waveform() | DeviceEvent(kind=EventKind.IDENTITY | EventKind.LAB_RESULT):
                    self.counts["for"] += 1
                case DeviceEvent(kind=EventKind.BAD_BYTES, detail=detail):
                    self.counts["against"] += sum(n for n in detail.values() if isinstance(n, int))
                case _:
                    self.counts["neither"] += 1

    async def kept(self) -> None:
        """Nothing is kept, so nothing may be acknowledged: the probe ends here."""
        raise TimeoutError

    async def remember(self) -> None:
        """Nothing is remembered."""

    @property
    def fits(self) -> bool:
        return self.counts["for"] > self.counts["against"]


async def probe(path: str, clock: Clock, seconds: float) -> list[str]:
    """The profiles whose device answers on the port `path`, each tried for `seconds`. Raises LinkError.

    A device is asked as its codec asks it, and nothing that it has stored is acknowledged.
    """
    return [
        one.name
        for one in profiles().values()
        if isinstance(one.link, SerialLink) and await _answers(path, one, one.link, clock, seconds)
    ]


async def _answers(path: str, one: Profile, link: SerialLink, clock: Clock, seconds: float) -> bool:
    evidence = _Evidence()
    await listen_once(path, link, clock, evidence, seconds)
    return evidence.fits
