"""A value keeps its limits, breaks them, or proves nothing: by the rule that it names."""

import math
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hil.errors import BadMeasurement
from hil.evidence.measurement import Distribution, Judgement, Limits, Measurement, Rule, worst

FINITE = st.floats(-1e6, 1e6, allow_nan=False)


@pytest.mark.parametrize(
    ("value", "judgement"),
    [
        (0.8, Judgement.WITHIN),
        (0.9, Judgement.WITHIN),
        (0.95, Judgement.INCONCLUSIVE),
        (1.0, Judgement.INCONCLUSIVE),
        (1.05, Judgement.INCONCLUSIVE),
        (1.2, Judgement.BEYOND),
        (-0.15, Judgement.BEYOND),
        (0.05, Judgement.INCONCLUSIVE),
    ],
)
def test_a_guard_band_is_as_wide_as_the_uncertainty(value: float, judgement: Judgement) -> None:
    assert Measurement("x", value, "s", 0.0, 1.0, uncertainty=0.1).judgement is judgement


@pytest.mark.parametrize(("value", "judgement"), [(1.0, Judgement.WITHIN), (1.01, Judgement.BEYOND)])
def test_simple_acceptance_takes_the_value_alone(value: float, judgement: Judgement) -> None:
    assert Measurement("x", value, "s", upper=1.0, uncertainty=0.5, rule=Rule.SIMPLE).judgement is judgement


def test_without_limits_nothing_is_claimed() -> None:
    assert Measurement("x", 1.0, "s").judgement is Judgement.NO_LIMITS


def test_a_band_narrower_than_the_uncertainty_is_never_kept() -> None:
    assert Measurement("x", 0.5, "s", 0.0, 1.0, uncertainty=0.6).judgement is Judgement.INCONCLUSIVE


def test_a_guard_band_needs_an_uncertainty() -> None:
    with pytest.raises(BadMeasurement, match=r"take Rule.SIMPLE"):
        Measurement("x", 1.0, "s", upper=2.0)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 1e300])
def test_what_was_not_measured_is_no_value(value: float) -> None:
    with pytest.raises(BadMeasurement, match="finite"):
        Measurement("x", value, "s")
    with pytest.raises(BadMeasurement, match="finite"):
        Distribution("x", "s", (1.0, value))


@pytest.mark.parametrize(
    "options",
    [
        {"lower": 2.0, "upper": 1.0},
        {"upper": math.nan},
        {"uncertainty": -0.1},
        {"uncertainty": math.nan},
        {"samples": 0},
        {"unit": "beats per minute"},
        {"unit": ""},
        {"name": ""},
    ],
)
def test_what_cannot_be_judged_is_refused(options: dict[str, float]) -> None:
    with pytest.raises(BadMeasurement):
        Measurement(**{"name": "x", "value": 1.0, "unit": "s", "rule": Rule.SIMPLE, **options})


@given(FINITE, st.floats(0, 1e3), FINITE, st.floats(0, 1e5))
def test_kept_means_that_no_value_within_the_uncertainty_breaks_it(
    value: float, uncertainty: float, lower: float, width: float
) -> None:
    def judged(true: float, rule: Rule = Rule.SIMPLE) -> Judgement:
        return Measurement("x", true, "s", lower, lower + width, uncertainty=uncertainty, rule=rule).judgement

    ends = [judged(value - uncertainty), judged(value + uncertainty)]
    found = judged(value, Rule.GUARDED)
    assert (found is Judgement.WITHIN) == (ends == [Judgement.WITHIN] * 2)
    if found is Judgement.BEYOND:
        assert ends == [Judgement.BEYOND] * 2


def test_percentiles_by_nearest_rank() -> None:
    one = Distribution("x", "s", tuple(float(n) for n in range(1, 21)))
    told = {name: one.at(name) for name in ("p50", "p95", "p99", "p0", "min", "max", "mean")}
    assert told == {"p50": 10, "p95": 19, "p99": 20, "p0": 1, "min": 1, "max": 20, "mean": 10.5}


@given(st.lists(FINITE, min_size=1, max_size=60), st.integers(1, 99))
def test_a_percentile_is_a_value_that_came_and_so_many_are_not_above_it(
    samples: list[float], percent: int
) -> None:
    value = Distribution("x", "s", tuple(samples)).at(f"p{percent}")
    assert value in samples
    assert sum(one <= value for one in samples) >= percent * len(samples) / 100 - 1e-9


def test_each_limit_judges_its_percentile_and_the_worst_counts() -> None:
    samples = (0.1,) * 95 + (2.0,) * 5
    one = Distribution("x", "s", samples, {"p95": Limits(upper=1), "max": Limits(upper=1)}, 0.0)
    assert {each.name: each.judgement for each in one.measured()} == {
        "x, p50": Judgement.NO_LIMITS,
        "x, p95": Judgement.WITHIN,
        "x, p99": Judgement.NO_LIMITS,
        "x, max": Judgement.BEYOND,
    }
    assert one.judgement is Judgement.BEYOND


@pytest.mark.parametrize("name", ["p100", "q5", "median", "p", "p-1", "95"])
def test_a_limit_of_no_percentile_is_refused(name: str) -> None:
    with pytest.raises(BadMeasurement, match="expected p0 to"):
        Distribution("x", "s", (1.0,), {name: Limits(upper=1)}, 0.0)


def test_so_few_samples_do_not_tell_a_high_percentile() -> None:
    def at_most(count: int, name: str) -> float | None:
        return Distribution("x", "s", tuple(map(float, range(count)))).at_most(name)

    assert (at_most(58, "p95"), at_most(59, "p95")) == (None, 58)
    assert (at_most(298, "p99"), at_most(299, "p99")) == (None, 298)
    assert at_most(1000, "max") is None


def test_the_ends_of_a_percentile_are_right_nineteen_times_of_twenty() -> None:
    draw, above, below = Random(5), 0, 0
    for _ in range(400):
        one = Distribution("x", "s", tuple(draw.random() for _ in range(80)))
        above += (one.at_most("p90") or 2) >= 0.9
        below += (one.at_least("p90") or -1) <= 0.9
    assert 0.93 < above / 400 < 1
    assert 0.93 < below / 400 < 1


def test_the_worst_of_nothing_claims_nothing() -> None:
    assert worst([]) is Judgement.NO_LIMITS
