"""The doses of the campaign of poison: one of each kind, all of the catalogue in the end."""

from itertools import chain, islice
from random import Random

from hil.campaigns.__main__ import CAMPAIGNS
from hil.campaigns.poison import _doses
from hil.faults.poison import CATALOGUE


def kind(name: str) -> str:
    return name.partition(":")[0]


KINDS = {kind(name) for name in CATALOGUE}


def test_a_dose_has_one_of_each_kind() -> None:
    for dose in islice(_doses(Random(1)), 20):
        assert len(dose) == len(KINDS)
        assert {kind(name) for name in dose} == KINDS


def test_a_campaign_of_the_usual_length_gives_the_whole_catalogue() -> None:
    rounds = CAMPAIGNS["poison"][1]
    assert set(chain.from_iterable(islice(_doses(Random(1)), rounds))) == CATALOGUE.keys()


def test_the_same_seed_gives_the_same_doses() -> None:
    one, same, other = (list(islice(_doses(Random(seed)), 5)) for seed in (1, 1, 2))
    assert one == same != other
