"""Whether a rhythm is irregular as atrial fibrillation is: in no order, and between beats of one shape.

Lake DE, Moorman JR (2011), Accurate estimation of entropy in very short physiological time series: the
problem of atrial fibrillation detection in implanted ventricular devices, Am J Physiol Heart Circ Physiol
300: the coefficient of sample entropy (CoSEn), made for a dozen beats. Intervals beside beats of another
shape (ectopic ones, artefacts) are left out: a bigeminus is irregular, and no fibrillation.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from controller.imaging.plugins.ecg.beats import Signal, in_band

Flags = npt.NDArray[np.bool_]
ENTROPY: Final = -1.2
"""More is disorder. Chosen, with CHANGE, on half of MIT-BIH's records (DS1 of de Chazal et al., 2004)."""
CHANGE: Final = 0.08
"""Median change from one interval to the next, as a share of the median interval; more is irregular."""
FEWEST: Final = 6
"""Pairs of intervals without which nothing is said."""
_MATCHES: Final = 5
_TOLERANCE_S: Final = 0.03
_AROUND_S: Final = 0.08
_SHIFT_S: Final = 0.05
_ALIKE: Final = 0.8
_LOUDER: Final = 2.0
_INTERVAL_S: Final = (0.25, 2.5)
"""Others are no intervals between beats that follow each other."""


@dataclass(frozen=True, slots=True)
class Rhythm:
    """What the intervals of some beats are like."""

    rate_per_min: float
    entropy: float
    """CoSEn; nan: too few intervals."""
    change: float
    """Median change from one interval to the next, share of the median interval; nan: too few."""
    pairs: int
    """Of intervals that follow each other, between beats of one shape."""
    odd: int
    """Beats of another shape."""

    @property
    def is_judged(self) -> bool:
        """Whether enough is known to say anything about irregularity."""
        return self.pairs >= FEWEST

    @property
    def is_irregular(self) -> bool:
        """As atrial fibrillation is."""
        return self.is_judged and self.entropy > ENTROPY and self.change > CHANGE


def rhythm_of(beats: Sequence[int], alike: Flags, rate_hz: float) -> Rhythm | None:
    """`alike`: which of the beats have the usual shape. None for fewer than two beats."""
    if len(beats) < 2:
        return None
    intervals = np.diff(np.asarray(beats)) / rate_hz
    good = alike[:-1] & alike[1:] & (intervals > _INTERVAL_S[0]) & (intervals < _INTERVAL_S[1])
    paired = good[:-1] & good[1:]
    first, second = intervals[:-1][paired], intervals[1:][paired]
    pairs, odd = int(paired.sum()), int((~alike).sum())
    entropy = change = float("nan")
    if pairs >= FEWEST:
        entropy = _entropy(first, second)
        change = float(np.median(np.abs(second - first)) / np.median(intervals[good]))
    return Rhythm(60 / float(np.median(intervals)), entropy, change, pairs, odd)


def _entropy(first: Signal, second: Signal) -> float:
    """CoSEn with m = 1: with the smallest tolerance, from 30 ms on, that lets five pairs match."""
    one, other = np.triu_indices(first.size, 1)
    near = np.abs(first[one] - first[other])
    both = np.maximum(near, np.abs(second[one] - second[other]))
    tolerance = max(_TOLERANCE_S, float(np.partition(both, _MATCHES - 1)[_MATCHES - 1]))
    sample = -np.log(np.sum(both <= tolerance) / np.sum(near <= tolerance))
    return float(sample + np.log(2 * tolerance) - np.log(np.mean(second)))


def alike_ones(signal: Signal, beats: Sequence[int], rate_hz: float) -> Flags:
    """Which beats have the shape that most have, in this lead."""
    if not beats or not np.isfinite(signal).any():
        return np.zeros(len(beats), dtype=np.bool_)
    around, shift = round(_AROUND_S * rate_hz), round(_SHIFT_S * rate_hz)
    wide = around + shift
    padded = np.pad(in_band(signal, rate_hz), wide, mode="edge")
    rows = padded[np.asarray(beats)[:, None] + np.arange(2 * wide + 1)]
    cut, likeness = _aligned(rows, np.median(rows, axis=0)[shift : shift + 2 * around + 1], shift)
    usual = np.median(cut[likeness >= np.median(likeness)], axis=0)
    cut, likeness = _aligned(rows, usual, shift)
    loud = np.sqrt(np.mean(cut * cut, axis=1))
    common = float(np.median(loud)) or 1.0
    return (likeness > _ALIKE) & (loud < _LOUDER * common) & (loud > common / _LOUDER)


def _aligned(rows: Signal, shape: Signal, shift: int) -> tuple[Signal, Signal]:
    """Each row cut where it is most like `shape`, and how like that is: their correlation."""
    views = np.lib.stride_tricks.sliding_window_view(rows, shape.size, axis=1)
    sizes = np.sqrt(np.sum(views * views, axis=2) * np.sum(shape * shape))
    likeness = np.divide(views @ shape, sizes, out=np.zeros_like(sizes), where=sizes > 0)
    best = np.argmax(likeness[:, : 2 * shift + 1], axis=1)
    number = np.arange(len(rows))
    return views[number, best], likeness[number, best]
