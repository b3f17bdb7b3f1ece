"""Beats are found where they are, once each, whatever else is in the signal."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controller.imaging.plugins.ecg.beats import find_beats
from hil.bench.ecg.made import Made, bigeminal, fibrillating, sinus
from hil.bench.rhythm.table import matched


def made(kind: object = sinus, seconds: float = 30, per_min: float = 75, rate: int = 250) -> Made:
    return kind(np.random.default_rng(3), seconds, per_min, rate)  # pyright: ignore[reportCallIssue]


def near(one: Made, found: list[int]) -> int:
    return matched(found, one.beats, round(0.15 * one.rate))


@pytest.mark.parametrize("kind", [sinus, bigeminal, fibrillating])
@pytest.mark.parametrize("rate", [125, 250, 500])
def test_every_beat_is_found_once(kind: object, rate: int) -> None:
    one = made(kind, rate=rate)
    found = find_beats([one.signal], rate)
    assert near(one, found) == len(found) == len(one.beats)


@pytest.mark.parametrize("per_min", [35, 180])
def test_slow_and_fast_hearts_are_counted(per_min: float) -> None:
    one = made(per_min=per_min)
    assert len(find_beats([one.signal], one.rate)) == len(one.beats)


def test_the_unit_does_not_matter() -> None:
    one = made()
    assert find_beats([one.signal * 1000], one.rate) == find_beats([one.signal], one.rate)


def test_a_wandering_baseline_and_the_mains_are_no_beats() -> None:
    one = made()
    along = np.arange(one.signal.size) / one.rate
    worse = one.signal + 2 * np.sin(along * 2) + 0.3 * np.sin(2 * np.pi * 50 * along)
    found = find_beats([worse], one.rate)
    assert near(one, found) == len(found) == len(one.beats)


def test_a_lead_that_is_only_noise_does_not_outvote_two_good_ones() -> None:
    one = made()
    noise = np.random.default_rng(9).normal(0, 1, one.signal.size)
    found = find_beats([one.signal, -0.4 * one.signal, noise], one.rate)
    assert near(one, found) == len(one.beats)
    assert len(found) - len(one.beats) <= 1


def test_nothing_is_found_where_nothing_was_measured() -> None:
    one = made()
    cut = one.signal.copy()
    cut[10 * one.rate : 16 * one.rate] = np.nan
    found = find_beats([cut], one.rate)
    assert not [beat for beat in found if 10.1 * one.rate < beat < 15.9 * one.rate]
    assert len(found) > 0.7 * len(one.beats)


@pytest.mark.parametrize("signal", [np.zeros(5000), np.full(5000, np.nan), np.zeros(0), np.full(5000, 3.0)])
def test_a_flat_an_unmeasured_or_an_empty_signal_has_no_beats(signal: np.ndarray) -> None:
    assert find_beats([signal], 250) == []


def test_no_leads_have_no_beats() -> None:
    assert find_beats([], 250) == []


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(-1e6, 1e6), min_size=0, max_size=2000), st.sampled_from([100.0, 250.0, 1000.0]))
def test_whatever_comes_beats_are_in_the_signal_ascending_and_not_nearer_than_hearts_beat(
    values: list[float], rate: float
) -> None:
    found = find_beats([np.array(values)], rate)
    assert all(0 <= one < len(values) for one in found)
    assert all(later - one >= 0.2 * rate for one, later in pairwise(found))
