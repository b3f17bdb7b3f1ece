"""The textbook's figures: small examples that a person can work out, and scikit-learn's own."""

from math import log

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, roc_auc_score

from controller.models.statistics import (
    auprc,
    auroc,
    brier,
    calibration,
    curve,
    net_benefit,
    shares,
    stability,
)

ROWS = st.lists(st.tuples(st.integers(0, 12), st.booleans(), st.integers(0, 3)), min_size=2, max_size=60)


@settings(max_examples=80)
@given(ROWS)
def test_discrimination_is_what_scikit_learn_says_ties_and_weights_too(
    rows: list[tuple[int, bool, int]],
) -> None:
    score, happened, weights = (np.array(one, dtype=float) for one in zip(*rows, strict=True))
    both = (weights * happened).sum() > 0 and (weights * (1 - happened)).sum() > 0
    found = auroc(score, happened, weights), auprc(score, happened, weights)
    if not both:
        assert np.isnan(found[0])
        return
    assert found[0] == pytest.approx(roc_auc_score(happened, score, sample_weight=weights))
    assert found[1] == pytest.approx(average_precision_score(happened, score, sample_weight=weights))


def test_net_benefit_is_true_alarms_less_false_ones_at_the_odds_of_the_threshold() -> None:
    treated = np.array([1, 1, 1, 0, 0, 0, 0, 0, 0, 0])
    happened = np.array([1, 1, 0, 1, 0, 0, 0, 0, 0, 0], dtype=float)
    ones = np.ones(10)
    assert net_benefit(treated, happened, ones, 0.2) == pytest.approx(2 / 10 - 1 / 10 * 0.25)
    assert net_benefit(ones, happened, ones, 0.3) == pytest.approx(0.3 - 0.7 * 0.3 / 0.7)
    assert net_benefit(np.zeros(10), happened, ones, 0.2) == 0


def test_calibration_of_two_groups_is_what_logarithms_of_odds_say() -> None:
    """Predicted 0.2 and 0.5; observed 0.1 and 0.6: a line through two points in logits."""
    probability = np.array([0.2] * 10 + [0.5] * 10)
    happened = np.array([1] + [0] * 9 + [1] * 6 + [0] * 4, dtype=float)
    found = calibration(probability, happened, np.ones(20))
    steep = (log(0.6 / 0.4) - log(0.1 / 0.9)) / (log(0.5 / 0.5) - log(0.2 / 0.8))
    assert found.slope == pytest.approx(steep)
    moved = 1 / (1 + np.exp(-(np.log(probability / (1 - probability)) + found.intercept)))
    assert moved.mean() == pytest.approx(happened.mean())  # what in the large means


def test_a_model_is_calibrated_on_its_own_data() -> None:
    draw = np.random.default_rng(3)
    columns = draw.normal(size=(400, 2))
    happened = (draw.random(400) < 1 / (1 + np.exp(1 - columns[:, 0]))).astype(float)
    fit = LogisticRegression(C=1e9, tol=1e-10).fit(columns, happened)
    found = calibration(fit.predict_proba(columns)[:, 1], happened, np.ones(400))
    assert found == pytest.approx((0, 1), abs=1e-4)


def test_nobody_with_an_event_says_nothing_of_calibration() -> None:
    found = calibration(np.array([0.1, 0.2]), np.zeros(2), np.ones(2))
    assert np.isnan(found.slope)


def test_a_probability_of_0_or_1_can_be_held_against_what_happened() -> None:
    found = calibration(np.array([0.0, 0.1, 0.9, 1.0]), np.array([1.0, 0, 1, 0]), np.ones(4))
    assert np.isfinite(found).all()


def test_brier_and_curve_of_a_small_example() -> None:
    probability, happened = np.array([0.1, 0.9, 0.2, 0.8]), np.array([0, 1, 1, 1], dtype=float)
    assert brier(probability, happened, np.ones(4)) == pytest.approx((0.01 + 0.01 + 0.64 + 0.04) / 4)
    low, high = curve(probability, happened, 2)
    assert low == pytest.approx((0.15, 0.5, 2))
    assert high == pytest.approx((0.85, 1, 2))


def test_the_stability_index_of_the_same_shares_is_nothing_and_of_others_as_by_the_formula() -> None:
    assert stability([0.5, 0.5], [0.5, 0.5]) == 0
    assert stability([0.5, 0.5], [0.25, 0.75]) == pytest.approx(-0.25 * log(0.5) + 0.25 * log(1.5))
    assert np.isfinite(stability([1, 0], [0, 1]))


def test_a_value_on_an_edge_lies_below_it() -> None:
    assert shares(np.array([0, 1, 1, 2, 5], dtype=float), [1, 2]) == [0.6, 0.2, 0.2]
