"""A stream may be damaged until nothing of it is left."""

from hil.fuzz.damage import ALL, damaged


def test_damage_of_nothing_is_nothing() -> None:
    assert damaged([], list(ALL), 1) == []
