"""Which steep places of a signal are beats. Pure.

A peak of the steepness is a beat when it is above a threshold between the usual beat and the usual noise, as
both were lately (Hamilton 2002). Where none comes for one and a half times the usual interval, the highest
one left over is one if it is above half of the threshold. Thresholds do not sink further than that: in a
patient whose heart stands still no noise becomes a beat, however long it takes.
"""

from collections import deque
from collections.abc import Iterable
from statistics import median
from typing import NamedTuple

from gateway.alarms.rhythm.slope import Shape, Slope

_LEARN_S = 2.0
_SHARE = 0.3125
"""Of the way from noise to beats."""
_ABOVE = 1.5
"""So many times higher than the usual noise a beat is at least."""
_LATE = 1.5
_MOST = 3.0
"""An artefact counts as no more than so many usual beats."""


class _Peak(NamedTuple):
    at: int
    height: int


class Beats:
    """Of one signal of `rate` samples a second; `scale` is its unit a step."""

    def __init__(self, shape: Shape, rate: float, scale: float) -> None:
        self._slope = Slope(shape, rate, scale)
        self._learn, self._closest, self._later = (
            round(rate * each) for each in (_LEARN_S, shape.closest_s, shape.later_s)
        )
        self._least = shape.least / self._slope.scale
        self._count = 0
        self._top = _Peak(0, 0)
        self._fell = True
        """The signal is below half of its last peak: the next one may begin."""
        self._learned: list[_Peak] | None = []
        self._beats, self._noise = deque[float](maxlen=8), deque[float](maxlen=8)
        self._intervals = deque[int](maxlen=8)
        self._last: _Peak | None = None
        self._left: _Peak | None = None
        """The highest since the last beat that was none."""

    def add(self, samples: Iterable[int]) -> list[int]:
        """The numbers of the samples at which beats are; the last may be half a second ago."""
        found = list[int]()
        for steep in self._slope.add(samples):
            self._count += 1
            if steep > self._top.height:
                self._top, self._fell = _Peak(self._count, steep), False
            elif not self._fell and (
                2 * steep < self._top.height or self._count - self._top.at > self._closest
            ):
                found += self._peak(self._top)
                self._fell = True
            if self._fell:
                self._top = _Peak(self._count, steep)
            if self._learned is not None and self._count >= self._learn:
                found += self._begin(self._learned)
        return [round(at - self._slope.late) for at in (*found, *self._overdue())]

    def skip(self) -> None:
        """Samples are missing here."""
        self._slope.skip()

    def _begin(self, learned: list[_Peak]) -> list[int]:
        self._learned = None
        heights = [peak.height for peak in learned]
        self._beats.append(max(heights, default=0))
        self._noise.append(0.0)
        return [at for peak in learned for at in self._peak(peak)]

    def _peak(self, peak: _Peak) -> list[int]:
        if self._learned is not None:
            self._learned.append(peak)
            return []
        last = self._last
        since = self._learn if last is None else peak.at - last.at
        if since < self._closest:
            return []
        is_echo = last is not None and since < self._later and 2 * peak.height < last.height
        if peak.height < self._threshold() or is_echo:
            self._noise.append(peak.height)
            if since >= self._later and (self._left is None or peak.height > self._left.height):
                self._left = peak
            return []
        return [self._beat(peak)]

    def _threshold(self) -> float:
        noise, beat = median(self._noise), median(self._beats)
        return max(noise + _SHARE * (beat - noise), _ABOVE * noise, self._least)

    def _beat(self, peak: _Peak) -> int:
        if self._last is not None:
            self._intervals.append(peak.at - self._last.at)
        usual = median(self._beats)
        self._beats.append(min(peak.height, _MOST * usual) if usual else peak.height)
        self._last, self._left = peak, None
        return peak.at

    def _overdue(self) -> list[int]:
        left = self._left
        if left is None or self._last is None or not self._intervals:
            return []
        if self._count - self._last.at < _LATE * median(self._intervals):
            return []
        self._left = None
        if left.height < max(self._threshold() / 2, self._least):
            return []
        return [self._beat(left)]
