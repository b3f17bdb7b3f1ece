"""The network campaign's own judgement."""

from random import Random

from hil.campaigns.network import Drain, _order
from hil.faults.weather import KINDS


def test_every_kind_comes_once_before_one_comes_again() -> None:
    order = _order(Random(1), tuple(KINDS), len(KINDS) + 3)
    assert set(order[: len(KINDS)]) == set(KINDS)
    assert len(order) == len(KINDS) + 3


def test_the_same_seed_gives_the_same_order() -> None:
    assert _order(Random(7), tuple(KINDS), 12) == _order(Random(7), tuple(KINDS), 12)


def test_a_drain_that_leaves_the_link_idle_is_a_problem() -> None:
    assert Drain(64_000, 0.05, shares=[0.5, 0.6, 0.9], ages_s=[0.1, 0.1, 0.1]).problems() == [
        "the backlog drained with 60% of 64 kbit/s"
    ]


def test_live_readings_that_come_after_the_backlog_are_a_problem() -> None:
    assert Drain(64_000, 0.05, shares=[0.9], ages_s=[14.0]).problems() == [
        "live readings came 14.0 s late beside the backlog"
    ]
