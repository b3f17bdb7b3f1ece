"""Drift: of the same people none, of others some; over a lake; at night, in a process of its own."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from controller.clock import utc_text
from controller.errors import LakeError, ModelError
from controller.models import drift
from controller.models.checking import Checks, Places, check
from controller.models.cli import said
from controller.models.cohort import Cohort
from controller.models.features import Series
from controller.models.lake import from_lake
from controller.models.model import Model
from devices.model.scores_chart import Parameter
from tests.support import history
from tests.support.history import BASE_US
from tests.support.lake import written
from tests.support.models import cohort, model_file, trained

UTC = "2026-11-27T03:00:00.000000Z"
MINUTE_US, HOUR_US, DAY_US = 60_000_000, 3_600_000_000, 86_400_000_000
_STAY = """INSERT INTO stay (id, bed, identifier, name, from_ms, to_ms, by)
VALUES (?, 'bed-1', ?, '', ?, ?, 'test')"""
_SAID = "INSERT INTO assessment (stay, kind, value, at_ms, by) VALUES (?, ?, ?, ?, 'test')"


class At:
    """A clock that stands."""

    def __init__(self, utc_us: int) -> None:
        self._utc_us = utc_us

    def now_us(self) -> int:
        return self._utc_us

    def utc_us(self) -> int:
        return self._utc_us


def faster(once: Cohort) -> Cohort:
    """The same people, whose hearts all beat by 25 more."""
    moved = {
        stay: {
            one: Series(series.at_ms, [value + 25 * (one is Parameter.PULSE) for value in series.values])
            for one, series in found.items()
        }
        for stay, found in once.readings.items()
    }
    return replace(once, readings=moved)


def replaced(model: Model, intercept: float) -> Model:
    """A model that expects fewer or more events."""
    return model.model_copy(update={"intercept": intercept})


def test_the_people_of_the_training_have_not_moved() -> None:
    found = drift.checked(trained().model, cohort(), UTC, outcomes=True)
    assert found.moved == []
    assert found.large is not None
    assert abs(found.large) < 0.5


def test_other_people_are_told_by_the_feature_that_moved() -> None:
    found = drift.checked(trained().model, faster(cohort()), UTC, outcomes=True)
    assert "pulse" in found.moved
    assert "spo2" not in found.moved
    assert found.large is not None
    assert found.large < 0  # fewer events than predicted


def test_without_outcomes_nothing_is_said_of_the_calibration_and_of_few_moments_nothing_at_all() -> None:
    found = drift.checked(trained().model, cohort(), UTC, outcomes=False)
    assert (found.large, found.observed) == (None, None)
    few = drift.checked(trained().model, replace(cohort(), stays=cohort().stays[:2]), UTC, outcomes=True)
    assert (few.psi, few.predicted) == ({}, None)


def test_many_moments_of_few_people_say_nothing() -> None:
    few = replace(cohort(), stays=cohort().stays[: drift.FEWEST_PATIENTS - 1])
    found = drift.checked(trained().model, few, UTC, outcomes=True)
    assert found.moments > drift.FEWEST
    assert (found.moved, found.predicted, found.large) == ([], None, None)
    assert f"{drift.FEWEST_PATIENTS} patients" in said(found)


def test_another_unit_moves_a_feature_and_does_not_end_the_check() -> None:
    once = cohort()
    readings = {
        stay: {
            **found,
            Parameter.TEMPERATURE: Series(series.at_ms, [9 / 5 * one + 32 for one in series.values]),
        }
        for stay, found in once.readings.items()
        if (series := found[Parameter.TEMPERATURE])
    }
    found = drift.checked(trained().model, replace(once, readings=readings), UTC, outcomes=True)
    assert "temperature" in found.moved
    assert found.large is not None


@pytest.mark.parametrize("lost", [1, 2])
def test_inputs_that_are_lost_are_told_even_if_nothing_can_be_scored_any_more(lost: int) -> None:
    once = cohort()
    readings = {
        stay: {one: series for one, series in found.items() if number % lost or one is not Parameter.SYSTOLIC}
        for number, (stay, found) in enumerate(once.readings.items())
    }
    found = drift.checked(trained().model, replace(once, readings=readings), UTC, outcomes=True)
    assert drift.SCORED in found.moved
    assert "moved (index > 0.25): scored" in said(found)


def test_no_event_where_many_are_expected_is_a_calibration_that_is_far_off() -> None:
    found = drift.checked(trained().model, replace(cohort(), events={}), UTC, outcomes=True)
    assert found.observed == 0
    assert found.large is not None
    assert found.large < -1


def test_of_few_expected_events_no_calibration_is_told() -> None:
    ill = [one for one in cohort().stays if one.id in cohort().events]
    well = [one for one in cohort().stays if one.id not in cohort().events]
    kept = replace(cohort(), stays=[*ill[:1], *well[: drift.FEWEST_PATIENTS]], events={})
    found = drift.checked(replaced(trained().model, -9.0), kept, UTC, outcomes=True)
    assert (found.observed, found.large) == (0, None)
    assert "too few events" in said(found)


def test_what_was_found_is_kept(tmp_path: Path) -> None:
    assert drift.kept(tmp_path) is None
    found = drift.checked(trained().model, cohort(), UTC, outcomes=True)
    drift.keep(tmp_path, found)
    assert drift.kept(tmp_path) == found
    (tmp_path / drift.FILE).write_text("[]")
    with pytest.raises(ModelError, match="model check"):
        drift.kept(tmp_path)


@pytest.fixture
async def lake(tmp_path: Path) -> AsyncIterator[Path]:
    """Two stays on bed-1 of a day each: readings every hour, what people assessed, and a home's readings."""
    store = await history.opened(tmp_path)
    await store.write(_fill)
    await written(store, tmp_path / "lake")
    yield tmp_path / "lake"
    await store.close()


