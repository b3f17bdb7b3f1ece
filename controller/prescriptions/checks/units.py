"""Exact amounts in UCUM units: compared and converted where that has a meaning, else refused.

Mass, volume, amount of substance, international units and counted things ({tablet}) are different
kinds; none becomes another without a strength. `mg/kg` is a ratio of two of them.
"""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import isfinite

from controller.errors import ControllerError

Number = int | float | Decimal | Fraction | str

_KINDS: dict[str, dict[str, Fraction]] = {
    "mass": {"kg": Fraction(1000), "g": Fraction(1), "mg": Fraction(1, 1000), "ug": Fraction(1, 10**6),
             "ng": Fraction(1, 10**9)},
    "volume": {"L": Fraction(1), "dL": Fraction(1, 10), "mL": Fraction(1, 1000), "uL": Fraction(1, 10**6)},
    "substance": {"mol": Fraction(1), "mmol": Fraction(1, 1000), "umol": Fraction(1, 10**6)},
    "equivalents": {"eq": Fraction(1), "meq": Fraction(1, 1000)},
    "international units": {"[iU]": Fraction(1), "k[iU]": Fraction(1000)},
    "time": {"min": Fraction(60), "h": Fraction(3600), "d": Fraction(86400), "wk": Fraction(604800)},
}  # fmt: skip
_OF = {unit: (kind, factor) for kind, units in _KINDS.items() for unit, factor in units.items()}


class Incomparable(ControllerError):
    """Two amounts of which neither is more: mg and mL, tablets and mg, or a unit that is not known."""


def exact(value: Number) -> Fraction:
    """The number as it is written: 0.1 is one tenth. Raises Incomparable for what is no finite number."""
    if isinstance(value, float) and not isfinite(value):
        raise Incomparable(f"expected a finite number, got {value}")
    try:
        return Fraction(str(value)) if isinstance(value, float) else Fraction(value)
    except (ValueError, OverflowError, ZeroDivisionError) as error:
        raise Incomparable(f"expected a number, got {value!r}") from error


@dataclass(frozen=True, slots=True)
class Quantity:
    """A value and its UCUM unit."""

    value: Fraction
    unit: str

    def __str__(self) -> str:
        return f"{written(self.value)} {self.unit}"

    def times(self, factor: Number) -> "Quantity":
        """So many of it."""
        return Quantity(self.value * exact(factor), self.unit)


def quantity(value: Number, unit: str) -> Quantity:
    """Raises Incomparable if it is no number or its unit is not known."""
    kind_of(unit)
    return Quantity(exact(value), unit)


def _part(unit: str) -> tuple[str, Fraction]:
    if unit.startswith("{") and unit.endswith("}") and len(unit) > 2:
        return unit, Fraction(1)
    if unit not in _OF:
        raise Incomparable(f"expected a unit such as mg, mL, [iU], mmol or {{tablet}}, got {unit!r}")
    return _OF[unit]


def kind_of(unit: str) -> tuple[str, ...]:
    """What is measured in it: ("mass",), or ("mass", "mass") for mg/kg. Raises Incomparable."""
    return tuple(_part(part)[0] for part in unit.split("/"))


def _factor(unit: str) -> Fraction:
    first, *rest = (_part(part)[1] for part in unit.split("/"))
    for divisor in rest:
        first /= divisor
    return first


def convert(amount: Quantity, unit: str) -> Fraction:
    """The value of `amount` in `unit`, exactly. Raises Incomparable."""
    if kind_of(amount.unit) != kind_of(unit):
        raise Incomparable(f"{amount.unit} cannot be compared with {unit}")
    return amount.value * _factor(amount.unit) / _factor(unit)


def written(value: Fraction) -> str:
    """As a person reads it: exact if that is short, else rounded to 4 digits."""
    if value == int(value):
        return str(int(value))
    digits = value.limit_denominator(10**6)
    if digits == value and 10**6 % value.denominator == 0:
        return f"{Decimal(value.numerator) / Decimal(value.denominator):f}"
    return f"{Decimal(f'{float(value):.4g}'):f}"
