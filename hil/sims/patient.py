"""A simulated patient: what a body gives to the sensors, as a pure function of seed and time.

    patient = Patient(seed=3)
    patient.pleth(12.5)         # 0 to 1
    patient.heart_rate(12.5)    # from the beats of that same pleth

Pleth, beats, heart rate and RR intervals replay a recording of a living person (`recordings/SOURCES.md`),
for each seed another one, or another place in it, speed and gain. **SpO2 and temperature are synthetic**:
slow seeded wanderings around plausible values, because no recording has them. Time is in seconds from any
origin.
"""

import random
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property

from hil.sims.recordings import Recording, recordings

_AVERAGED_BEATS = 4
"""Beats that a monitor averages for the rate it shows."""


class Patient:
    """One patient. All methods take `time_s` >= 0 and depend on nothing else but the seed."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        draw = random.Random(seed)
        names = sorted(recordings())
        self.recording: Recording = recordings()[names[seed % len(names)]]
        self._offset_s = draw.uniform(0, self.recording.length_s)
        self._speed = draw.uniform(0.9, 1.25)
        self._gain = draw.uniform(0.6, 1.0)
        self._spo2 = Wander(draw.random(), middle=draw.uniform(95.5, 98.0), swing=1.6, knot_s=20)
        self._temperature = Wander(draw.random(), middle=draw.uniform(36.5, 37.8), swing=0.3, knot_s=120)

    def pleth(self, time_s: float) -> float:
        """The light absorbed in the fingertip, 0 to 1 (its middle is 0.5)."""
        return 0.5 + self._gain * (self.recording.at(self._in_recording(time_s)) - 0.5)

    def beats(self, start_s: float, end_s: float) -> list[float]:
        """The times of the beats in (start_s, end_s]."""
        return [self._beat_time(n) for n in range(self._beats_until(start_s), self._beats_until(end_s))]

    def rr_intervals(self, start_s: float, end_s: float) -> list[float]:
        """For each beat in (start_s, end_s], the seconds since the beat before it."""
        first, last = self._beats_until(start_s), self._beats_until(end_s)
        return [self._beat_time(n) - self._beat_time(n - 1) for n in range(first, last)]

    def heart_rate(self, time_s: float) -> float:
        """Beats per minute, averaged over the last four intervals."""
        last = self._beats_until(time_s) - 1
        return 60 * _AVERAGED_BEATS / (self._beat_time(last) - self._beat_time(last - _AVERAGED_BEATS))

    def spo2(self, time_s: float) -> float:
        """Oxygen saturation in percent; synthetic."""
        return min(100.0, self._spo2.at(time_s))

    def temperature(self, time_s: float) -> float:
        """Body temperature in degrees Celsius; synthetic."""
        return self._temperature.at(time_s)

    def turned(self, dial: str, own: float) -> float:
        """`own`, which a simulator makes up, unless a hand has turned that dial (hil/sims/dialled.py)."""
        return own

    def ecg(self, time_s: float, drawn: float) -> float:
        """`drawn` at the beats, microvolts, unless a recorded ECG takes its place."""
        return drawn

    def has_pulse(self, time_s: float) -> bool:
        """Whether a finger has a pulse to measure by."""
        return True

    def _in_recording(self, time_s: float) -> float:
        return self._offset_s + time_s * self._speed

    @cached_property
    def _turn(self) -> int:
        return len(self.recording.beat_times)

    def _beats_until(self, time_s: float) -> int:
        """The number of the first beat after `time_s`; beat 0 is the first of the recording's first turn."""
        turns, rest = divmod(self._in_recording(time_s), self.recording.length_s)
        return int(turns) * self._turn + bisect_right(self.recording.beat_times, rest)

    def _beat_time(self, number: int) -> float:
        return (self._beat_place(number) - self._offset_s) / self._speed

    def _beat_place(self, number: int) -> float:
        """Where the beat is in the endless recording, seconds."""
        turns, index = divmod(number, self._turn)
        return turns * self.recording.length_s + self.recording.beat_times[index]


@dataclass(frozen=True)
class Wander:
    """A slow wandering within `swing` of `middle`: seeded random knots, joined by straight lines."""

    seed: float
    middle: float
    swing: float
    knot_s: float

    def at(self, time_s: float) -> float:
        """The value at `time_s`."""
        knot, part = divmod(time_s / self.knot_s, 1.0)
        left, right = self._knot(int(knot)), self._knot(int(knot) + 1)
        return self.middle + self.swing * (left + (right - left) * part)

    def _knot(self, number: int) -> float:
        return random.Random(f"{self.seed}/{number}").uniform(-1.0, 1.0)
