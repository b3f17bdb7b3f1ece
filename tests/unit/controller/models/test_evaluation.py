"""What a report says of held-out moments, by an example that can be worked out on paper."""

from collections.abc import Sequence

import numpy as np
import pytest

from controller.models.cohort import CohortStay
from controller.models.evaluation import FEWEST, NEWS2_CUTS, THRESHOLDS, Json, evaluated
from controller.models.features import FEATURES, HOUR_MS
from controller.models.landmarks import Landmark, Landmarks, Rules
from controller.models.report import files
from tests.support.models import trained

NOBODY = tuple(0.0 for _ in FEATURES)
RULES = Rules()


def moment(patient: str, step: int, news2: int, *, event: bool = False, **about: object) -> Landmark:
    """Of a patient's only stay, `step` steps after it began."""
    told: dict[str, object] = {"ward": "ward-a", "sex": "female", "age": 70} | about
    stay = CohortStay(f"S{patient}", patient, told["ward"], told["sex"], told["age"], 0, 0)  # type: ignore[arg-type]
    return Landmark(stay, step * RULES.step_h * HOUR_MS, NOBODY, news2, event)


def said(rows: Sequence[Landmark], probability: Sequence[float], resamples: int = 20) -> Json:
    found = Landmarks(rows, {"pulse stale": 3}, 3, 1, 0, 40)
    return evaluated(trained().model, found, rows, np.array(probability), (7, resamples, RULES))


@pytest.fixture(scope="module")
def ward() -> tuple[list[Landmark], list[float]]:
    """40 patients of 12 moments; every fourth has an event, before which the model rises, and NEWS2 later."""
    rows: list[Landmark] = []
    probability: list[float] = []
    for number in range(40):
        ill = number % 4 == 0
        sex, age = ("female" if number % 2 else "male"), 50 + number
        for step in range(12):
            event = ill and step >= 6
            score = 7 if ill and step >= 9 else number % 3
            rows.append(moment(f"P{number}", step, score, event=event, sex=sex, age=age))
            probability.append(0.4 if event else 0.05 + 0.001 * (number % 5))
    return rows, probability


def test_each_measure_of_a_model_that_is_right_is_right(ward: tuple[list[Landmark], list[float]]) -> None:
    told = said(*ward)
    found = told["discrimination"]
    assert found["model"]["auroc"] == {"value": 1, "low": 1, "high": 1}
    assert 0.5 < found["news2"]["auroc"]["value"] < 1
    assert found["difference"]["auroc"]["low"] > 0
    assert told["as_good"] is False
    assert told["held_out"] == {
        "patients": 40,
        "patients_with_event": 10,
        "moments": 480,
        "events": 60,
        "rate": 0.125,
        "beyond": 480,  # a pulse of 0, and so on
    }


def test_a_model_that_is_news2_is_no_better_than_news2(ward: tuple[list[Landmark], list[float]]) -> None:
    rows, _ = ward
    told = said(rows, [0.01 + row.news2 / 20 for row in rows])
    assert told["discrimination"]["difference"]["auroc"] == {"value": 0, "low": 0, "high": 0}
    assert told["as_good"] is True
    assert files(told)["report.md"].split("\n")[2].startswith("**NEWS2 is as good")


def test_the_interval_is_of_patients_and_the_same_again(ward: tuple[list[Landmark], list[float]]) -> None:
    rows, _ = ward
    draw = np.random.default_rng(1)
    noisy = [float(one) for one in draw.uniform(0.01, 0.4, len(rows))]
    once, again = said(rows, noisy), said(rows, noisy)
    assert once == again
    # Ten copies of each moment tell no more of people: an interval of rows would be a third as wide.
    many, width = (
        said([row for row in rows for _ in range(10)], [one for one in noisy for _ in range(10)]),
        {},
    )
    for name, told in ("once", once), ("many", many):
        found = told["discrimination"]["model"]["auroc"]
        width[name] = found["high"] - found["low"]
    assert width["many"] == pytest.approx(width["once"], rel=0.05)


def test_an_alert_is_counted_where_it_begins_and_of_each_stay_by_itself() -> None:
    scores = {"P1": [0, 7, 7, 0, 7, 7], "P2": [7, 7, 7, 7, 7, 7], "P3": [0, 0, 0, 0, 0, 0]}
    rows = [
        moment(patient, step, score, event=score == 7 and step == 5)
        for patient, steps in scores.items()
        for step, score in enumerate(steps)
    ]
    five, seven = said(rows, [0.3 if row.news2 else 0.01 for row in rows])["alerts"]
    days = 18 * RULES.step_h / 24
    for one, cut in zip((five, seven), NEWS2_CUTS, strict=True):
        assert one["news2_at_least"] == cut
        assert one["sensitivity"] == one["model_sensitivity"] == 1
        assert one["news2_per_patient_day"] == one["model_per_patient_day"] == 3 / days
        assert one["news2_precision"] == 0.2  # two of ten


