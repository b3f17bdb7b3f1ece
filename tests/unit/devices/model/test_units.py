"""Units: conversions are exact, end where they can, and refuse what cannot become the other."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.errors import UnknownUnit
from devices.model.units import converted


@pytest.mark.parametrize(
    ("value", "unit", "wanted", "expected"),
    [
        ("98.6", "[degF]", "Cel", "37"),
        ("97.0", "[degF]", "Cel", "36.111"),
        ("310.15", "K", "Cel", "37.00"),
        ("16.0", "kPa", "mm[Hg]", "120.010"),
        ("760", "mm[Hg]", "kPa", "101.325"),
        ("150.4", "[lb_av]", "kg", "68.220292448"),
        ("5", "mbar", "cm[H2O]", "5.10"),
        ("100", "[kn_i]", "km/h", "185.2"),
        ("250", "uV", "mV", "0.25"),
        ("36", "L/h", "L/min", "0.6"),
        ("1", "m", "cm", "100"),
    ],
)
def test_a_number_becomes_the_same_quantity_in_the_other_unit(
    value: str, unit: str, wanted: str, expected: str
) -> None:
    assert converted(Decimal(value), unit, wanted) == Decimal(expected)


def test_a_number_in_the_wanted_unit_stays_as_the_device_told_it() -> None:
    assert str(converted(Decimal("37.00"), "Cel", "Cel")) == "37.00"


def test_a_conversion_has_no_exponent_that_a_person_would_stumble_over() -> None:
    assert str(converted(Decimal("1"), "km", "m")) == "1000"


@pytest.mark.parametrize(("unit", "wanted"), [("kg", "mm[Hg]"), ("furlong", "m"), ("Cel", "[degF]")])
def test_units_of_different_kinds_are_refused(unit: str, wanted: str) -> None:
    with pytest.raises(UnknownUnit, match="expected a unit"):
        converted(Decimal(1), unit, wanted)


@given(st.decimals(-10_000, 10_000, places=2))
def test_there_and_back_is_the_same_to_a_hundredth_of_the_last_digit(value: Decimal) -> None:
    there = converted(value, "kPa", "mm[Hg]")
    assert abs(converted(there, "mm[Hg]", "kPa") - value) <= Decimal("0.0001")