def _fill(db: Any) -> None:
    base_ms = BASE_US // 1000
    db.execute("INSERT INTO ward VALUES ('ward-a', 'Ward A')")
    db.execute("INSERT INTO bed VALUES ('bed-1', 'ward-a', 'Bed 1')")
    for number, patient in enumerate(("P1", "P2", "P1")):
        began_ms = base_ms + number * 86_400_000
        db.execute(
            _STAY,
            (number + 1, patient, began_ms, began_ms + 86_400_000),
        )
        for kind, value in ("oxygen", {"on": True, "l_min": 2}), ("consciousness", {"acvpu": "A"}):
            db.execute(
                _SAID,
                (number + 1, kind, json.dumps(value), began_ms + 60_000),
            )
    scale = json.dumps({"spo2": 2})
    db.execute(_SAID, (2, "scale", scale, base_ms))
    for number, metric in enumerate(("rr", "nibp_sys", "temp_body", "pr_spo2"), 3):
        db.execute("INSERT INTO series VALUES (?, 'monitor-1', 'bed-1', ?)", (number, metric))
    rows = [
        (series, BASE_US + hour * HOUR_US + MINUTE_US, value)
        for hour in range(72)
        for series, value in ((1, 80.0), (2, 97.0), (3, 16.0), (4, 120.0), (5, 36.8), (6, 99.0))
    ]
    history.arrive(db, 1, rows)


def _events(tmp_path: Path, *lines: str) -> Path:
    path = tmp_path / "events.csv"
    path.write_text("\n".join(["patient,utc,kind", *lines]) + "\n", encoding="utf-8")
    return path


async def test_a_lake_becomes_a_cohort_of_stays_readings_and_listed_events(
    lake: Path, tmp_path: Path
) -> None:
    when = utc_text(BASE_US + 10 * HOUR_US)
    listed = _events(tmp_path, f"P1,{when},unplanned-icu", f"P9,{when},death")
    found = from_lake(lake, "Ward A", listed)
    assert [(one.id, one.patient) for one in found.stays] == [("1", "P1"), ("3", "P1")]
    assert found.about.settings == {"other_scale_of_spo2": 1, "events_of_others": 1}
    assert {stay: one.kind for stay, one in found.events.items()} == {"1": "unplanned-icu"}
    first = found.readings["1"]
    assert set(first[Parameter.PULSE].values) == {80.0}  # the ECG's, before the oximeter's
    assert len(first[Parameter.PULSE].values) == 24
    assert (first[Parameter.OXYGEN].values, first[Parameter.CONSCIOUSNESS].values) == ([1.0], [0.0])


async def test_an_event_while_nobody_was_there_is_an_error(lake: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="in no stay of its patient"):
        from_lake(lake, "", _events(tmp_path, f"P1,{utc_text(BASE_US - HOUR_US)},death"))


async def test_an_event_after_the_bed_was_left_is_of_the_stay_before(lake: Path, tmp_path: Path) -> None:
    left = utc_text(BASE_US + 24 * HOUR_US + 20 * MINUTE_US)
    found = from_lake(lake, "", _events(tmp_path, f"P1,{left},death", f"P2,{left},death"))
    assert list(found.events) == ["1"]  # that of scale 2 is of none that is kept, and no mistake


async def test_an_event_before_the_days_that_are_checked_does_not_end_the_check(
    lake: Path, tmp_path: Path
) -> None:
    old, new = (utc_text(BASE_US + hours * HOUR_US) for hours in (-1000, 50))
    listed = _events(tmp_path, f"P1,{old},unplanned-icu", f"P1,{new},death")
    since_us = BASE_US + 3 * DAY_US - HOUR_US  # of the last stay alone
    found = from_lake(lake, "", listed, since_us)
    assert list(found.events) == ["3"]
    assert found.known_ms == (since_us // 1000, (BASE_US + 71 * HOUR_US + MINUTE_US) // 1000)


async def test_a_model_that_was_trained_anew_into_its_file_is_checked_once_and_not_for_ever(
    lake: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    places = Places(tmp_path, lake, model_file(tmp_path), 28, None)
    shown = Checks(places, "another", "04:00", At(BASE_US + 3 * DAY_US))
    assert not await shown.check()
    assert "start the controller again" in caplog.text


async def test_the_check_of_a_night_is_kept_and_due_again_the_next(lake: Path, tmp_path: Path) -> None:
    places = Places(tmp_path, lake, model_file(tmp_path), 28, None)
    version, utc_us = trained().model.version, BASE_US + 3 * DAY_US
    now = Checks(places, version, "04:00", At(utc_us))
    assert now.is_due()
    found = check(places, utc_us)
    assert found.moments < drift.FEWEST
    assert not now.is_due()
    assert Checks(places, version, "04:00", At(utc_us + DAY_US)).is_due()
    assert Checks(places, "another", "04:00", At(utc_us)).is_due()
    assert await now.check()  # the same in a process of its own
    later = drift.kept(tmp_path)
    assert later is not None
    assert later.checked > found.checked


async def test_without_a_lake_the_night_fails_and_says_so(tmp_path: Path) -> None:
    places = Places(tmp_path, tmp_path / "none", model_file(tmp_path), 28, None)
    with pytest.raises(LakeError, match="no lake"):
        check(places, BASE_US)
    assert not await Checks(places, "v", "04:00", At(BASE_US)).check()
