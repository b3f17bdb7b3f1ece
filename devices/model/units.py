"""Units: a device's number in the metric's UCUM unit, converted once, in the codec, and exactly.

    converted(Decimal("98.6"), "[degF]", "Cel")        # 37.0

Conversions are ratios of integers (Source: NIST SP 811:2008, appendix B; UCUM 2.2). One that does not end
(°F to °C) is rounded to two digits finer than the device's own number.
"""

from decimal import Decimal
from fractions import Fraction

from devices.errors import UnknownUnit

_SCALE: dict[str, tuple[str, Fraction]] = {
    "mm[Hg]": ("Pa", Fraction(101325, 760)),
    "cm[H2O]": ("Pa", Fraction("98.0665")),
    "kPa": ("Pa", Fraction(1000)),
    "hPa": ("Pa", Fraction(100)),
    "mbar": ("Pa", Fraction(100)),
    "bar": ("Pa", Fraction(100_000)),
    "[psi]": ("Pa", Fraction("4.4482216152605") / Fraction("0.00064516")),
    "Pa": ("Pa", Fraction(1)),
    "kg": ("kg", Fraction(1)),
    "g": ("kg", Fraction(1, 1000)),
    "[lb_av]": ("kg", Fraction("0.45359237")),
    "cm": ("m", Fraction(1, 100)),
    "m": ("m", Fraction(1)),
    "mm": ("m", Fraction(1, 1000)),
    "[in_i]": ("m", Fraction("0.0254")),
    "km": ("m", Fraction(1000)),
    "[mi_i]": ("m", Fraction("1609.344")),
    "km/h": ("m/s", Fraction(10, 36)),
    "m/s": ("m/s", Fraction(1)),
    "[kn_i]": ("m/s", Fraction(1852, 3600)),
    "[mi_i]/h": ("m/s", Fraction("0.44704")),
    "L": ("L", Fraction(1)),
    "mL": ("L", Fraction(1, 1000)),
    "L/min": ("L/min", Fraction(1)),
    "mL/min": ("L/min", Fraction(1, 1000)),
    "L/h": ("L/min", Fraction(1, 60)),
    "mL/h": ("L/min", Fraction(1, 60_000)),
    "mV": ("mV", Fraction(1)),
    "uV": ("mV", Fraction(1, 1000)),
    "V": ("mV", Fraction(1000)),
    "mL/cm[H2O]": ("mL/cm[H2O]", Fraction(1)),
    "L/cm[H2O]": ("mL/cm[H2O]", Fraction(1000)),
    "mL/mbar": ("mL/cm[H2O]", Fraction("0.980665")),
    "cm[H2O].s/L": ("cm[H2O].s/L", Fraction(1)),
    "mbar.s/L": ("cm[H2O].s/L", 1 / Fraction("0.980665")),
    "%": ("1", Fraction(1, 100)),
    "1": ("1", Fraction(1)),
    "s": ("s", Fraction(1)),
    "ms": ("s", Fraction(1, 1000)),
    "min": ("s", Fraction(60)),
    "h": ("s", Fraction(3600)),
}
"""A unit, the unit of its dimension, and how many of that one it is."""

_FINEST = 12
"""Decimal places: what a record can carry."""


def converted(value: Decimal, unit: str, wanted: str) -> Decimal:
    """`value` in `unit` as a number in `wanted`; both UCUM. Raises UnknownUnit for another pair."""
    if unit == wanted:
        return value
    exact = Fraction(value)
    if (unit, wanted) == ("[degF]", "Cel"):
        return _decimal((exact - 32) * Fraction(5, 9), value)
    if (unit, wanted) == ("K", "Cel"):
        return value - Decimal("273.15")
    if unit not in _SCALE or wanted not in _SCALE or _SCALE[unit][0] != _SCALE[wanted][0]:
        raise UnknownUnit(f"expected a unit that can become {wanted!r}, got {unit!r}")
    return _decimal(exact * _SCALE[unit][1] / _SCALE[wanted][1], value)


def _decimal(exact: Fraction, told: Decimal) -> Decimal:
    """`exact` as a decimal; rounded, if it does not end, to two digits finer than the number as `told`."""
    denominator = exact.denominator
    for prime in (2, 5):
        while denominator % prime == 0:
            denominator //= prime
    quotient = Decimal(exact.numerator) / Decimal(exact.denominator)
    exponent = told.as_tuple().exponent
    digits = _FINEST if denominator == 1 else 2 + max(0, -exponent if isinstance(exponent, int) else 0)
    rounded = round(quotient, min(digits, _FINEST))
    return _plain(rounded) if denominator == 1 else rounded


def _plain(value: Decimal) -> Decimal:
    """Without zeros at the end, and without an exponent."""
    normal = value.normalize()
    return normal.quantize(Decimal(1)) if normal == normal.to_integral_value() else normal
