"""How the dials of a bed are turned: the file that an engineer's bench writes and simulators follow.

    DialFile(path).write(BedDials(patient=Dials(spo2=82)))      # the bench
    DialFile(path).now().patient.spo2                           # a simulator, whenever it measures
    await follow(path, "ox-1", device.dialled)                  # a simulator's process, until cancelled

A file and no message: a simulator that was killed comes back as the dials are. It is replaced whole, so what
is read is never half of it. What is beyond RANGES is refused, whoever writes it.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict, ValidationError, ValidationInfo, field_validator

from hil.sims.emitted import now_ns

log = logging.getLogger(__name__)
_LOOK_S = 0.05
OWN, STANDSTILL = "own", "standstill"
"""Rhythms that are no recorded ECG: the patient's own pulse, and a flat line that is made."""


class Range(NamedTuple):
    """How far a dial goes, and in which steps."""

    least: float
    most: float
    step: float
    unit: str


RANGES: Mapping[str, Range] = MappingProxyType(
    {
        "heart_rate": Range(20, 250, 1, "/min"),
        "spo2": Range(40, 100, 1, "%"),
        "respiration": Range(0, 60, 1, "/min"),
        "temperature": Range(25, 43, 0.1, "°C"),
        "systolic": Range(40, 260, 1, "mmHg"),
        "diastolic": Range(20, 180, 1, "mmHg"),
        "battery": Range(0, 100, 1, "%"),
    }
)
"""By dial: wider than the limits of alarms, and no wider than what the devices can say."""


class _Whole(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    @field_validator(*RANGES, check_fields=False)
    @classmethod
    def _is_within(cls, value: float | None, info: ValidationInfo) -> float | None:
        least, most, _, unit = RANGES[info.field_name or ""]
        if value is not None and not least <= value <= most:
            raise ValueError(f"expected {least:g} to {most:g} {unit}, got {value:g}")
        return value


class Dials(_Whole):
    """Of a patient. None: as the simulated body has it by itself."""

    heart_rate: float | None = None
    """All beats evenly."""
    spo2: float | None = None
    respiration: float | None = None
    temperature: float | None = None
    systolic: float | None = None
    diastolic: float | None = None
    surroundings: float | None = None
    """°C, of a room or a cooled box; no dial of a patient turns it (hil/cold_box.py)."""
    rhythm: str = OWN
    """OWN, STANDSTILL, or the name of a recording that the bench has prepared (hil/sims/rhythms.py)."""


class Faults(_Whole):
    """Of a device. Which of them it can have, `hil.dials.can` says."""

    cut: bool = False
    """Its cable."""
    away: bool = False
    """Out of radio reach."""
    sensor_off: bool = False
    frozen: bool = False
    """It keeps its line, and sends nothing."""
    motion: bool = False
    """Its waveforms are shaken."""
    leak: bool = False
    """Its cuff."""
    battery: int | None = None
    """Percent. None: what it has by itself."""


class BedDials(_Whole):
    """All dials of a bed."""

    patient: Dials = Dials()
    devices: dict[str, Faults] = {}
    heart_s: float = 0.0
    """When rate or rhythm was turned, s of CLOCK_BOOTTIME: from there all devices of the bed beat alike."""


class DialFile:
    """The dials of one bed in `path`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp: tuple[int, int] | None = None
        self._held = BedDials()

    def now(self) -> BedDials:
        """As they are turned now. What cannot be read changes nothing, and is logged once."""
        try:
            found = self._path.stat()
        except FileNotFoundError:
            return self._held
        stamp = found.st_ino, found.st_mtime_ns
        if stamp != self._stamp:
            self._stamp = stamp
            try:
                self._held = BedDials.model_validate_json(self._path.read_bytes())
            except (OSError, ValidationError) as error:
                log.warning("%s: expected the dials of a bed: %s", self._path, error)
        return self._held

    def write(self, dials: BedDials) -> None:
        """Turn them, all at once."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        new = self._path.with_suffix(".new")
        new.write_text(dials.model_dump_json(), encoding="utf-8")
        new.replace(self._path)


async def follow(path: Path, device: str, turned: Callable[[Faults], Awaitable[None]]) -> None:
    """Tell `turned` of each change of the device's faults, until cancelled. Nobody turns any: never."""
    dials, before = DialFile(path), Faults()
    while True:
        faults = dials.now().devices.get(device, Faults())
        if faults != before:
            log.info("%s: %s", device, faults.model_dump(exclude_defaults=True) or "as usual")
            before = faults
            await turned(faults)
        await asyncio.sleep(_LOOK_S)


def boot_s() -> float:
    """Seconds of CLOCK_BOOTTIME, the clock of `BedDials.heart_s`."""
    return now_ns() / 1e9
