"""The score in plain Python: what pushes it adds up to it, and nothing overflows."""

from math import isfinite, log

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controller.models.features import FEATURES, HOUR_MS, Lacking, Look, Series
from controller.models.model import Scored, logistic
from controller.models.scoring import Lying, refused
from devices.model.scores_chart import Parameter
from tests.support.models import trained

NOW = 1_800_000_000_000
VALUES = st.lists(st.floats(-500, 500), min_size=len(FEATURES), max_size=len(FEATURES))
WELL = {
    Parameter.RESPIRATION: 16.0,
    Parameter.SPO2: 97.0,
    Parameter.OXYGEN: 0.0,
    Parameter.SYSTOLIC: 125.0,
    Parameter.PULSE: 75.0,
    Parameter.CONSCIOUSNESS: 0.0,
    Parameter.TEMPERATURE: 36.8,
}
ILL = WELL | {Parameter.RESPIRATION: 32.0, Parameter.SYSTOLIC: 78.0, Parameter.PULSE: 131.0}


def look(values: dict[Parameter, float], age_ms: int = 0) -> Look | Lacking:
    return trained().model.look({one: Series([NOW - age_ms], [value]) for one, value in values.items()}, NOW)


def scored(values: dict[Parameter, float]) -> Scored:
    found = look(values)
    assert isinstance(found, Look)
    return trained().model.scored(found.values)


@settings(max_examples=50)
@given(VALUES)
def test_the_pushes_of_all_parameters_and_how_they_were_measured_are_the_whole_of_it(
    values: list[float],
) -> None:
    model = trained().model
    found = model.scored(values)
    assert set(found.pushes) == set(Parameter)
    assert found.probability == pytest.approx(
        logistic(model.intercept + sum(found.pushes.values()) + found.measuring), abs=1e-12
    )


@given(st.floats(-1e6, 1e6))
def test_the_logistic_function_never_overflows(value: float) -> None:
    found = logistic(value)
    assert isfinite(found)
    assert 0 <= found <= 1
    assert found + logistic(-value) == pytest.approx(1)


def test_the_logistic_function_is_that_of_the_textbook() -> None:
    assert logistic(0) == 0.5
    assert logistic(log(3)) == pytest.approx(0.75)


def test_whoever_is_ill_has_a_higher_number_and_it_says_because_of_what() -> None:
    well, ill = scored(WELL), scored(ILL)
    assert ill.probability > 3 * well.probability
    more = {one: ill.pushes[one] - well.pushes[one] for one in Parameter}
    assert {one for one, push in more.items() if push} == {
        Parameter.RESPIRATION,
        Parameter.SYSTOLIC,
        Parameter.PULSE,
    }


def test_the_limit_of_age_is_the_file_s() -> None:
    limit_ms = trained().model.limit_min * 60_000
    assert limit_ms == 6 * HOUR_MS
    assert isinstance(look(WELL, limit_ms), Look)
    assert look(WELL, limit_ms + 1) == Lacking(dict.fromkeys(Parameter, "stale"))


def test_what_is_beyond_all_that_it_was_trained_on_is_not_scored() -> None:
    hot = {one.name: one for one in trained().model.features}["temperature"].high
    assert isinstance(look(WELL | {Parameter.TEMPERATURE: hot}), Look)
    fahrenheit = WELL | {Parameter.TEMPERATURE: 98.6}
    assert look(fahrenheit) == Lacking({Parameter.TEMPERATURE: "beyond"})


def test_when_a_value_was_measured_counts_and_is_not_said_of_the_value() -> None:
    new, old = look(WELL), look(WELL, 3 * HOUR_MS)
    assert isinstance(new, Look)
    assert isinstance(old, Look)
    of_new, of_old = trained().model.scored(new.values), trained().model.scored(old.values)
    assert of_new.measuring != of_old.measuring
    assert of_new.pushes == of_old.pushes


def test_the_mean_patient_is_pushed_by_nothing() -> None:
    model = trained().model
    found = model.scored([one.mean for one in model.features])
    assert all(push == 0 for push in found.pushes.values())
    assert found.probability == logistic(model.intercept)


def test_what_news2_lacks_the_model_lacks() -> None:
    parts = [{"parameter": str(one), "lack": None} for one in Parameter]
    whole = {"scale": 1, "parts": parts}
    who = Lying(1, "bed-1", "P1", 0, None)
    assert refused(who, whole, "2026-11-27") == {}
    assert refused(who, None, "2026-11-27") == {"news2": "missing"}
    assert refused(who, {**whole, "scale": 2}, "2026-11-27") == {"spo2": "scale"}
    lacking = {**whole, "parts": [{**parts[0], "lack": "stale"}, *parts[1:]]}
    assert refused(who, lacking, "2026-11-27") == {"respiration": "stale"}


@pytest.mark.parametrize(
    ("born", "today", "is_young"),
    [
        ("2010-11-27", "2026-11-27", False),
        ("2010-11-28", "2026-11-27", True),
        ("2010-12", "2026-11-27", True),
        ("2010-11", "2026-11-30", True),
        ("2010-10", "2026-11-27", False),
        ("2010", "2026-11-27", True),
        ("2009", "2026-11-27", False),
        ("", "2026-11-27", False),
        ("unknown", "2026-11-27", False),
    ],
)
def test_a_date_of_birth_without_its_day_counts_as_the_youngest_that_may_be(
    born: str, today: str, is_young: bool
) -> None:
    found = refused(Lying(1, "bed-1", "P1", 0, born), {"scale": 1, "parts": []}, today)
    assert found == ({"age": "young"} if is_young else {})
