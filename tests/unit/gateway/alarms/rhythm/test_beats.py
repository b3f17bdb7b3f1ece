"""Beats are found where they are, at any rate, in pieces of any size, and none where there is none."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.alarms.rhythm.beats import Beats
from gateway.alarms.rhythm.slope import PULSE, QRS, Shape
from tests.unit.gateway.alarms.rhythm.signals import PER_MV, beats, ecg, pleth

NEAR_S = 0.15


def found(samples: list[int], rate: int, shape: Shape = QRS, piece: int = 50) -> list[float]:
    """The times of what is found."""
    detector = Beats(shape, rate, 1 / PER_MV)
    numbers = [
        one for start in range(0, len(samples), piece) for one in detector.add(samples[start : start + piece])
    ]
    return [number / rate for number in numbers]


def assert_same(got: list[float], wanted: list[float], near_s: float = NEAR_S) -> None:
    assert len(got) == len(wanted)
    assert max(abs(one - other) for one, other in zip(got, wanted, strict=True)) < near_s


@pytest.mark.parametrize("rate", [125, 250, 360, 500])
@pytest.mark.parametrize("rate_min", [30, 60, 120, 200])
def test_each_complex_is_found_once_within_150_ms(rate: int, rate_min: int) -> None:
    times = beats(rate_min, 20)
    assert_same(found(ecg(times, 20, rate), rate), times)


@pytest.mark.parametrize("rate_min", [40, 75, 150])
def test_each_pulse_is_found_once_and_the_dicrotic_wave_is_none(rate_min: int) -> None:
    times = beats(rate_min, 20)
    upstrokes = [time + 0.1 for time in times]
    assert_same(found(pleth(times, 20), 75, PULSE), upstrokes, 0.2)


def test_irregular_beats_are_found_each(rate: int = 250) -> None:
    times = [0.4, 1.2, 1.7, 2.9, 3.4, 4.9, 5.3, 6.6, 7.1, 7.6, 8.8]
    assert_same(found(ecg(times, 10, rate), rate), times)


def test_small_complexes_after_large_ones_are_found() -> None:
    times = beats(75, 30)
    samples = ecg(times, 30)
    half = len(samples) // 2
    assert_same(found(samples[:half] + [one * 2 // 5 for one in samples[half:]], 250), times)


@pytest.mark.parametrize("noise", [0.0, 0.01, 0.03])
def test_in_a_flat_line_with_noise_no_beat_is_found_however_long(noise: float) -> None:
    assert found(ecg([], 300, noise=noise), 250) == []


def test_after_the_last_beat_no_noise_becomes_one() -> None:
    times = beats(75, 20)
    assert_same(found(ecg(times, 200, noise=0.03), 250), times)


def test_a_signal_that_begins_far_from_zero_begins_with_no_beat() -> None:
    times = beats(60, 10)
    assert_same(found([one + 20_000 for one in ecg(times, 10)], 250), times)


def test_an_artefact_is_forgotten_within_seconds() -> None:
    times = beats(75, 40)
    samples = ecg(times, 40)
    for n in range(2500, 3000, 7):
        samples[n] = 30_000 if n % 2 else -30_000
    after = [time for time in times if time > 15]
    assert_same([time for time in found(samples, 250) if time > 15], after)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(1, 400), min_size=1, max_size=40))
def test_the_size_of_the_pieces_changes_nothing_but_when_a_late_beat_is_found(sizes: list[int]) -> None:
    samples = ecg(beats(90, 8), 8)
    whole, detector, pieces, start = found(samples, 250), Beats(QRS, 250, 1 / PER_MV), list[int](), 0
    for size in [*sizes, len(samples)]:
        pieces += detector.add(samples[start : start + size])
        start += size
    assert [number / 250 for number in pieces] == whole


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(-32767, 32767), max_size=2000))
def test_whatever_comes_beats_are_in_order_and_no_nearer_than_they_can_be(samples: list[int]) -> None:
    times = found(samples, 250)
    assert all(later - earlier >= QRS.closest_s for earlier, later in pairwise(times))
    assert all(time < len(samples) / 250 for time in times)
