"""Systolic peaks of a photoplethysmogram, by two moving averages.

Method: Elgendi M, Norton I, Brearley M, Abbott D, Schuurmans D (2013), Systolic Peak Detection in
Acceleration Photoplethysmograms Measured from Emergency Responders in Tropical Conditions, PLoS ONE 8(10):
e76585. Where the short average of the squared signal (as wide as a systolic peak) is above the long one (as
wide as a beat), there is a beat; its peak is the highest sample there.
"""

from collections.abc import Iterator, Sequence
from itertools import accumulate

_PEAK_S = 0.111
_BEAT_S = 0.667
_OFFSET = 0.02
_BASELINE_S = 1.5
_CLOSEST_S = 0.3
"""Two peaks nearer than this (200 beats a minute) are one beat: the larger counts."""


def find_beats(samples: Sequence[float], rate_hz: float) -> list[int]:
    """The indices of the systolic peaks of `samples`, in order."""
    baseline = _moving_average(samples, rate_hz * _BASELINE_S)
    above = [max(0.0, sample - base) ** 2 for sample, base in zip(samples, baseline, strict=True)]
    peak, beat = _moving_average(above, rate_hz * _PEAK_S), _moving_average(above, rate_hz * _BEAT_S)
    level = _OFFSET * sum(above) / len(above)
    inside = [p > b + level for p, b in zip(peak, beat, strict=True)]
    shortest = rate_hz * _PEAK_S
    tops = [
        max(range(start, end), key=samples.__getitem__)
        for start, end in _runs(inside)
        if end - start >= shortest
    ]
    return _thinned(tops, samples, rate_hz * _CLOSEST_S)


def _moving_average(samples: Sequence[float], width: float) -> list[float]:
    """The centred moving average; it narrows at both ends."""
    half = max(1, round(width / 2))
    sums = [0.0, *accumulate(samples)]
    bounds = [(max(0, i - half), min(len(samples), i + half + 1)) for i in range(len(samples))]
    return [(sums[high] - sums[low]) / (high - low) for low, high in bounds]


def _runs(inside: Sequence[bool]) -> Iterator[tuple[int, int]]:
    """The (start, end) of each run of True."""
    start = None
    for index, yes in enumerate([*inside, False]):
        if yes and start is None:
            start = index
        elif not yes and start is not None:
            yield start, index
            start = None


def _thinned(tops: list[int], samples: Sequence[float], closest: float) -> list[int]:
    kept: list[int] = []
    for top in tops:
        if kept and top - kept[-1] < closest:
            kept[-1] = max(kept[-1], top, key=samples.__getitem__)
        else:
            kept.append(top)
    return kept
