"""Counting: found beats against annotated ones, windows of a rhythm against what was said of them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from controller.imaging.plugins.ecg.beats import Signal, find_beats
from controller.imaging.plugins.ecg.rhythm import alike_ones, rhythm_of
from hil.bench.ecg.annotations import Annotations
from hil.bench.rhythm.table import NEAR_S, matched

DRAWS = 2000
"""Of the bootstrap."""


@dataclass(frozen=True, slots=True)
class Counts:
    """Of one record. `hits`: pairs of one found and one wanted; `silent`: windows rightly without a word."""

    name: str
    hits: int
    wanted: int
    found: int
    silent: int = 0


def count_beats(name: str, leads: Sequence[Signal], rate: float, told: Annotations) -> Counts:
    """One to one within 150 ms; what is in ventricular flutter counts on neither side (ANSI/AAMI EC57)."""
    found = _outside(find_beats(leads, rate), told)
    wanted = _outside(told.beats, told)
    return Counts(name, matched(found, wanted, round(NEAR_S * rate)), len(wanted), len(found))


def _outside(beats: Sequence[int], told: Annotations) -> list[int]:
    return [one for one in beats if not any(begin <= one <= end for begin, end in told.fluttering)]


def count_windows(name: str, lead: Signal, rate: float, told: Annotations, seconds: int) -> Counts:
    """Windows of which all or nothing is atrial fibrillation, each judged alone; not judged is silent."""
    size, hits, wanted, found, silent = round(seconds * rate), 0, 0, 0, 0
    for begin in range(0, len(lead) - size + 1, size):
        share = told.share("AFIB", begin, begin + size)
        if 0 < share < 1:
            continue
        part = lead[begin : begin + size]
        beats = find_beats([part], rate)
        rhythm = rhythm_of(beats, alike_ones(part, beats, rate), rate)
        says, is_so = rhythm is not None and rhythm.is_irregular, share == 1
        hits, wanted, found = hits + (says and is_so), wanted + is_so, found + says
        silent += not says and not is_so
    return Counts(name, hits, wanted, found, silent)


def share(counts: Sequence[Counts], of: str) -> str:
    """Sensitivity ("wanted"), PPV ("found") or specificity ("silent") of all, with its 95 % interval.

    Records differ more than beats of one: the interval comes from drawing records with replacement.
    """
    good, all_ = np.array([_fraction(one, of) for one in counts], dtype=np.float64).T
    if not all_.sum():
        return "none to count"
    value = good.sum() / all_.sum()
    told = f"{100 * value:.2f} % ({good.sum():.0f} of {all_.sum():.0f}"
    if value == 1:  # there is nothing to draw: the rule of three, over records
        return f"{told}; 95 %: from {100 * max(0, 1 - 3 / np.sum(all_ > 0)):.0f} %)"
    drawn = np.random.default_rng(1).integers(0, len(good), (DRAWS, len(good)))
    tops, bottoms = good[drawn].sum(axis=1), all_[drawn].sum(axis=1)
    low, high = np.percentile(tops[bottoms > 0] / bottoms[bottoms > 0], (2.5, 97.5))
    return f"{told}; 95 %: {100 * low:.2f} to {100 * high:.2f} %)"


def _fraction(one: Counts, of: str) -> tuple[int, int]:
    if of == "silent":
        return one.silent, one.silent + one.found - one.hits
    return one.hits, one.wanted if of == "wanted" else one.found
