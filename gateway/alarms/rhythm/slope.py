"""How steep a signal is, a few samples at a time: the band of QRS complexes, or of a pulse's upstroke. Pure.

Samples are smoothed (which takes mains hum away), differenced (baseline and T waves), made positive, and
averaged as widely as the complex is: the detection function of Pan J, Tompkins WJ (1985), A Real-Time QRS
Detection Algorithm, IEEE Trans Biomed Eng 32(3), in the form of Hamilton P (2002), Open Source ECG Analysis,
Computers in Cardiology 29. All of it in whole numbers: nothing drifts in a week.
"""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Shape:
    """What a beat looks like; seconds."""

    smooth_s: float
    slope_s: float
    width_s: float
    only_rises: bool
    closest_s: float
    """Two beats are never nearer."""
    later_s: float
    """Nearer than this the second has to be half as high at least: else it is a T wave or a dicrotic one."""
    least: float
    """Flatter than this is no beat, in the signal's unit a second; 0: the unit says nothing."""


QRS = Shape(0.024, 0.010, 0.080, False, 0.200, 0.360, 2.5)
"""2.5 mV/s in the mean of 80 ms: a complex of about 0.1 mV."""
PULSE = Shape(0.100, 0.040, 0.200, True, 0.300, 0.450, 0.0)


class _Sum:
    """The sum of the last `width` numbers."""

    def __init__(self, width: int) -> None:
        self._last, self._next, self.total = [0] * width, 0, 0

    def add(self, number: int) -> int:
        """Gives the sum with it."""
        place = self._next
        self.total += number - self._last[place]
        self._last[place] = number
        self._next = place + 1 if place + 1 < len(self._last) else 0
        return self.total

    def fill(self, number: int) -> int:
        """As if it had always been `number`."""
        self._last[:] = [number] * len(self._last)
        self.total = number * len(self._last)
        return self.total


class Slope:
    """Of one signal of `rate` samples a second; `scale` is its unit a step."""

    def __init__(self, shape: Shape, rate: float, scale: float) -> None:
        widths = [max(1, round(rate * each)) for each in (shape.smooth_s, shape.slope_s, shape.width_s)]
        self._smooth, self._width = _Sum(widths[0]), _Sum(widths[2])
        self._before, self._next = [0] * widths[1], 0
        self._rises = shape.only_rises
        self._is_new = True
        self.scale = scale * rate / (widths[0] * widths[1] * widths[2])
        """What is given, times this, is in the signal's unit a second."""
        self.late = (sum(widths) - 3) / 2
        """So many samples later than the beat its steepest place comes out."""

    def add(self, samples: Iterable[int]) -> list[int]:
        """The steepness at each sample."""
        smooth, width, before, rises = self._smooth, self._width, self._before, self._rises
        place, steep = self._next, list[int]()
        for sample in samples:
            if self._is_new:
                self._begin(sample)
            now = smooth.add(sample)
            change, before[place] = now - before[place], now
            place = place + 1 if place + 1 < len(before) else 0
            steep.append(width.add(max(change, 0) if rises else abs(change)))
        self._next = place
        return steep

    def skip(self) -> None:
        """Samples are missing: the next one is no slope from the last."""
        self._is_new = True

    def _begin(self, sample: int) -> None:
        """A signal that begins far from zero is no beat."""
        self._is_new = False
        level = self._smooth.fill(sample)
        self._before[:] = [level] * len(self._before)
