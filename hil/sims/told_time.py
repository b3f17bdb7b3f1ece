"""A pulse rate that tells by itself when it was measured, whatever any clock of the product says.

value = value_at(now_ns())            # 40.0 + tenths of a second since a multiple of 150 s of the boot
age_s(value, now_ns())                # 0 ≤ age < 150
"""

from decimal import Decimal

LEAST, TENTHS = 40, 1500
_TENTH_NS = 100_000_000


def value_at(ns: int) -> Decimal:
    """Of a moment, nanoseconds since the boot."""
    return LEAST + Decimal(ns // _TENTH_NS % TENTHS) / 10


def age_s(value: float, now_ns: int) -> float:
    """How old it is at least, in seconds; what is older than 150 s looks younger by a multiple of that."""
    tenths = (now_ns // _TENTH_NS - round((value - LEAST) * 10)) % TENTHS
    return max(tenths - 1, 0) / 10
