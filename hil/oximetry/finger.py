"""A synthetic finger in red and infrared light, of which saturation and beats are known.

    finger = Finger(Conditions(spo2=85.0), seed=3)
    red, infrared = next(finger.samples(50))

Real are the shapes of its pulses, of three persons (hil/sims/recordings/SOURCES.md); everything else is made:
how long each beat lasts, how strong it is, breathing, noise of the converter, motion, and the ratio of the
two lights, which is put at the calibration curve's inverse. So it can prove that the ratio and the beats are
found among disturbances, and nothing about the curve itself: that takes people (hil/oximetry/recorded.py).
Light through tissue is exp(-absorption) (Beer-Lambert); all absorptions are relative to the light's level.
"""

import math
import random
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from firmware.sensors.oximetry import saturation
from hil.sims.recordings import Recording, recordings

_VENOUS = 0.85
"""The ratio at which breathing moves the blood of the veins, about 80 %."""
_MOTION_HZ = (0.7, 1.9, 3.1)
_IR_LEVEL, _RED_LEVEL = 131_000, 118_000
"""Counts: those of the MAX30102 at 0x24 (about 7 mA)."""
_AVERAGED_BEATS = 8
_SYSTOLE, _UPSTROKE = 0.6, 0.2
"""The parts of a recorded beat that keep their length in a longer one: after its top, and before the next."""


@dataclass(frozen=True)
class Conditions:
    """What the finger is like. Absorptions are peak to peak, in percent of the level."""

    spo2: float = 97.0
    rate: float = 75.0
    perfusion: float = 1.5
    irregular: float = 0.0
    """How much the beats' lengths vary: 0.03 is healthy, 0.35 atrial fibrillation."""
    breathing: float = 0.2
    breaths: float = 15.0
    """A minute."""
    noise_counts: float = 8.0
    motion: float = 0.0
    """Of each ten seconds three are spent moving, so much."""
    pulse: bool = True
    """Whether blood pulses at all."""


def ratio_at(spo2: float) -> float:
    """R at which the calibration curve has `spo2` percent, by bisection."""
    low, high = 400, 1884
    while high - low > 1:
        middle = (low + high) // 2
        at = saturation(middle)
        low, high = (middle, high) if at is not None and at > spo2 * 10 else (low, middle)
    return high / 1024


class Finger:
    """One finger; the same for the same seed. Time is in seconds from its beginning."""

    def __init__(self, conditions: Conditions, seed: int, length_s: float = 60.0) -> None:
        self.conditions = conditions
        self.length_s = length_s
        self._draw = random.Random(seed)
        names = sorted(recordings())
        self._recording: Recording = recordings()[names[seed % len(names)]]
        self._ratio = ratio_at(conditions.spo2)
        self._phases = [self._draw.uniform(0, math.tau) for _ in (*_MOTION_HZ, "breath")]
        self._motion_ratios = [self._draw.uniform(0.6, 1.4) for _ in _MOTION_HZ]

    @cached_property
    def _beats(self) -> list[float]:
        """The times of the beats, from one before the beginning to one after the end."""
        usual, spread = 60 / self.conditions.rate, self.conditions.irregular
        beats = [-usual]
        while beats[-1] <= self.length_s:
            beats.append(beats[-1] + usual * self._draw.uniform(1 - spread * 1.5, 1 + spread * 1.5))
        return beats

    def pulse_at(self, time_s: float) -> float:
        """Beats a minute, of the last eight intervals before `time_s`."""
        last = bisect_right(self._beats, time_s) - 1
        first = max(0, last - _AVERAGED_BEATS)
        return 60 * (last - first) / (self._beats[last] - self._beats[first])

    def samples(self, rate_hz: int) -> Iterator[tuple[int, int]]:
        """Red and infrared, in counts of 18 bits."""
        beat, spans = 0, list(pairwise(self._beats))
        for index in range(int(self.length_s * rate_hz)):
            time_s = index / rate_hz
            while spans[beat][1] <= time_s:
                beat += 1
            yield self._sample(time_s, beat, *spans[beat])

    def _sample(self, time_s: float, beat: int, start: float, end: float) -> tuple[int, int]:
        is_, pulse = self.conditions, 0.0
        if is_.pulse:
            pulse = is_.perfusion / 100 * (self._shape(beat, start, end, time_s) - 0.5)
        breath = is_.breathing / 100 * math.sin(math.tau * is_.breaths / 60 * time_s + self._phases[-1]) / 2
        red_motion, motion = self._motion(time_s)
        red = self._ratio * pulse + _VENOUS * breath + red_motion
        return self._counts(_RED_LEVEL, red), self._counts(_IR_LEVEL, pulse + breath + motion)

    def _shape(self, beat: int, start: float, end: float, time_s: float) -> float:
        """The pleth within a beat: that of a recorded one from top to top, as long as it has to be.

        A slow heart's systole is no longer: only the flow after it is. A fast one has no time for either.
        """
        recording = self._recording
        beats = recording.beat_times  # not the one over the seam of the recording's loop: nobody had that
        turn = beat % (len(beats) - 1)
        first, length, wanted = beats[turn], beats[turn + 1] - beats[turn], end - start
        if wanted <= length:
            return recording.at(first + (time_s - start) / wanted * length)
        early, late = _SYSTOLE * length, _UPSTROKE * length
        if time_s - start < early:
            return recording.at(first + time_s - start)
        if end - time_s < late:
            return recording.at(first + length - (end - time_s))
        part = (time_s - start - early) / (wanted - early - late)
        return recording.at(first + early + part * (length - early - late))

    def _motion(self, time_s: float) -> tuple[float, float]:
        """What motion absorbs of red and infrared: each of its waves moves other tissue, by another ratio."""
        if not self.conditions.motion or time_s % 10 < 7:
            return 0.0, 0.0
        waves = [
            math.sin(math.tau * hz * time_s + phase)
            for hz, phase in zip(_MOTION_HZ, self._phases, strict=False)
        ]
        size = self.conditions.motion / 100 / 4
        red = sum(ratio * wave for ratio, wave in zip(self._motion_ratios, waves, strict=True))
        return size * red, size * sum(waves)

    def _counts(self, level: int, absorbed: float) -> int:
        noise = self._draw.gauss(0, self.conditions.noise_counts)
        return max(0, min(262_143, round(level * math.exp(-absorbed) + noise)))
