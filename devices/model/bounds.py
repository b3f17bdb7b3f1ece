"""What a value from outside may be: a whole number in a range, one of some words, a text of a form."""

import re

Bounds = range | tuple[str, ...] | re.Pattern[str]


def is_within(value: object, bounds: Bounds) -> bool:
    """Whether `value` is of the right type and within `bounds`."""
    match bounds:
        case re.Pattern():
            return isinstance(value, str) and bounds.fullmatch(value) is not None
        case range():
            return type(value) is int and value in bounds
        case _:
            return isinstance(value, str) and value in bounds


def spelled(bounds: Bounds) -> str:
    """`bounds` for a person."""
    match bounds:
        case range():
            return f"{bounds[0]} to {bounds[-1]}"
        case re.Pattern():
            return f"a text like {bounds.pattern}"
        case _:
            return ", ".join(bounds)
