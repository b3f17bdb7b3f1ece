"""SpO2, pulse rate and perfusion from red and infrared light: integers only, memory fixed at the start.

    oximetry = Oximetry(50)
    oximetry.add(red, infrared)         # each sample, in the converter's counts
    oximetry.result()                   # each second: Result

Both lights go through one linear filter: how much darker one is than the second around it, relative to its
level. That is the pulse, without level and breathing. Beats are found in the infrared one (beats.py). Over
each beat a line is put through the red pulse against the infrared one: its slope is the ratio of ratios R =
(AC/DC of red) / (AC/DC of infrared), and the correlation says whether it was one thing that moved both.
SpO2 is the calibration curve at the median R of the last eight beats, the pulse rate the mean of their
intervals. A beat counts if the correlation is 0.9 at least, its swing within twice the median, its R within
a sixth of the median; and if it looks like one: a narrow top after a trough that goes with it. A breath moves
both lights, too, and its blood has another R; but its top is wide, and where noise cuts that into narrow ones
these have no trough between them.

What moves both lights like a pulse does, in time like one, cannot be told from it without an accelerometer.

Sources: Webster JG (ed.), Design of Pulse Oximeters (1997), chapters 4 and 9, for the ratio of ratios. The
calibration curve is that of Maxim's reference design MAXREFDES117 (algorithm.h) for the MAX30102, as copies
of that file have it. A curve belongs to one design of sensor: it has to be proved on people (ISO 80601-2-61,
annex EE) before anybody may act on a number.
"""

from array import array

from firmware.sensors import reasons
from firmware.sensors.beats import Beats

MAX30102_CURVE = (-45060, 30354, 94845)
"""a, b, c of a R² + b R + c, in thousandths of a percent."""

_BEATS = 8
_UNIT = 65536
"""The whole level. A pleth is clipped to a quarter of it: its square fits a small integer."""
_CLIP = _UNIT // 4
_NOISE = 6
"""A pleth smaller than 0.01 % of the level is noise."""
_LOW_PERFUSION = 30
"""Hundredths of a percent: below, the numbers are marked."""
_WIDEST = 24
"""Hundredths of a second: wider tops are breaths (0.3 s and more up to 48 a minute), not beats (0.20 s)."""
_FLATTEST, _DEEPEST = 10, 400
"""Percent of a beat's top that the trough before it has: a breath that noise has cut into tops has none, and
motion may have a far deeper one."""
_R_LEAST, _R_MOST = 205, 1884
"""1/1024: what the curve was ever measured for (0.2 to 1.84)."""


class Result:
    """What is known now: tenths of a percent, tenths of a beat a minute, hundredths of a percent.

    A value is None where there is none; then `reason` says why. `quality` is said against those there are.
    """

    def __init__(
        self, spo2: "int | None", pulse: "int | None", pi: "int | None", reason: int, quality: int
    ) -> None:
        self.spo2 = spo2
        self.pulse = pulse
        self.pi = pi
        self.reason = reason
        self.quality = quality


