"""A model that is trained: the same by JSON as by scikit-learn, without leaks, the same bytes again."""

from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controller.errors import ModelError
from controller.models import report
from controller.models.features import FEATURES, HOUR_MS, Series
from controller.models.landmarks import Rules, landmarks, moments, split
from controller.models.training import FEWEST_PATIENTS, Asked, matrix, train
from devices.model.scores_chart import Parameter
from hil.courses import Settings, simulated
from tests.support.models import ASKED, DATE, cohort, trained

VALUES = st.lists(st.floats(-1000, 1000), min_size=len(FEATURES), max_size=len(FEATURES))


@settings(max_examples=60)
@given(VALUES)
def test_the_json_scores_as_scikit_learn_does(values: list[float]) -> None:
    made = trained()
    theirs = made.pipeline.predict_proba(np.array([values]))[0, 1]
    assert made.model.scored(values).probability == pytest.approx(theirs, abs=1e-9)


def test_the_json_scores_all_moments_of_the_cohort_as_scikit_learn_does() -> None:
    made, found = trained(), landmarks(cohort(), Rules())
    theirs = made.pipeline.predict_proba(matrix(found.rows))[:, 1]
    ours = [made.model.scored(row.values).probability for row in found.rows]
    assert np.abs(theirs - ours).max() < 1e-9


def test_the_same_cohort_seed_and_date_give_the_same_bytes() -> None:
    again = train(simulated(Settings(patients=150, seed=5, event_share=0.35, days=60)), ASKED, DATE)
    assert again.model.text == trained().model.text
    assert report.files(again.report) == report.files(trained().report)
    assert train(cohort(), ASKED, "2026-11-28").model.version != trained().model.version


def test_nobody_is_in_both_parts_and_no_label_knows_of_what_came_after_the_cut() -> None:
    # The same people come twice: a split by stay or by row would put them into both parts.
    once = cohort()
    patients = {stay.id: f"P{number % 60}" for number, stay in enumerate(once.stays)}
    twice = replace(once, stays=[stay._replace(patient=patients[stay.id]) for stay in once.stays])
    rules = Rules()
    train_, test, cut_ms = split(landmarks(twice, rules), rules)
    assert train_
    assert test
    assert not {row.stay.patient for row in train_} & {row.stay.patient for row in test}
    assert max(row.at_ms for row in train_) + rules.horizon_ms <= cut_ms
    assert min(row.stay.began_ms for row in test) >= cut_ms


def test_a_label_is_an_event_within_the_horizon_and_nothing_after_it_is_looked_at() -> None:
    rules, once = Rules(), cohort()
    for row in landmarks(once, rules).rows:
        event = once.events.get(row.stay.id)
        assert row.event == (event is not None and event.at_ms <= row.at_ms + rules.horizon_ms)
        assert event is None or row.at_ms < event.at_ms


def test_moments_that_cannot_be_scored_are_counted_and_people_under_16_left_out() -> None:
    once, rules = cohort(), Rules()
    first = once.stays[0]
    nothing = {**once.readings, first.id: {**once.readings[first.id], Parameter.PULSE: Series([], [])}}
    before, after = landmarks(once, rules), landmarks(replace(once, readings=nothing), rules)
    asked = len(list(moments(first, once.events.get(first.id), rules)))
    assert after.lacking["pulse missing"] == asked
    assert len(before.rows) + before.not_scored == len(after.rows) + after.not_scored
    young = replace(once, stays=[first._replace(age=15), *once.stays[1:]])
    assert landmarks(young, rules).young == 1


def test_too_few_events_train_nothing() -> None:
    with pytest.raises(ModelError, match="a larger cohort"):
        train(replace(cohort(), events={}), Asked(), DATE)


def test_many_moments_of_few_patients_train_nothing() -> None:
    few = dict(sorted(cohort().events.items())[: 2 * FEWEST_PATIENTS - 1])
    once = replace(cohort(), events=few)
    assert sum(row.event for row in landmarks(once, Rules()).rows) > 5 * FEWEST_PATIENTS
    with pytest.raises(ModelError, match="10 patients with an event"):
        train(once, Asked(), DATE)


def test_what_is_outside_of_news2_s_field_never_lowers_the_number() -> None:
    # Nobody of few who are cold has an event in this cohort: that is no reason to call the cold safe.
    names = {one.name for one in FEATURES if one.kind in ("below", "above")}
    found = {one.name: one.coefficient for one in trained().model.features if one.name in names}
    assert len(found) == len(names)
    assert min(found.values()) >= 0
    assert 0 in found.values()
    named = next(
        line for line in report.files(trained().report)["report.md"].split("\n") if "Set to 0" in line
    )
    assert all(name in named for name, weight in found.items() if not weight)


@pytest.mark.parametrize(("name", "date"), [("My Model", DATE), ("deterioration-12h", "27.11.2026")])
def test_a_name_or_date_that_no_file_may_have_is_told_before_anything_is_trained(
    name: str, date: str
) -> None:
    with pytest.raises(ModelError, match="expected"):
        train(cohort(), Asked(name=name), date)


def test_the_report_says_first_whether_news2_is_as_good_and_what_it_cannot_show() -> None:
    told = trained().report
    page = report.files(told)["report.md"]
    first, second = page.split("\n")[2], page.split("\n")[4]
    assert first == f"**{report.verdict(told)}**"
    assert "trained on simulated data – for trial only" in second
    assert "can not show" in second
    assert report.verdict({**told, "as_good": True}).startswith("NEWS2 is as good")
    found = {"auroc": {"value": -0.1, "low": -0.15, "high": -0.05}}
    worse = {**told, "as_good": True, "discrimination": {"difference": found}}
    assert report.verdict(worse).startswith("NEWS2 is better")
    low = told["discrimination"]["difference"]["auroc"]["low"]
    assert told["as_good"] == (low <= 0)


def test_at_the_same_sensitivity_the_model_finds_at_least_as_many_moments() -> None:
    for one in trained().report["alerts"]:
        assert one["model_sensitivity"] >= one["sensitivity"]


def test_the_drawings_are_svg_that_loads_nothing() -> None:
    for name, text in report.files(trained().report).items():
        if name.endswith(".svg"):
            root = ElementTree.fromstring(text)
            assert root.tag == "{http://www.w3.org/2000/svg}svg"
            assert not any(word in text for word in ("<script", "href", "<style", "nan"))


def test_the_horizon_is_of_whole_hours() -> None:
    assert Rules(horizon_h=12).horizon_ms == 12 * HOUR_MS
