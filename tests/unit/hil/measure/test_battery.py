"""Hours out of charge and currents, with what is not known about them."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hil.errors import BadMeasurement
from hil.evidence.measurement import Judgement
from hil.measure.battery import Charge, Load, life

CELL = Charge(200, 0.06, "data sheet of the cell")
ASLEEP = Load("asleep", 0.01, 0.0, 0.9, "data sheet of the controller")
AWAKE = Load("awake", 10.0, 0.08, 0.1, "measured")


def test_by_hand() -> None:
    found = life(CELL, [ASLEEP, AWAKE])
    assert found.value == pytest.approx(200 / (0.9 * 0.01 + 0.1 * 10))
    relative = math.hypot(0.06, 0.1 * 10 * 0.08 / 1.009)
    assert found.uncertainty == pytest.approx(found.value * relative)
    assert found.unit == "h"


def test_what_was_not_measured_is_said_and_what_was_is_not() -> None:
    assert "not measured here, but from: data sheet of the cell, data sheet of the controller" in (
        life(CELL, [ASLEEP, AWAKE]).note
    )
    measured = Charge(200, 0.01, "measured")
    assert "not measured" not in life(measured, [Load("on", 10, 0.01, 1.0, "measured")]).note


def test_an_uncertain_duty_counts_with_its_current() -> None:
    exact = Charge(100, 0.0, "measured")
    found = life(exact, [Load("a", 2.0, 0, 0.5, "measured", 0.1), Load("b", 2.0, 0, 0.5, "measured")])
    assert found.uncertainty == pytest.approx(50 * 0.2 / 2)


def test_the_hours_that_are_asked_for_are_a_lower_limit() -> None:
    judged = [life(CELL, [ASLEEP, AWAKE], lower_h=hours).judgement for hours in (150, 190, 250)]
    assert judged == [Judgement.WITHIN, Judgement.INCONCLUSIVE, Judgement.BEYOND]


@pytest.mark.parametrize("duty", [0.5, 1.5])
def test_time_that_is_in_no_state_or_in_two_is_refused(duty: float) -> None:
    with pytest.raises(BadMeasurement, match="share out the time"):
        life(CELL, [Load("on", 1.0, 0.0, duty, "measured")])


def test_a_node_that_draws_nothing_is_refused() -> None:
    with pytest.raises(BadMeasurement, match="a charge and a current"):
        life(CELL, [Load("on", 0.0, 0.0, 1.0, "measured")])


@given(st.floats(0.001, 100), st.floats(0.01, 0.99), st.floats(1, 5000))
def test_more_charge_lasts_longer_and_more_current_shorter(ma: float, duty: float, mah: float) -> None:
    def hours(charge: float, current: float) -> float:
        loads = [Load("a", current, 0.1, duty, "x"), Load("b", 0.001, 0.1, 1 - duty, "x")]
        return life(Charge(charge, 0.1, "x"), loads).value

    assert hours(mah * 2, ma) == pytest.approx(2 * hours(mah, ma))
    assert hours(mah, ma * 2) < hours(mah, ma)
