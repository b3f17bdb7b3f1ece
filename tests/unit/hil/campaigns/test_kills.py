"""Whom the campaign kills: everybody equally often, sometimes two at once, the same for the same seed."""

from collections import Counter
from random import Random

import pytest

from hil.campaigns.kills import plan
from hil.campaigns.running_ward import add_to_last
from hil.campaigns.verdict import Verdict
from hil.faults.kill import VICTIMS


@pytest.mark.parametrize("rounds", [1, 2, 20, 200])
def test_every_part_is_the_first_victim_equally_often(rounds: int) -> None:
    firsts = Counter(names[0] for names in plan(Random(1), rounds))
    assert firsts.total() == rounds
    assert max(firsts.values()) - min(firsts[name] for name in VICTIMS) <= 2


def test_a_second_victim_is_another_one() -> None:
    doubles = [names for names in plan(Random(2), 200) if len(names) > 1]
    assert doubles
    assert all(len(set(names)) == len(names) == 2 for names in doubles)


def test_the_same_seed_kills_the_same() -> None:
    assert plan(Random(3), 50) == plan(Random(3), 50) != plan(Random(4), 50)


def test_what_only_the_end_shows_fails_the_campaign() -> None:
    verdict = Verdict("kills", 1)
    verdict.round("gateway killed", fired=True, problems=["late"])
    add_to_last(verdict, ["block 7 is missing"])
    assert verdict.rounds[-1].problems == ("late", "block 7 is missing")
    assert verdict.counted == 1
    assert not verdict.passed
