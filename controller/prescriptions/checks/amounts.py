"""How much of a substance a line gives: each time, and in a day; exact, or why it cannot be said."""

from dataclasses import dataclass
from fractions import Fraction

from controller.prescriptions.checks.model import Ingredient, Line, Timing
from controller.prescriptions.checks.units import Incomparable, Quantity, convert, exact, kind_of

_DAY = Quantity(Fraction(1), "d")


class Unsaid(Exception):
    """The amount cannot be said; `code` is that of the gap."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Amounts:
    """Of one substance: each time, and the most in a day (None: not known)."""

    dose: Quantity
    day: Quantity | None


def _of_substance(amount: Quantity, line: Line, one: Ingredient) -> Quantity:
    """What of an amount of the medicine, or of the substance, is the substance. Raises Unsaid."""
    strength = one.strength
    try:
        if strength and kind_of(amount.unit) == kind_of(strength.per.unit):
            parts = convert(amount, strength.per.unit) / strength.per.value
            return strength.amount.times(parts)
        kind = kind_of(amount.unit)
    except (Incomparable, ZeroDivisionError) as error:
        raise Unsaid("incomparable-dose") from error
    if len(kind) != 1:
        raise Unsaid("incomparable-dose")
    if kind[0].startswith("{") or kind[0] == "volume" or len(line.medicine.ingredients) > 1:
        raise Unsaid("no-strength")
    return amount


def amounts(line: Line, one: Ingredient) -> Amounts:
    """Raises Unsaid."""
    if line.dose is None:
        raise Unsaid("no-dose")
    dose = _of_substance(line.dose, line, one)
    most = _of_substance(line.max_per_day, line, one) if line.max_per_day else None
    by_time = None if line.timing is None and line.as_needed else dose.times(per_day(line.timing))
    if most is None or by_time is None:
        return Amounts(dose, by_time or most)
    try:
        return Amounts(dose, min(by_time, most, key=lambda each: convert(each, dose.unit)))
    except Incomparable as error:
        raise Unsaid("incomparable-dose") from error


def per_day(timing: Timing | None) -> Fraction:
    """How often in a day; at least once, however long the period is: that day has a whole dose."""
    return max(Fraction(1), _rate(timing))


def per_week(timing: Timing | None) -> Fraction:
    """How often in a week; at least once."""
    return max(Fraction(1), 7 * _rate(timing))


def _rate(timing: Timing | None) -> Fraction:
    """Doses a day on average; once is 0. Raises Unsaid for what is no rhythm."""
    if timing is None:
        return Fraction(0)
    try:
        period = convert(Quantity(exact(timing.period), timing.unit), "d")
        return exact(timing.frequency) / period
    except (Incomparable, ZeroDivisionError) as error:
        raise Unsaid("no-daily-dose") from error
