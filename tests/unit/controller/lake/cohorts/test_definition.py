"""A cohort's definition: what is refused, what becomes SQL, how it reads in words, which numbers are told."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from controller.lake.cohorts.compiling import compiled_of
from controller.lake.cohorts.definition import CohortDefinition, conditions_of, event_of
from controller.lake.cohorts.found import SMALLEST, Basis, Found, Month, Read, Step
from controller.lake.cohorts.small import cut
from controller.lake.cohorts.words import sentence

LOW = {"code": "spo2", "op": "<", "value": 90, "unit": "%", "lasting_min": 5, "to_h": 24}
FAST = {"code": "hr", "op": ">", "value": 100, "unit": "/min"}


def defined(condition: Any, **more: Any) -> CohortDefinition:
    return CohortDefinition.model_validate({"condition": condition, **more})


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({"condition": {**LOW, "unit": "mm[Hg]"}}, "is measured in %"),
        ({"condition": {**LOW, "code": "spo2'; DROP"}}, "no measurement has the code"),
        ({"condition": {**LOW, "code": "ecg_ii"}}, "no measurement has the code"),
        ({"condition": {**LOW, "op": "<>"}}, "Input should be"),
        ({"condition": {**LOW, "from_h": 25}}, "from_h before to_h"),
        ({"condition": {**LOW, "extra": 1}}, "Extra inputs"),
        ({"condition": {**LOW, "value": float("nan")}}, "finite"),
        ({"condition": {"not": {"not": {"not": {"not": LOW}}}}}, "4 deep"),
        ({"condition": LOW, "from_day": "2026-02-30"}, "day"),
        ({"condition": LOW, "who": {"age_min": 70, "age_max": 60}}, "age_min not above"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_why(told: Any, why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        CohortDefinition.model_validate(told)


def test_a_code_may_be_of_mdc_or_loinc() -> None:
    codes = ("spo2", "loinc:59408-5", "mdc:150456", "MDC_PULS_OXIM_SAT_O2")
    for code in codes:
        assert defined({**LOW, "code": code})


@given(st.text(max_size=64), st.floats(allow_nan=False, allow_infinity=False))
@settings(max_examples=30, deadline=None)
def test_nothing_that_is_said_is_in_the_text_of_a_question(ward: str, value: float) -> None:
    one = defined({**LOW, "value": value}, who={"wards": [ward]})
    other = defined({**LOW, "value": 0}, who={"wards": ["w"]})
    texts = [question.sql for question in compiled_of(one).questions()]
    assert texts == [question.sql for question in compiled_of(other).questions()]
    assert ward in compiled_of(one).admissions.parameters["wards"]


def test_the_course_is_of_the_first_condition_that_is_to_hold() -> None:
    tree = {"all": [{"not": LOW}, {"any": [FAST, LOW]}]}
    definition = defined(tree)
    assert [one.code for one in conditions_of(definition.condition)] == ["spo2", "hr", "spo2"]
    assert event_of(definition.condition) == 1


def test_a_definition_is_read_back_in_words() -> None:
    asked = defined({"all": [LOW, {"not": FAST}]}, who={"age_min": 66, "sex": "male"}, from_day="2026-01-01")
    assert sentence(asked, "en") == (
        "Admissions of men, 66 years or older, admitted from 2026-01-01: (spo2 below 90 % for at least 5 min "
        "(a gap over 60 s ends it) within 24 h of admission and not (hr above 100 /min at any time of the "
        "admission))."
    )
    assert "66 岁及以上" in sentence(asked, "zh")
    assert "持续至少 5 分钟" in sentence(asked, "zh")


READ = Read(1, 1, 1, 1, 1, 1, 1, 1, [])
BASIS = Basis(1000, 0, 0, 0, 0, 3, 0, 2)


def found(months: list[tuple[int, int, int]]) -> Found:
    told = [Month(f"2026-{n:02}", *one) for n, one in enumerate(months, 1)]
    total = Month("", *(sum(column) for column in zip(*months, strict=True)))
    steps = [Step(0, 4, 1.0, 2.0, 3.0), Step(5, 5, 1.0, 2.0, 3.0)]
    return Found(1, 0, True, total, told, 2, 9, [BASIS], 0, "%", steps, READ)


counts = st.tuples(st.integers(0, 20), st.integers(0, 8), st.integers(0, 8)).map(
    lambda one: (sum(one), one[1], one[2])
)


@given(st.lists(counts, min_size=1, max_size=8))
@example([(3, 0, 0), (40, 10, 10)])
@settings(max_examples=200, deadline=None)
def test_no_small_number_is_told_nor_can_be_worked_out_from_the_total(months: list[Any]) -> None:
    told = cut(found(months))
    hidden = [one for one, shown in zip(months, told.months, strict=True) if shown.matching is None]
    for shown in (*told.months, told.total):
        if shown.matching is not None and shown.admitted is not None and shown.unknown is not None:
            no = shown.admitted - shown.matching - shown.unknown
            parts = (shown.matching, shown.unknown, no, shown.admitted)
            assert not any(0 < one < SMALLEST for one in parts)
    if hidden and told.total.matching is not None:
        assert len(hidden) > 1 or len(months) == 1
        for place in (1, 2):
            assert not 0 < sum(one[place] for one in hidden) < SMALLEST
    untold = sum(one[0] for one, shown in zip(months, told.months, strict=True) if shown.admitted is None)
    assert told.total.admitted is None or not 0 < untold < SMALLEST


@given(st.tuples(*[st.integers(0, 12)] * 4))
@settings(max_examples=200, deadline=None)
def test_no_small_number_is_worked_out_from_the_others_of_which_unknown_consists(
    why: tuple[int, int, int, int],
) -> None:
    not_known, no_data, not_over, thin = why
    unknown = not_known + no_data + not_over
    bases = [replace(BASIS, no_data=no_data, not_over=not_over, thin=thin)]
    all_of_it = found([(100 + unknown, 50, unknown)])
    told = cut(replace(all_of_it, not_known_who=not_known, bases=bases))
    shown = told.not_known_who, told.bases[0].no_data, told.bases[0].not_over
    if None in shown:
        assert set(shown) == {None}
    else:
        assert not any(0 < one < SMALLEST for one in (not_known, no_data, not_over))


def test_quartiles_of_few_are_not_told() -> None:
    told = cut(found([(40, 10, 10)]))
    assert [one.median for one in told.steps] == [None, 2.0]
    assert (told.bases[0].no_data, told.bases[0].used, told.not_known_who) == (None, 1000, None)
