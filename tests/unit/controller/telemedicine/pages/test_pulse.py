"""How far away another page is, without comparing clocks."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.node import Call, node

PAGES = Path(__file__).with_name("pages.mjs").as_posix()
ME, OTHER = 1, 2


@pytest.fixture(scope="module")
def call() -> Iterator[Call]:
    with node() as started:
        yield started


def played(call: Call, *steps: list[Any]) -> list[Any]:
    return call(PAGES, "play", "pulse.js", "Pulses", list(steps))


def pulse(at: float, *heard: list[float]) -> dict[str, Any]:
    return {"at": at, "heard": list(heard)}


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 900), st.integers(0, 900), st.integers(0, 500), st.integers(-(10**9), 10**9))
def test_the_way_there_and_back_is_known_whatever_the_others_clock_says(
    call: Call, there: int, back: int, held: int, skew: int
) -> None:
    arrives = 1000 + there + held + back
    theirs = pulse(skew + 1000 + there + held, [ME, 1000, held, 3])
    told = played(call, ["took", OTHER, theirs, ME, arrives], ["rtt", OTHER, arrives], ["freezes", OTHER])
    assert told[1:] == [there + back, 3]


def test_a_pulse_says_of_each_other_page_what_was_heard_last_and_how_long_ago(call: Call) -> None:
    took = ["took", OTHER, pulse(70_000), ME, 400]
    made = played(call, took, ["make", 650, {"@always": 4}])[1]
    assert made == {"at": 650, "heard": [[OTHER, 70_000, 250, 4]]}


def test_who_does_not_answer_for_long_or_never_did_is_not_known(call: Call) -> None:
    took = ["took", OTHER, pulse(5, [ME, 1000, 0, 0]), ME, 1040]
    steps = [took, ["rtt", OTHER, 2900], ["rtt", OTHER, 5000], ["rtt", 3, 5000]]
    assert played(call, *steps)[1:] == [40, None, None]


def test_who_left_is_forgotten(call: Call) -> None:
    took = ["took", OTHER, pulse(5, [ME, 1000, 0, 0]), ME, 1040]
    assert played(call, took, ["only", {"@set": [ME]}], ["rtt", OTHER, 1100])[2] is None
