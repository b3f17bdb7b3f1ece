"""Which faults come, and in which order."""

from random import Random

import pytest

from hil.rig.campaign import drawn, order
from hil.rig.kinds import KINDS, kinds_for

EVERYTHING = frozenset().union(*(kind.needs for kind in KINDS))


def test_a_rig_that_has_everything_brings_every_kind_about() -> None:
    assert list(kinds_for(EVERYTHING)) == list(KINDS)


@pytest.mark.parametrize("missing", sorted(EVERYTHING))
def test_a_rig_brings_about_only_what_it_can(missing: str) -> None:
    kinds = kinds_for(EVERYTHING - {missing})
    assert {need for kind in kinds for need in kind.needs} == EVERYTHING - {missing}


def test_each_kind_comes_once_before_one_comes_again() -> None:
    names = [kind.name for kind in order(Random(1), KINDS, 3)]
    thirds = [names[at : at + len(KINDS)] for at in range(0, len(names), len(KINDS))]
    assert [sorted(third) for third in thirds] == [sorted(kind.name for kind in KINDS)] * 3


def test_the_same_seed_gives_the_same_order() -> None:
    assert order(Random(7), KINDS, 2) == order(Random(7), KINDS, 2) != order(Random(8), KINDS, 2)


def test_without_a_count_every_kind_is_drawn() -> None:
    assert list(drawn(KINDS, 1, None)) == list(drawn(KINDS, 1, 1000)) == list(KINDS)


def test_a_seed_draws_the_same_kinds_again_and_another_one_others() -> None:
    assert len(drawn(KINDS, 7, 5)) == 5
    assert drawn(KINDS, 7, 5) == drawn(KINDS, 7, 5) != drawn(KINDS, 8, 5)