class Pleth:
    """How much darker one light is than the second around it, in 1/65536 of its level; known 0.5 s late."""

    def __init__(self, rate_hz: int) -> None:
        self._narrow = max(1, rate_hz // 12) | 1
        self._ring = array("l", [0] * (rate_hz | 1))
        self.restart(0)

    def restart(self, count: int) -> None:
        """Begin as if `count` had been there for ever."""
        size = len(self._ring)
        for index in range(size):
            self._ring[index] = count
        self._at = 0
        self._wide_sum = count * size
        self._narrow_sum = count * self._narrow

    def add(self, count: int) -> int:
        """The pleth after this sample; clipped."""
        ring, at, narrow = self._ring, self._at, self._narrow
        size = len(ring)
        self._wide_sum += count - ring[at]
        ring[at] = count
        middle = at + size // 2 + 1 + narrow // 2
        self._narrow_sum += ring[middle % size] - ring[(middle - narrow) % size]
        self._at = (at + 1) % size
        level = self._wide_sum // size
        darker = (level * narrow - self._narrow_sum) * _UNIT // max(1, level * narrow)
        return max(-_CLIP, min(_CLIP, darker))


class Oximetry:
    """`rate_hz` samples a second, 25 to 100. Less infrared than `contact` is no finger; `full` is too much.

    There is no number without `enough` good beats, seven of eight of the last.
    """

    def __init__(
        self,
        rate_hz: int,
        curve: "tuple[int, int, int]" = MAX30102_CURVE,
        contact: int = 20000,
        full: int = 262143,
        enough: int = 6,
    ) -> None:
        self._rate = rate_hz
        self._curve = curve
        self._contact = contact
        self._full = full
        self._enough = enough
        self._red = Pleth(rate_hz)
        self._infrared = Pleth(rate_hz)
        self._pulse = Beats(rate_hz)
        self._intervals = array("l", [0] * _BEATS)
        self._swings = array("l", [0] * _BEATS)
        self._ratios = array("l", [0] * _BEATS)
        self.restart(reasons.NO_CONTACT)

    def restart(self, reason: int) -> None:
        """Forget everything: samples were lost, the finger is off. Until there is a value, `reason` holds."""
        self._reason = reason
        self._settling = 0
        self._beats = 0
        self._empty()

    def _empty(self) -> None:
        self._ii = self._rr = self._ri = 0
        self._low = self._high = 0

    def add(self, red: int, infrared: int) -> None:
        """The next sample."""
        if infrared < self._contact or red < self._contact >> 2:
            self.restart(reasons.NO_CONTACT)
        elif infrared >= self._full or red >= self._full:
            self.restart(reasons.OVERFLOW)
        else:
            self._settle(red, infrared)

    def _settle(self, red: int, infrared: int) -> None:
        """The light is let come to rest for a quarter of a second, then the pleth's second is filled."""
        if self._settling <= self._rate // 4:
            self._reason = reasons.MEASURING
            self._red.restart(red)
            self._infrared.restart(infrared)
            self._pulse.restart()
        self._settling += 1
        pleths = self._red.add(red), self._infrared.add(infrared)
        if self._settling > self._rate * 5 // 4:
            self._measure(pleths[0], pleths[1])

    def _measure(self, red: int, infrared: int) -> None:
        self._ii += infrared * infrared
        self._rr += red * red
        self._ri += red * infrared
        self._low = min(self._low, infrared)
        self._high = max(self._high, infrared)
        if self._pulse.add(infrared, _NOISE):
            self._beat()
        elif self._pulse.since > 3 * self._rate:
            if self._beats:
                self._reason = reasons.NOT_AVAILABLE
            self._beats = 0
            self._pulse.restart()

    def _beat(self) -> None:
        at = self._beats % _BEATS
        self._intervals[at] = self._pulse.interval
        self._swings[at] = (self._high - self._low) * 10000 // _UNIT
        self._ratios[at] = self._ratio() if self._is_pulse() else 0
        self._beats += 1
        self._empty()

    def _is_pulse(self) -> bool:
        """Whether the last beat is a narrow top after a trough that goes with it."""
        is_narrow = 100 * self._pulse.width <= _WIDEST * self._rate
        return is_narrow and _FLATTEST * self._high <= -100 * self._low <= _DEEPEST * self._high

    def _ratio(self) -> int:
        """R in 1/1024 of the samples since the last beat; 0 if the lights do not go together.

        The line is the one of least squares across (Deming 1943): both lights have noise.
        """
        ii, rr, ri = self._ii, self._rr, self._ri
        if ri <= 0 or 100 * ri * ri < 81 * ii * rr:
            return 0
        across = rr - ii
        return (across + root(across * across + 4 * ri * ri)) * 512 // ri

    def result(self) -> Result:
        """What is known now, of the last eight beats."""
        known = min(self._beats, _BEATS)
        if known < self._enough:
            return Result(None, None, None, self._reason, reasons.GOOD)
        good = self._good(known)
        count = sum(good)
        if count < self._enough or 8 * count < 7 * known:
            return Result(None, None, None, reasons.INVALID, reasons.GOOD)
        ratio = _median([self._ratios[index] for index in range(known) if good[index]])
        pi = _median([self._swings[index] for index in range(known) if good[index]])
        spo2 = saturation(ratio, self._curve)
        pulse = self._rate_of(good, known)
        if spo2 is None or pulse is None:
            return Result(None, None, None, reasons.INVALID, reasons.GOOD)
        quality = reasons.LOW_PERFUSION if pi < _LOW_PERFUSION else reasons.GOOD
        return Result(spo2, pulse, pi, reasons.INVALID, quality | (reasons.ARTIFACT if count < known else 0))

    def _good(self, known: int) -> "list[bool]":
        swing = _median(self._swings[:known])
        ratios = [ratio for ratio in self._ratios[:known] if ratio]
        ratio = _median(ratios) if ratios else 0
        return [self._is_good(index, swing, ratio) for index in range(known)]

    def _is_good(self, index: int, usual_swing: int, usual_ratio: int) -> bool:
        swing, ratio = self._swings[index], self._ratios[index]
        near = 6 * abs(ratio - usual_ratio) <= usual_ratio
        return near and ratio > 0 and usual_swing <= 2 * swing and swing <= 2 * usual_swing

    def _rate_of(self, good: "list[bool]", known: int) -> "int | None":
        """Tenths of a beat a minute, of the intervals between two good beats; not of the very first."""
        intervals = []
        for back in range(1, min(known, self._beats - 1) + 1):
            index = (self._beats - back) % _BEATS
            if good[index] and (back == _BEATS or good[(index - 1) % _BEATS]):
                intervals.append(self._intervals[index])
        if len(intervals) < 2:
            return None
        total, count = sum(intervals), len(intervals) + _missed(intervals, self._rate)
        return (600 * self._rate * count + total // 2) // total


def _missed(intervals: "list[int]", rate_hz: int) -> int:
    """How many beats were missed of a fast, regular heart: a few intervals are double, the others alike.

    Slower than 150 a minute none is missed, and a pause is a pause.
    """
    usual = _median(intervals)
    double = sum([4 * abs(one - 2 * usual) <= usual for one in intervals])
    single = sum([4 * abs(one - usual) <= usual for one in intervals])
    is_fast = 10 * usual <= 4 * rate_hz
    return double if is_fast and double + single == len(intervals) and 3 * double <= len(intervals) else 0


def saturation(ratio: int, curve: "tuple[int, int, int]" = MAX30102_CURVE) -> "int | None":
    """Tenths of a percent at R in 1/1024, 100 % at the most; None where the curve means nothing."""
    if not _R_LEAST <= ratio <= _R_MOST:
        return None
    square, linear, constant = curve
    thousandths = (square * ratio * ratio >> 20) + (linear * ratio >> 10) + constant
    if thousandths < 0:
        return None
    return min(1000, (thousandths + 50) // 100)


def root(number: int) -> int:
    """The whole part of the square root (Newton)."""
    guess, better = number, (number + 1) // 2
    while better < guess:
        guess, better = better, (better + number // better) // 2
    return guess


def _median(values) -> int:
    return sorted(values)[len(values) // 2]
