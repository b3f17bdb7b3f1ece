"""A recording that was delayed, cut and disturbed in a known way is found to be just that."""

import math
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hil.errors import BadMeasurement
from hil.evidence.measurement import Judgement, Limits
from hil.measure.waveform import fidelity

RATE = 50


def wave(at: float) -> float:
    return math.sin(at / 9) + 0.4 * math.sin(at / 4.1) + 0.2 * math.sin(at / 31)


GOLDEN = [wave(index) for index in range(600)]


def test_the_recording_itself_is_faithful() -> None:
    found = fidelity(GOLDEN, list(enumerate(GOLDEN)), RATE, 0.4)
    assert found.delay_s == pytest.approx(0, abs=1e-3)
    assert found.rmse == pytest.approx(0, abs=2e-3)
    assert (found.lost, found.doubled, found.correlation) == (0, 0, pytest.approx(1))


@settings(max_examples=15, deadline=None)
@given(st.floats(-15, 15))
def test_a_delay_is_found_to_a_part_of_a_sample(samples: float) -> None:
    arrived = [(index, wave(index - samples)) for index in range(20, 500)]
    found = fidelity(GOLDEN, arrived, RATE, 0.4)
    assert found.delay_s * RATE == pytest.approx(samples, abs=0.02)


def test_lost_and_doubled_samples_are_counted_and_cost_no_fidelity() -> None:
    arrived = [(index, GOLDEN[index]) for index in range(100, 400) if not 200 <= index < 207]
    found = fidelity(GOLDEN, [*arrived, arrived[5], arrived[5], arrived[9]], RATE, 0.4)
    assert (found.lost, found.doubled) == (7, 3)
    assert found.rmse < 0.002
    assert found.measured.count(None) == 7


def test_a_constant_error_is_the_rmse() -> None:
    found = fidelity(GOLDEN, [(index, one + 0.5) for index, one in enumerate(GOLDEN)], RATE, 0.4)
    assert found.rmse == pytest.approx(0.5, abs=1e-3)


def test_another_waveform_has_no_delay() -> None:
    draw = Random(4)
    with pytest.raises(BadMeasurement, match="another waveform"):
        fidelity(GOLDEN, [(index, draw.gauss(0, 1)) for index in range(400)], RATE, 0.4)


def test_a_flat_line_has_no_delay() -> None:
    with pytest.raises(BadMeasurement, match="another waveform"):
        fidelity(GOLDEN, [(index, 1.0) for index in range(400)], RATE, 0.4)


def test_nothing_is_no_waveform() -> None:
    with pytest.raises(BadMeasurement, match="nothing arrived"):
        fidelity(GOLDEN, [], RATE, 0.4)


def test_one_lost_sample_breaks_a_limit_of_none() -> None:
    found = fidelity(GOLDEN, [(i, one) for i, one in enumerate(GOLDEN) if i != 300], RATE, 0.4)
    judged = {one.name: one for one in found.judged("pleth", "1", {"lost": Limits(upper=0)})}
    assert judged["pleth, lost"].judgement is Judgement.BEYOND
    assert judged["pleth, delay"].judgement is Judgement.NO_LIMITS


def test_a_delay_is_uncertain_by_half_a_sample() -> None:
    found = fidelity(GOLDEN, list(enumerate(GOLDEN)), RATE, 0.4)
    delay = found.judged("pleth", "1", {"delay": Limits(-0.02, 0.02)})[0]
    assert delay.uncertainty == pytest.approx(2 * 0.5 / math.sqrt(3) / RATE)
    assert delay.judgement is Judgement.WITHIN
