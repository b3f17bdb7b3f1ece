"""The table of alarm conditions: what may be moved stays within a band that never turns it off."""

from decimal import Decimal
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.model.alarm_limits import CONDITIONS, Condition, PatientClass, movable
from devices.model.metrics import METRICS

EACH = [(one, patient) for one in CONDITIONS.values() for patient in PatientClass if patient in one.bands]


@pytest.mark.parametrize(("one", "patient"), EACH, ids=[f"{one.code}-{patient}" for one, patient in EACH])
def test_the_usual_limit_is_within_the_band_and_a_step_is_smaller_than_it(
    one: Condition, patient: PatientClass
) -> None:
    least, most = one.bands[patient]
    assert one.allows(one.limits[patient], patient)
    assert one.step is not None
    assert 0 < one.step < most - least


def test_what_has_no_band_has_no_step_and_is_not_offered() -> None:
    fixed = {code for code, one in CONDITIONS.items() if not one.bands}
    assert fixed == {"asystole", "apnoea", "box-temp-low", "box-temp-high"}
    assert all(CONDITIONS[code].step is None for code in fixed)
    for patient in PatientClass:
        assert {one["code"] for one in movable(patient)} == CONDITIONS.keys() - fixed


def test_a_page_is_told_the_unit_the_usual_limit_and_how_far_it_may_be_moved() -> None:
    held = {one["code"]: one for one in movable(PatientClass.CHILD)}["hr-high"]
    assert held == {
        "code": "hr-high",
        "unit": METRICS["hr"].unit,
        "usual": 160.0,
        "least": 110.0,
        "most": 210.0,
        "step": 5.0,
    }


@given(st.sampled_from(EACH), st.integers(-2000, 4000))
def test_nothing_outside_the_band_is_allowed(which: tuple[Condition, PatientClass], tenths: int) -> None:
    one, patient = which
    value = Decimal(tenths) / 10
    assert one.allows(value, patient) == (one.bands[patient][0] <= value <= one.bands[patient][1])


def test_the_table_is_shipped_beside_its_module() -> None:
    assert resources.files("devices.model").joinpath("alarm_limits.csv").is_file()
