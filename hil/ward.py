"""The demo's ward: which beds there are, what hangs at each, and where everything lies in the data folder.

Patients are invented; their names say so in their own language.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
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
    """A device at a bed. `seed` is its patient's; `address` is on the radio or a network (None: serial).

    `every_s`: a blood pressure monitor measures so often, and when its button is pressed; None: as its
    simulator does by itself.
    """

    id: str
    profile: str
    bed: str
    seed: int
    address: str | None = None
    every_s: float | None = None


@dataclass(frozen=True, slots=True)
class WardBed:
    """A bed and the invented patient in it; of a vehicle none, until its crew says who is on board."""

    id: str
    name: str
    patient_identifier: str = ""
    patient_name: str = ""


@dataclass(frozen=True, slots=True)
class Ward:
    """Beds, what hangs at them, and the gateway that serves them."""

    beds: tuple[WardBed, ...]
    devices: tuple[WardDevice, ...]
    id: str = WARD
    name: str = WARD_NAME
    gateway: str = GATEWAY
    gateway_name: str = GATEWAY_NAME


def six_kinds(count: int) -> Ward:
    """Beds 1 to `count`, at each a strap, a thermometer, and an oximeter, by BLE at every sixth bed."""
    numbers = range(1, count + 1)
    beds = (WardBed(f"bed-{n}", f"Bed {n}", f"DEMO-{n:04d}", invented_name(n)) for n in numbers)
    return Ward(tuple(beds), tuple(device for n in numbers for device in _at_bed(n)))


def invented_name(n: int) -> str:
    """The name of the patient in the bed number `n`, from 1."""
    return _NAMES[(n - 1) % len(_NAMES)]


def _at_bed(n: int) -> Iterator[WardDevice]:
    yield WardDevice(f"hr-{n}", HEART_RATE, f"bed-{n}", n, radio_address(1, n))
    yield WardDevice(f"temp-{n}", THERMOMETER, f"bed-{n}", n, radio_address(2, n))
    if n % 6 == 0:
        yield WardDevice(f"ox-{n}", BLE_OXIMETER, f"bed-{n}", n, radio_address(3, n))
    else:
        yield WardDevice(f"ox-{n}", SERIAL_OXIMETER, f"bed-{n}", n)


def radio_address(kind: int, n: int) -> str:
    """A static random address of the virtual radio."""
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

    def dials(self, bed: str) -> Path:
        """How the dials of a bed are turned (hil/sims/dials.py); without the file nobody turns any."""
        return self.root / "dials" / f"{bed}.json"

    @property
    def rhythms(self) -> Path:
        """The recorded rhythms that a bench has prepared (hil/sims/rhythms.py)."""
        return self.root / "rhythms"

    def log(self, process: str) -> Path:
        """The log of a process."""
        return self.root / "logs" / f"{process}.log"

    def save(self, devices: Sequence[WardDevice]) -> None:
        """Write down what hangs in the ward, for all processes of the demo."""
        self.root.mkdir(parents=True, exist_ok=True)
        self._devices.write_text(json.dumps([asdict(one) for one in devices], indent=1), encoding="utf-8")

    def devices(self) -> list[WardDevice]:
        """What hangs in the ward."""
        return [WardDevice(**one) for one in json.loads(self._devices.read_text(encoding="utf-8"))]

    @property
    def _devices(self) -> Path:
        return self.root / "devices.json"

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
        """The folder of the ward's gateway: configuration, credentials, journal."""
        return self.box(GATEWAY)

    def box(self, gateway: str) -> Path:
        """The folder of any gateway."""
        return self.root / ("gateway" if gateway == GATEWAY else gateway)
