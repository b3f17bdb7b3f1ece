"""What follows from the facts of a patient: age, weight, creatinine clearance; each with how old it is."""

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from controller.prescriptions.checks.knowledge import Bound
from controller.prescriptions.checks.model import Fact, Facts, Measured
from controller.prescriptions.checks.units import Incomparable, Quantity, convert, exact, written

if TYPE_CHECKING:
    from datetime import date

_EPOCH = 719_163
"""1970-01-01 as date.toordinal counts days."""
_DAY_MS = 86_400_000
_PER_MG_DL = Fraction(884, 10)
"""umol/L of creatinine in 1 mg/dL (113.12 g/mol)."""
ADULT_YEARS = 18
"""Cockcroft-Gault was made of adults."""
OLD_DAYS = {"weight": 180, "weight of a child": 30, "creatinine": 30}
"""A value older than this is used, and a gap says so. Our choice: no standard says how old is too old."""


@dataclass(frozen=True, slots=True)
class Age:
    """Completed years, months and days since birth."""

    years: int
    months: int
    days: int

    def reaches(self, bound: Bound) -> bool:
        """Whether that age is completed."""
        return {"y": self.years, "m": self.months, "d": self.days}[bound.unit] >= bound.count


@dataclass(frozen=True, slots=True)
class Patient:
    """Of what is None, `why` says the code of the gap: no-weight, future-weight, bad-weight, …"""

    age: Age | None
    weight: Fraction | None
    """kg"""
    clearance: Fraction | None
    """mL/min"""
    facts: dict[str, Fact]
    why: dict[str, str]
    old: tuple[Fact, ...]
    """Facts that are used although they are old."""


def age_on(birth_date: str, now: "date") -> Age | None:
    """Whole age from YYYY-MM-DD; None if the day is not known, is none, or is after `now`."""
    parts = birth_date.split("-")
    if len(parts) != 3 or not all(part.isascii() and part.isdigit() for part in parts):
        return None
    year, month, day = map(int, parts)
    try:
        born = now.replace(year=year, month=month, day=day)
    except (ValueError, OverflowError):
        return None
    if born > now:
        return None
    months = (now.year - year) * 12 + now.month - month - (now.day < day)
    return Age(months // 12, months, now.toordinal() - born.toordinal())


def clearance(age: int, sex: str, weight: Fraction, creatinine: Fraction) -> Fraction:
    """Creatinine clearance in mL/min: Cockcroft and Gault, Nephron 1976;16:31-41.

    `age` in years, `weight` in kg (as measured), `creatinine` in mg/dL.
    """
    male = (140 - age) * weight / (72 * creatinine)
    return max(Fraction(0), male * Fraction(85, 100) if sex == "female" else male)


def understood(facts: Facts, now: "date") -> Patient:
    """What the checks need, once for all of them."""
    age = age_on(facts.birth_date, now)
    known = {"age": _age_fact(age)} if age else {}
    read = _Reading(now, known, {} if age else {"age": "no-age"})
    weight = read.measured("weight", facts.weight, "kg")
    creatinine = read.measured("creatinine", facts.creatinine, "mg/dL")
    found = None
    if reason := _why_no_clearance(facts.sex, age, read.why):
        read.why["clearance"] = reason
    elif age and weight and creatinine:
        found = clearance(age.years, facts.sex, weight, creatinine)
        known["sex"] = Fact("sex", facts.sex)
        known["clearance"] = Fact("clearance", str(round(found)), "mL/min", known["creatinine"].age_days)
    return Patient(age, weight, found, known, read.why, tuple(_old(known, age)))


def _age_fact(age: Age) -> Fact:
    if age.years >= 2:
        return Fact("age", str(age.years), "a")
    return Fact("age", str(age.months), "mo") if age.months >= 1 else Fact("age", str(age.days), "d")


def _why_no_clearance(sex: str, age: Age | None, why: dict[str, str]) -> str:
    """The first reason, as the code of a gap; "" if there is none."""
    for name in ("creatinine", "age", "weight"):
        if name in why:
            return why[name]
    if age and age.years < ADULT_YEARS:
        return "child-clearance"
    return "" if sex in {"female", "male"} else "no-sex"


@dataclass(frozen=True, slots=True)
class _Reading:
    """Reads measured values on a day into what is known of them, and why others are not."""

    now: "date"
    known: dict[str, Fact]
    why: dict[str, str]

    def measured(self, name: str, measured: Measured | None, unit: str) -> Fraction | None:
        """The value in `unit`; None: `why` says why."""
        if measured is None:
            self.why[name] = f"no-{name}"
            return None
        try:
            value = _in_unit(exact(measured.value), measured.unit, unit)
        except Incomparable:
            value = Fraction(0)
        days = self.now.toordinal() - (measured.at_ms // _DAY_MS + _EPOCH)
        if value <= 0 or days < -1:
            self.why[name] = f"bad-{name}" if value <= 0 else f"future-{name}"
            return None
        self.known[name] = Fact(name, written(exact(measured.value)), measured.unit, max(0, days))
        return value


def _in_unit(value: Fraction, given: str, unit: str) -> Fraction:
    if unit == "mg/dL" and given == "umol/L":
        return value / _PER_MG_DL
    return convert(Quantity(value, given), unit)


def _old(known: dict[str, Fact], age: Age | None) -> list[Fact]:
    child = age is not None and age.years < ADULT_YEARS
    most = {
        "weight": OLD_DAYS["weight of a child" if child else "weight"],
        "creatinine": OLD_DAYS["creatinine"],
    }
    return [
        known[name] for name, days in most.items() if name in known and (known[name].age_days or 0) > days
    ]
