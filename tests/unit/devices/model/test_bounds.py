"""What a value from outside may be."""

import re

import pytest

from devices.model.bounds import Bounds, is_within, spelled


@pytest.mark.parametrize(
    ("value", "bounds"), [(3, range(1, 4)), ("a", ("a", "b")), ("abc", re.compile("[a-c]+"))]
)
def test_what_is_within_passes(value: object, bounds: Bounds) -> None:
    assert is_within(value, bounds)


@pytest.mark.parametrize(
    ("value", "bounds"),
    [
        (4, range(1, 4)),
        (True, range(1, 4)),  # in Python it equals 1
        (1.0, range(1, 4)),
        ("1", range(1, 4)),
        ("c", ("a", "b")),
        (1, ("a", "b")),
        ("abcd", re.compile("[a-c]+")),
        ("abc\n", re.compile("[a-c]+")),
        (5, re.compile("5")),
    ],
)
def test_what_is_of_another_type_or_outside_does_not(value: object, bounds: Bounds) -> None:
    assert not is_within(value, bounds)


def test_bounds_are_told_in_words() -> None:
    said = [spelled(one) for one in (range(1, 4), ("a", "b"), re.compile("x+"))]
    assert said == ["1 to 3", "a, b", "a text like x+"]
