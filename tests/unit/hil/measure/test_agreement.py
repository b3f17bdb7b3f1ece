"""Bias, limits of agreement and Arms, against numbers by hand and what must hold of any."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hil.errors import BadMeasurement
from hil.evidence.measurement import Judgement
from hil.measure.agreement import Agreement, accuracy, binned

VALUES = st.floats(-200, 200, allow_nan=False)
PAIRS = st.lists(st.tuples(VALUES, VALUES), min_size=2, max_size=40)
BY_HAND = [(90.0, 91.0), (80.0, 82.0), (70.0, 73.0)]
"""Differences 1, 2, 3."""


def test_by_hand() -> None:
    found = Agreement.of(BY_HAND)
    assert (found.count, found.bias, found.sd) == (3, 2.0, 1.0)
    assert (found.low, found.high) == pytest.approx((0.04, 3.96))
    assert found.arms == pytest.approx(math.sqrt(14 / 3))


def test_uncertainty_by_hand() -> None:
    found = Agreement.of(BY_HAND)
    assert found.uncertainty() == pytest.approx(2 / math.sqrt(3))
    assert found.uncertainty(independent=1) == pytest.approx(2)
    assert found.uncertainty(reference=1.5, independent=1) == pytest.approx(2.5)
    assert found.limits_uncertainty() == pytest.approx(2)


@given(PAIRS)
def test_arms_has_both_the_bias_and_the_spread(pairs: list[tuple[float, float]]) -> None:
    found = Agreement.of(pairs)
    spread = found.sd**2 * (found.count - 1) / found.count
    assert found.arms**2 == pytest.approx(found.bias**2 + spread, rel=1e-6, abs=1e-6)


@given(PAIRS, st.floats(-50, 50))
def test_a_constant_error_moves_the_bias_and_nothing_else(
    pairs: list[tuple[float, float]], more: float
) -> None:
    before = Agreement.of(pairs)
    after = Agreement.of([(reference, measured + more) for reference, measured in pairs])
    assert after.bias == pytest.approx(before.bias + more, abs=1e-6)
    assert after.sd == pytest.approx(before.sd, abs=1e-6)


def test_one_pair_is_no_comparison() -> None:
    with pytest.raises(BadMeasurement, match="at least two pairs"):
        Agreement.of([(1.0, 1.0)])


def test_bins_take_each_pair_once_and_the_last_edge_too() -> None:
    pairs = [(70.0, 70.0), (79.9, 80.0), (80.0, 81.0), (100.0, 99.0)]
    bins = list(binned(pairs, [70, 80, 100]))
    assert [one.agreement.count for one in bins if one.agreement] == [2, 2]


def test_a_bin_with_one_pair_says_nothing() -> None:
    assert [one.agreement for one in binned([(75.0, 75.0)], [70, 80])] == [None]


def test_accuracy_is_four_measurements_of_which_arms_has_the_limit() -> None:
    told = accuracy("SpO2", "%", BY_HAND, 0.1, arms=4.0)
    assert [one.name.partition(", ")[2] for one in told] == [
        "bias",
        "lower limit of agreement",
        "upper limit of agreement",
        "Arms",
    ]
    assert [one.judgement for one in told] == [Judgement.NO_LIMITS] * 3 + [Judgement.WITHIN]


def test_many_values_of_few_fingers_prove_less() -> None:
    *_, of_many = accuracy("SpO2", "%", BY_HAND * 100, 0.1, arms=3.0)
    *_, of_three = accuracy("SpO2", "%", BY_HAND * 100, 0.1, arms=3.0, independent=3)
    assert (of_many.judgement, of_three.judgement) == (Judgement.WITHIN, Judgement.INCONCLUSIVE)
