"""NEWS2: the sum, its risk, and that what is missing makes it incomplete, never lower."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.model.scores import FUTURE_MS, Lack, Risk, Seen, lack_of, news2
from devices.model.scores_chart import Parameter

P = Parameter
NOW = 1_000_000
HEALTHY = {
    P.RESPIRATION: 16.0,
    P.SPO2: 98.0,
    P.OXYGEN: 0.0,
    P.SYSTOLIC: 120.0,
    P.PULSE: 70.0,
    P.CONSCIOUSNESS: 0.0,
    P.TEMPERATURE: 37.0,
}
WORST = {
    P.RESPIRATION: 5.0,
    P.SPO2: 70.0,
    P.OXYGEN: 1.0,
    P.SYSTOLIC: 60.0,
    P.PULSE: 180.0,
    P.CONSCIOUSNESS: 1.0,
    P.TEMPERATURE: 33.0,
}
LIMITS = {
    P.RESPIRATION: st.floats(0, 80),
    P.SPO2: st.floats(50, 100),
    P.OXYGEN: st.sampled_from([0.0, 1.0]),
    P.SYSTOLIC: st.floats(40, 260),
    P.PULSE: st.floats(20, 250),
    P.CONSCIOUSNESS: st.sampled_from([0.0, 1.0]),
    P.TEMPERATURE: st.floats(30, 43),
}
patients = st.fixed_dictionaries(LIMITS)


def seen(values: dict[Parameter, float], age_ms: int = 0) -> dict[Parameter, Seen]:
    return {parameter: Seen(value, NOW - age_ms, 10_000) for parameter, value in values.items()}


def risk_of(**changes: float) -> Risk:
    return news2(seen(HEALTHY | {P[name.upper()]: value for name, value in changes.items()}), NOW).risk


def test_a_healthy_person_scores_nothing_and_is_at_low_risk() -> None:
    score = news2(seen(HEALTHY), NOW)
    assert (score.total, score.risk, score.missing) == (0, Risk.LOW, ())


def test_the_most_that_anyone_can_score_is_twenty() -> None:
    score = news2(seen(WORST), NOW)
    assert (score.total, score.risk) == (20, Risk.HIGH)
    assert [part.points for part in score.parts] == [3, 3, 2, 3, 3, 3, 3]


def test_every_point_has_its_reason() -> None:
    score = news2(seen(HEALTHY | {P.RESPIRATION: 22.0}), NOW)
    told = {part.parameter: (part.points, part.reason) for part in score.parts}
    assert told[P.RESPIRATION] == (2, "21–24")
    assert told[P.SPO2] == (0, "≥96")


@pytest.mark.parametrize(
    ("changes", "total", "risk"),
    [
        ({"temperature": 39.0, "pulse": 100, "oxygen": 1}, 4, Risk.LOW),
        ({"systolic": 85}, 3, Risk.LOW_MEDIUM),
        ({"systolic": 85, "pulse": 100}, 4, Risk.LOW_MEDIUM),
        ({"oxygen": 1, "pulse": 120, "temperature": 39.0}, 5, Risk.MEDIUM),
        ({"systolic": 85, "pulse": 120, "temperature": 39.0}, 6, Risk.MEDIUM),
        ({"systolic": 85, "pulse": 120, "oxygen": 1}, 7, Risk.HIGH),
    ],
)
def test_the_risk_is_that_of_the_published_thresholds(
    changes: dict[str, float], total: int, risk: Risk
) -> None:
    score = news2(seen(HEALTHY | {P[name.upper()]: value for name, value in changes.items()}), NOW)
    assert (score.total, score.risk) == (total, risk)


def test_one_parameter_with_three_points_is_more_than_low_risk() -> None:
    assert risk_of(consciousness=1) is Risk.LOW_MEDIUM
    assert risk_of(pulse=130) is Risk.LOW


@pytest.mark.parametrize("parameter", Parameter)
def test_without_one_parameter_there_is_no_score_but_a_lower_bound(parameter: Parameter) -> None:
    rest = {one: value for one, value in WORST.items() if one is not parameter}
    score = news2(seen(rest), NOW)
    assert score.total is None
    assert score.missing == (parameter,)
    assert score.least == 20 - (2 if parameter is P.OXYGEN else 3)


def test_nothing_at_all_is_no_score_of_zero() -> None:
    score = news2({}, NOW)
    assert (score.total, score.least, score.oldest_ms) == (None, 0, None)
    assert set(score.missing) == set(Parameter)


def test_a_value_counts_until_its_limit_and_no_longer() -> None:
    assert lack_of(Seen(1, NOW - 10_000, 10_000), NOW) is None
    assert lack_of(Seen(1, NOW - 10_001, 10_000), NOW) is Lack.STALE
    assert lack_of(Seen(1, 0, None), NOW) is None


def test_a_value_of_a_time_to_come_does_not_count() -> None:
    assert lack_of(Seen(1, NOW + FUTURE_MS, 10_000), NOW) is None
    assert lack_of(Seen(1, NOW + FUTURE_MS + 1, 10_000), NOW) is Lack.UNDATED


def test_a_flawed_value_does_not_count() -> None:
    score = news2(seen(HEALTHY) | {P.SPO2: Seen(70, NOW, 10_000, flawed=True)}, NOW)
    assert (score.total, score.missing) == (None, (P.SPO2,))
    assert score.parts[1].lack is Lack.FLAWED


def test_the_age_of_a_score_is_that_of_the_oldest_that_counts() -> None:
    values = seen(HEALTHY) | {P.TEMPERATURE: Seen(37, NOW - 60_000, 3_600_000), P.PULSE: Seen(9, 5, 10)}
    assert news2(values, NOW).oldest_ms == NOW - 60_000


def test_scale_2_asks_whether_there_is_oxygen() -> None:
    def points(oxygen: float | None) -> int | None:
        values = HEALTHY | {P.SPO2: 97.0} | ({} if oxygen is None else {P.OXYGEN: oxygen})
        if oxygen is None:
            del values[P.OXYGEN]
        return news2(seen(values), NOW, scale=2).parts[1].points

    assert (points(0), points(1), points(None)) == (0, 3, 0)


def test_oxygen_that_was_entered_too_long_ago_is_not_taken_for_scale_2() -> None:
    values = seen(HEALTHY) | {P.OXYGEN: Seen(1, NOW - 20_000, 10_000)}
    score = news2(values, NOW, scale=2)
    assert (score.parts[1].points, score.total) == (0, None)


@given(patients, st.sets(st.sampled_from(sorted(Parameter))), st.sampled_from([1, 2]))
def test_what_is_missing_leaves_a_bound_that_the_whole_score_is_never_below(
    values: dict[Parameter, float], gone: set[Parameter], scale: int
) -> None:
    whole = news2(seen(values), NOW, scale)
    part = news2(seen({one: value for one, value in values.items() if one not in gone}), NOW, scale)
    assert whole.total is not None
    assert part.least <= whole.total
    assert (part.total is None) is bool(gone)
    order = list(Risk)
    assert order.index(part.risk) <= order.index(whole.risk)


@given(patients, st.sampled_from(sorted(Parameter)))
def test_stale_is_as_missing(values: dict[Parameter, float], old: Parameter) -> None:
    stale = news2(seen(values) | {old: Seen(values[old], NOW - 10_001, 10_000)}, NOW)
    missing = news2(seen({one: value for one, value in values.items() if one is not old}), NOW)
    assert (stale.total, stale.least, stale.missing) == (missing.total, missing.least, missing.missing)


@given(patients, st.sampled_from([1, 2]))
def test_a_score_is_the_sum_of_its_parts_and_from_0_to_20(values: dict[Parameter, float], scale: int) -> None:
    score = news2(seen(values), NOW, scale)
    assert score.total == sum(part.points or 0 for part in score.parts)
    assert 0 <= score.least <= 20
    assert [part.parameter for part in score.parts] == list(Parameter)
