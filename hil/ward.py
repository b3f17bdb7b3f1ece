"""The demo's ward: which beds there are, what hangs at each, and where everything lies in the data folder.

Patients are invented; their names say so in their own language.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

WARD, WARD_NAME = "demo-ward", "Demonstration ward"
GATEWAY, GATEWAY_NAME = "ward-a", "Ward A"
NURSE = "nurse"
_NAMES = ("Ada Example", "Ben Sample", "Cleo Muster", "Dario Ejemplo", "Ewa Przykład", "示例 病人")

HEART_RATE, THERMOMETER = "polar-h10", "and-ut-201ble"
BLE_OXIMETER, SERIAL_OXIMETER = "nonin-3230", "nonin-xpod"
"""Profiles."""


@dataclass(frozen=True, slots=True)
class WardDevice:
    """A device at a bed. `seed` is its patient's; `address` is None for a serial device."""

    id: str
    profile: str
    bed: str
    seed: int
    address: str | None = None


@dataclass(frozen=True, slots=True)
class WardBed:
    """A bed and the invented patient in it."""

    id: str
    name: str
    patient_identifier: str
    patient_name: str


def beds(count: int) -> list[WardBed]:
    """The beds 1 to `count`."""
    return [
        WardBed(f"bed-{n}", f"Bed {n}", f"DEMO-{n:04d}", _NAMES[(n - 1) % len(_NAMES)])
        for n in range(1, count + 1)
    ]


def devices(count: int) -> list[WardDevice]:
    """What hangs at the beds 1 to `count`: strap, thermometer, and an oximeter, by BLE at every sixth bed."""
    return [device for n in range(1, count + 1) for device in _at_bed(n)]


def _at_bed(n: int) -> Iterator[WardDevice]:
    yield WardDevice(f"hr-{n}", HEART_RATE, f"bed-{n}", n, _address(1, n))
    yield WardDevice(f"temp-{n}", THERMOMETER, f"bed-{n}", n, _address(2, n))
    if n % 6 == 0:
        yield WardDevice(f"ox-{n}", BLE_OXIMETER, f"bed-{n}", n, _address(3, n))
    else:
        yield WardDevice(f"ox-{n}", SERIAL_OXIMETER, f"bed-{n}", n)


def _address(kind: int, n: int) -> str:
    """A static random address."""
    return f"C0:00:00:{kind:02X}:{n >> 8:02X}:{n & 255:02X}"


@dataclass(frozen=True, slots=True)
class Folder:
    """The data folder of a demo."""

    root: Path

    def plug(self, device: str) -> Path:
        """The FIFO that a device takes orders from."""
        return self.root / "plugs" / device

    def port(self, device: str) -> Path:
        """The serial port of a device: a link to a PTY."""
        return self.root / "ports" / device

    def emitted(self, device: str) -> Path:
        """What a device says that it sent."""
        return self.root / "emitted" / f"{device}.jsonl"

    def log(self, process: str) -> Path:
        """The log of a process."""
        return self.root / "logs" / f"{process}.log"

    @property
    def lock(self) -> Path:
        """The lock of the demo that uses the folder."""
        return self.root / "demo.lock"

    @property
    def controller(self) -> Path:
        """The controller's folder."""
        return self.root / "controller"

    @property
    def gateway(self) -> Path:
        """The gateway's folder: configuration, credentials, journal."""
        return self.root / "gateway"
