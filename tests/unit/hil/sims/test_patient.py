"""A patient is a function of seed and time, and the pulse shown is that of the pleth."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hil.sims.beats import find_beats
from hil.sims.patient import Patient

RATE_HZ = 75
times = st.floats(min_value=0, max_value=1e7)
seeds = st.integers(min_value=0, max_value=50)


@given(seeds, times)
def test_the_same_seed_and_time_give_the_same_values(seed: int, time_s: float) -> None:
    one, two = Patient(seed), Patient(seed)
    two.pleth(time_s / 2)  # what was asked before does not matter
    for name in ("pleth", "heart_rate", "spo2", "temperature"):
        assert getattr(one, name)(time_s) == getattr(two, name)(time_s)


def test_patients_of_six_beds_differ() -> None:
    assert len({Patient(seed).pleth(100.0) for seed in range(6)}) == 6
    assert len({Patient(seed).recording.name for seed in range(6)}) == 3


@given(seeds, times)
def test_every_value_is_plausible(seed: int, time_s: float) -> None:
    patient = Patient(seed)
    assert 0 <= patient.pleth(time_s) <= 1
    assert 45 < patient.heart_rate(time_s) < 130
    assert 90 <= patient.spo2(time_s) <= 100
    assert 36 < patient.temperature(time_s) < 38.5


@pytest.mark.parametrize("seed", range(6))
def test_the_heart_rate_is_that_of_the_beats_seen_in_the_pleth(seed: int) -> None:
    patient, length_s = Patient(seed), 40
    seen = find_beats([patient.pleth(i / RATE_HZ) for i in range(length_s * RATE_HZ)], RATE_HZ)
    seen_rate = 60 * (len(seen) - 1) / ((seen[-1] - seen[0]) / RATE_HZ)
    shown = [patient.heart_rate(second) for second in range(5, length_s)]
    assert sum(shown) / len(shown) == pytest.approx(seen_rate, rel=0.03)


@pytest.mark.parametrize("seed", range(6))
def test_each_beat_is_a_peak_of_the_pleth(seed: int) -> None:
    patient = Patient(seed)
    for beat in patient.beats(10.0, 30.0):
        around = [patient.pleth(beat + offset / 50) for offset in range(-10, 11)]
        assert patient.pleth(beat) == pytest.approx(max(around), abs=0.02)


@given(seeds, times, st.floats(min_value=0.1, max_value=10))
def test_rr_intervals_sum_to_the_time_between_beats(seed: int, start: float, span: float) -> None:
    patient = Patient(seed)
    beats, intervals = patient.beats(start, start + span), patient.rr_intervals(start, start + span)
    assert len(beats) == len(intervals)
    assert sum(intervals[1:]) == pytest.approx(beats[-1] - beats[0] if beats else 0, abs=1e-6)


@given(seeds, times, st.floats(min_value=0, max_value=10), st.floats(min_value=0, max_value=10))
def test_no_beat_is_lost_or_doubled_where_two_spans_meet(
    seed: int, start: float, first: float, second: float
) -> None:
    patient = Patient(seed)
    middle, end = start + first, start + first + second
    assert patient.beats(start, end) == patient.beats(start, middle) + patient.beats(middle, end)


@given(seeds, times)
def test_temperature_and_oxygen_change_slowly(seed: int, time_s: float) -> None:
    patient = Patient(seed)
    assert abs(patient.spo2(time_s + 1) - patient.spo2(time_s)) < 0.5
    assert abs(patient.temperature(time_s + 1) - patient.temperature(time_s)) < 0.02