def test_alerts_of_the_model_are_fewer_where_it_is_right(ward: tuple[list[Landmark], list[float]]) -> None:
    _, seven = said(*ward)["alerts"]
    assert seven["sensitivity"] == 0.5
    assert seven["model_threshold"] == 0.4
    assert seven["model_precision"] == 1


def test_the_decision_table_has_the_benefit_of_each_way_at_each_threshold(
    ward: tuple[list[Landmark], list[float]],
) -> None:
    rows = said(*ward)["decision"]
    assert [row["threshold"] for row in rows] == list(THRESHOLDS)
    tenth = next(row for row in rows if row["threshold"] == 0.1)
    assert tenth["model"] == 0.125
    assert tenth["news2_7"] == tenth["news2_5"] == 0.0625
    assert tenth["all"] == round(0.125 - 0.875 / 9, 4)
    assert tenth["none"] == 0


def test_groups_are_by_age_sex_and_ward_and_nothing_is_said_of_small_ones(
    ward: tuple[list[Landmark], list[float]],
) -> None:
    rows, probability = ward
    few = [moment("P99", 0, 1, sex="", age=None, ward="ward-b")]
    groups = {one["group"]: one for one in said([*rows, *few], [*probability, 0.05])["groups"]}
    assert list(groups) == [
        "age 16–64",
        "age 65–79",
        "age 80 and more",
        "age not known",
        "sex female",
        "sex male",
        "sex not known",
        "ward ward-a",
        "ward ward-b",
    ]
    assert groups["ward ward-a"]["moments"] == 480
    assert groups["ward ward-b"] == {"group": "ward ward-b", "patients": 1, "moments": 1, "events": 0}
    assert groups["sex female"]["events"] == 0  # every fourth is a man
    assert "model_auroc" not in groups["sex female"]
    assert groups["sex male"]["model_auroc"] == 1
    expected = sum(one for row, one in zip(rows, probability, strict=True) if row.stay.sex == "male")
    assert groups["sex male"]["observed_by_expected"] == pytest.approx(60 / expected, abs=1e-4)
    assert FEWEST == 10


def test_many_moments_of_few_patients_are_a_small_group(ward: tuple[list[Landmark], list[float]]) -> None:
    rows, probability = ward
    few = [moment("P99", step, 3, event=step > 11, ward="ward-b") for step in range(24)]
    groups = {one["group"]: one for one in said([*rows, *few], [*probability, *[0.1] * 24])["groups"]}
    assert groups["ward ward-b"] == {"group": "ward ward-b", "patients": 1, "moments": 24, "events": 12}


def test_calibration_has_intervals_of_patients(ward: tuple[list[Landmark], list[float]]) -> None:
    rows, _ = ward
    told = said(rows, [0.02 + row.news2 / 20 for row in rows])
    found = told["calibration"]
    for name in "slope", "intercept":
        interval = found["intervals"][name]
        assert interval["low"] < found[name] < interval["high"]
    assert f"({found['intervals']['slope']['low']:.3f} to " in files(told)["report.md"]


def test_calibration_is_told_with_its_curve(ward: tuple[list[Landmark], list[float]]) -> None:
    rows, _ = ward
    told = said(rows, [0.125 + (row.news2 == 7) * 0.375 for row in rows])["calibration"]
    assert told["observed"] == 0.125
    assert told["predicted"] == pytest.approx(0.125 + 0.375 * 30 / 480, abs=1e-4)
    assert told["brier_of_the_mean"] == round(0.125 * 0.875, 4)
    assert sum(one["size"] for one in told["curve"]) == 480
    assert told["slope"] > 1  # all of the 30 have an event: 0.5 says too little
    assert told["intercept"] < 0  # it says too much in all


def test_what_cannot_be_said_is_no_number(ward: tuple[list[Landmark], list[float]]) -> None:
    rows, probability = ward
    calm = [row._replace(news2=0) for row in rows]
    five, _ = said(calm, probability)["alerts"]
    assert five["news2_precision"] is None
    assert "| NEWS2 ≥ 5 | 0.0 % |" in files(said(calm, probability))["report.md"]


def test_the_report_names_what_was_not_scored_and_every_coefficient() -> None:
    page = files(trained().report)["report.md"]
    lost = trained().report["not_scored"]
    assert f"- Not scored: {lost['moments']} of {lost['of']} moments, {lost['events']} of them" in page
    assert all(one.name in page for one in FEATURES)
