"""Age and creatinine clearance, against what a calendar and the published formula give."""

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.prescriptions.checks.knowledge import Bound
from controller.prescriptions.checks.model import Measured
from controller.prescriptions.checks.patient import age_on, clearance, understood

from .given import ADULT, NOW_MS, TODAY


@pytest.mark.parametrize(
    ("born", "on", "years", "months", "days"),
    [("2000-02-29", date(2026, 2, 28), 25, 311, 9496), ("2000-02-29", date(2026, 3, 1), 26, 312, 9497),
     ("2026-11-26", date(2026, 11, 26), 0, 0, 0), ("2026-10-31", date(2026, 11, 30), 0, 0, 30)],
)  # fmt: skip
def test_an_age_is_in_completed_units(born: str, on: date, years: int, months: int, days: int) -> None:
    age = age_on(born, on)
    assert age is not None
    assert (age.years, age.months, age.days) == (years, months, days)


@pytest.mark.parametrize(
    "born", ["", "1960", "1960-05", "1960-13-01", "2026-11-27", "x-y-z", "-1-1-1", "٢٠٠٠-01-01"]
)
def test_without_an_exact_day_there_is_no_age(born: str) -> None:
    assert age_on(born, TODAY) is None


@given(st.text(max_size=12))
def test_any_text_is_a_birth_date_or_none(text: str) -> None:
    assert age_on(text, TODAY) is None or len(text.split("-")) == 3


@given(st.dates(date(1900, 1, 1), TODAY), st.integers(0, 130))
def test_a_birthday_completes_a_year(born: date, years: int) -> None:
    age = age_on(born.isoformat(), TODAY)
    assert age is not None
    reached = (TODAY.year - born.year, TODAY.month, TODAY.day) >= (years, born.month, born.day)
    assert age.reaches(Bound(years, "y")) == reached
    assert age.days == (TODAY - born) // timedelta(days=1)


@pytest.mark.parametrize(
    ("age", "sex", "weight", "creatinine", "expected"),
    [(60, "male", 72, 1, 80), (60, "female", 72, 1, 68), (40, "male", 72, 2, 50), (150, "male", 72, 1, 0)],
)
def test_the_clearance_is_that_of_cockcroft_and_gault(
    age: int, sex: str, weight: int, creatinine: int, expected: int
) -> None:
    assert clearance(age, sex, Fraction(weight), Fraction(creatinine)) == expected


def test_creatinine_in_both_units_gives_the_same_clearance() -> None:
    one = understood(replace(ADULT, creatinine=Measured(1, "mg/dL", NOW_MS)), TODAY)
    other = understood(replace(ADULT, creatinine=Measured(88.4, "umol/L", NOW_MS)), TODAY)
    assert one.clearance == other.clearance == Fraction(74 * 71, 72)
