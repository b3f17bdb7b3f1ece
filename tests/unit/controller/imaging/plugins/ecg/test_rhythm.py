"""Irregular as atrial fibrillation is what has no order; ectopic beats and breathing are not."""

import numpy as np
import pytest

from controller.imaging.plugins.ecg.beats import find_beats
from controller.imaging.plugins.ecg.rhythm import FEWEST, Rhythm, alike_ones, rhythm_of
from hil.bench.ecg.made import Made, bigeminal, fibrillating, sinus


def judged(one: Made) -> Rhythm:
    beats = find_beats([one.signal], one.rate)
    rhythm = rhythm_of(beats, alike_ones(one.signal, beats, one.rate), one.rate)
    assert rhythm
    return rhythm


@pytest.mark.parametrize("seed", range(5))
def test_fibrillation_is_told_from_a_rhythm_that_breathes(seed: int) -> None:
    assert judged(fibrillating(np.random.default_rng(seed), 30)).is_irregular
    assert not judged(sinus(np.random.default_rng(seed), 30)).is_irregular


@pytest.mark.parametrize("seed", range(5))
def test_ectopic_beats_are_told_by_their_shape_and_left_out(seed: int) -> None:
    one = bigeminal(np.random.default_rng(seed), 30)
    rhythm = judged(one)
    assert rhythm.odd >= len(one.beats) // 4 - 1
    assert not rhythm.is_irregular


def test_with_the_ectopic_beats_it_would_be_irregular() -> None:
    """That leaving them out is what helps."""
    one = bigeminal(np.random.default_rng(1), 30)
    beats = find_beats([one.signal], one.rate)
    assert judged(one).change < 0.08
    everything = rhythm_of(beats, np.ones(len(beats), dtype=np.bool_), one.rate)
    assert everything
    assert everything.change > judged(one).change


def test_ten_seconds_are_enough_to_say_something() -> None:
    assert judged(fibrillating(np.random.default_rng(0), 10, per_min=110)).is_judged


def test_too_few_intervals_say_nothing() -> None:
    rhythm = rhythm_of(list(range(0, FEWEST * 100, 100)), np.ones(FEWEST, dtype=np.bool_), 100)
    assert rhythm
    assert not rhythm.is_judged
    assert not rhythm.is_irregular
    assert rhythm.rate_per_min == 60


def test_one_beat_is_no_rhythm() -> None:
    assert rhythm_of([7], np.ones(1, dtype=np.bool_), 100) is None


def test_no_beat_has_a_shape() -> None:
    assert alike_ones(np.zeros(100), [], 100).size == 0
