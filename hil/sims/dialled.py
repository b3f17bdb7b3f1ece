"""A simulated patient whose dials are turned from outside (hil/sims/dials.py).

What no dial says is as the patient's own. A rate that is set by hand beats evenly, with the patient's own
pulse wave drawn out to it; a recorded rhythm (hil/sims/rhythms.py) brings its own beats, ECG and, where it
has one, pulse; a standstill is a flat line. Moving shakes the waveforms of one device. Standstill and moving
are synthetic.
"""

import logging
import math
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Protocol

from hil.errors import HilError
from hil.sims.dials import OWN, STANDSTILL, BedDials, DialFile
from hil.sims.patient import Patient, Wander
from hil.sims.rhythms import Rhythm, load
from hil.ward import Folder, WardDevice

log = logging.getLogger(__name__)
_SILENT_S = 4.0
"""A heart that has not beaten for so long has no rate and no pulse."""
_SHAKEN = 0.6
_SHAKEN_MICROVOLTS = 900.0


def patient_at(folder: Folder, device: WardDevice) -> Patient:
    """The patient at the bed of `device`, as that device meets them."""
    return DialledPatient(device.seed, folder.dials(device.bed), device.id, folder.rhythms)


class _Heart(Protocol):
    """Beats by number, in the patient's time."""

    def until(self, time_s: float) -> int: ...
    def time(self, number: int) -> float: ...


@dataclass(frozen=True)
class _Even:
    """A beat every `step_s`; the beat `first` is one step after `since_s`."""

    first: int
    since_s: float
    step_s: float

    def until(self, time_s: float) -> int:
        return self.first + math.floor((time_s - self.since_s) / self.step_s + 1e-9)

    def time(self, number: int) -> float:
        return self.since_s + (number - self.first + 1) * self.step_s


@dataclass(frozen=True)
class _Recorded:
    """As recorded, from `since_s` on."""

    first: int
    since_s: float
    rhythm: Rhythm

    def until(self, time_s: float) -> int:
        return self.first + self.rhythm.beats_until(time_s - self.since_s)

    def time(self, number: int) -> float:
        return self.since_s + self.rhythm.beat_time(number - self.first)


class DialledPatient(Patient):
    """Whom one device measures: each has its own object, and all of a bed beat alike."""

    def __init__(self, seed: int, dials: Path, device: str, rhythms: Path) -> None:
        super().__init__(seed)
        self._dials = DialFile(dials)
        self._device = device
        self._rhythms = rhythms
        self._turned_to: tuple[float | None, str, float] = None, OWN, 0.0
        self._heart: _Heart | None = None

    def heart_rate(self, time_s: float) -> float:
        """Beats per minute; 0 while the heart does not beat."""
        return super().heart_rate(time_s) if self.has_pulse(time_s) else 0.0

    def has_pulse(self, time_s: float) -> bool:
        """Whether it has beaten lately."""
        heart = self._beating()
        if self._turned_to[1] == STANDSTILL or (self._rhythm and not self._rhythm.beat_times):
            return False
        return heart is None or time_s - heart.time(heart.until(time_s) - 1) < _SILENT_S

    def beats(self, start_s: float, end_s: float) -> list[float]:
        """As a patient's; none at a standstill."""
        return super().beats(start_s, end_s) if self._has_beats() else []

    def rr_intervals(self, start_s: float, end_s: float) -> list[float]:
        """As a patient's; none at a standstill."""
        return super().rr_intervals(start_s, end_s) if self._has_beats() else []

    def pleth(self, time_s: float) -> float:
        """0 to 1: flat without a pulse, shaken by movement."""
        return min(1.0, max(0.0, self._pulse(time_s) + _SHAKEN * self._motion(time_s)))

    def ecg(self, time_s: float, drawn: float) -> float:
        """Microvolts: of the recording, if there is one."""
        self._beating()
        heart = self._heart
        told = heart.rhythm.ecg_at(time_s - heart.since_s) if isinstance(heart, _Recorded) else drawn
        return told + _SHAKEN_MICROVOLTS * self._motion(time_s)

    def spo2(self, time_s: float) -> float:
        """Percent."""
        return self.turned("spo2", super().spo2(time_s))

    def temperature(self, time_s: float) -> float:
        """Degrees Celsius."""
        return self.turned("temperature", super().temperature(time_s))

    def turned(self, dial: str, own: float) -> float:
        """What the dial says; `own`, if it is let go."""
        told = getattr(self._now.patient, dial)
        return own if told is None else told

    @property
    def _now(self) -> BedDials:
        return self._dials.now()

    @property
    def _rhythm(self) -> Rhythm | None:
        return self._heart.rhythm if isinstance(self._heart, _Recorded) else None

    def _has_beats(self) -> bool:
        self._beating()
        return self._turned_to[1] != STANDSTILL and (self._rhythm is None or bool(self._rhythm.beat_times))

    def _beating(self) -> _Heart | None:
        """The heart as the dials are now; None: the patient's own."""
        now = self._now
        turned_to = now.patient.heart_rate, now.patient.rhythm, now.heart_s
        if turned_to != self._turned_to:
            first = self._beats_before(now.heart_s) if self._has_own_count() else 0
            self._turned_to = turned_to
            self._heart = self._heart_of(now, first)
        return self._heart

    def _has_own_count(self) -> bool:
        return self._rhythm is None or bool(self._rhythm.beat_times)

    def _beats_before(self, time_s: float) -> int:
        return super()._beats_until(time_s) if self._heart is None else self._heart.until(time_s)

    def _heart_of(self, now: BedDials, first: int) -> _Heart | None:
        rate, rhythm = now.patient.heart_rate, now.patient.rhythm
        if rhythm not in (OWN, STANDSTILL):
            try:
                return _Recorded(first, now.heart_s, load(self._rhythms, rhythm))
            except HilError as error:
                log.warning("%s", error)
        return None if rate is None else _Even(first, now.heart_s, 60 / rate)

    def _beats_until(self, time_s: float) -> int:
        heart = self._beating()
        return super()._beats_until(time_s) if heart is None else heart.until(time_s)

    def _beat_time(self, number: int) -> float:
        return super()._beat_time(number) if self._heart is None else self._heart.time(number)

    def _pulse(self, time_s: float) -> float:
        heart = self._beating()
        if not self._has_beats():
            return 0.5
        if isinstance(heart, _Recorded) and heart.rhythm.pulse:
            return heart.rhythm.pulse_at(time_s - heart.since_s)
        return super().pleth(time_s)

    def _in_recording(self, time_s: float) -> float:
        """The patient's own pulse wave, drawn out from each beat to the next."""
        if self._heart is None:
            return super()._in_recording(time_s)
        number = self._heart.until(time_s) - 1
        begin, end = self._heart.time(number), self._heart.time(number + 1)
        place = self._beat_place(number)
        return place + (time_s - begin) / (end - begin) * (self._beat_place(number + 1) - place)

    def _motion(self, time_s: float) -> float:
        """-1 to 1 while the device is shaken."""
        faults = self._now.devices.get(self._device)
        return self._shaking.at(time_s) if faults and faults.motion else 0.0

    @cached_property
    def _shaking(self) -> Wander:
        return Wander(0.5, middle=0.0, swing=1.0, knot_s=0.07)
