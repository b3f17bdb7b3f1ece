"""What serial ports there are, which profiles their adapters fit, and which device really speaks on one.

ports()                                  # [Port("/dev/ttyUSB0", "CP2102 …", ("contec-cms50f",))]
await probe("/dev/ttyUSB0", clock, 3.0)   # ["contec-cms50f"]: it was asked in each way, and answered in one
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from serial.tools.list_ports import comports

from devices.codecs import Host, Said
from devices.model.observation import DeviceEvent, EventKind, Reading, Waveform
from devices.profiles import Profile, SerialLink, profiles
from gateway.clock import Clock
from gateway.links.serial_port import listen_once


class Port(NamedTuple):
    """A serial port: `profiles` are those whose USB adapter it has."""

    path: str
    description: str
    profiles: tuple[str, ...]


def ports() -> list[Port]:
    """The serial ports of this machine, by path."""
    return sorted(
        Port(str(found.device), str(found.description or ""), _of_usb(found.vid, found.pid))
        for found in comports()
    )


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
