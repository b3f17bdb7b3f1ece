"""Amounts are exact, and are compared only where that has a meaning."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.prescriptions.checks.units import (
    Incomparable,
    Quantity,
    convert,
    exact,
    kind_of,
    quantity,
    written,
)

MASSES = ["kg", "g", "mg", "ug", "ng"]


@pytest.mark.parametrize(
    ("value", "unit", "to", "expected"),
    [(1, "g", "mg", 1000), ("0.1", "mg", "ug", 100), (5, "mL", "L", Fraction(1, 200)),
     (2, "k[iU]", "[iU]", 2000), (1, "wk", "h", 168), (3, "g/kg", "mg/kg", 3000),
     (1, "mg/dL", "g/L", Fraction(1, 100)), (2, "{tablet}", "{tablet}", 2)],
)  # fmt: skip
def test_a_unit_becomes_another_of_its_kind(value: object, unit: str, to: str, expected: object) -> None:
    assert convert(quantity(value, unit), to) == expected  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("unit", "to"),
    [("mg", "mL"), ("mg", "{tablet}"), ("{tablet}", "{capsule}"), ("mmol", "meq"), ("mmol", "mg"),
     ("[iU]", "mg"), ("mg", "mg/kg")],
)  # fmt: skip
def test_what_has_no_common_measure_is_refused(unit: str, to: str) -> None:
    with pytest.raises(Incomparable, match="cannot be compared"):
        convert(quantity(1, unit), to)


@pytest.mark.parametrize("unit", ["", "mcg", "MG", "{}", "mg/", "/kg", "mg/kg/min/", "cc"])
def test_a_unit_that_is_none_is_refused(unit: str) -> None:
    with pytest.raises(Incomparable, match="expected a unit"):
        quantity(1, unit)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "x", "1/0", Decimal("nan"), Decimal("inf")])
def test_what_is_no_number_is_refused(value: object) -> None:
    with pytest.raises(Incomparable, match="expected a"):
        exact(value)  # type: ignore[arg-type]


def test_a_binary_fraction_is_taken_as_it_is_written() -> None:
    assert exact(0.1) == Fraction(1, 10)


@given(st.decimals(0, 10**6, places=6), st.sampled_from(MASSES), st.sampled_from(MASSES))
def test_there_and_back_is_the_same(value: Decimal, unit: str, to: str) -> None:
    there = Quantity(convert(quantity(value, unit), to), to)
    assert convert(there, unit) == Fraction(value)


@given(st.text(max_size=12))
def test_any_text_is_a_unit_or_is_refused(unit: str) -> None:
    try:
        assert kind_of(unit)
    except Incomparable as refused:
        assert "unit" in str(refused)


@pytest.mark.parametrize(
    ("value", "text"),
    [(Fraction(1065), "1065"), (Fraction(1, 2), "0.5"), (Fraction(1, 3), "0.3333"),
     (Fraction(20000, 3), "6667"), (Fraction(1, 800), "0.00125")],
)  # fmt: skip
def test_a_number_is_written_as_a_person_reads_it(value: Fraction, text: str) -> None:
    assert written(value) == text
