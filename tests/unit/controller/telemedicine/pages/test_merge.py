"""controller/web/visits/merge.js, in a real JavaScript engine."""

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.node import Call, node

WORDS = st.text("ab \n", max_size=12)


@pytest.fixture(scope="module")
def call() -> Iterator[Call]:
    with node() as made:
        yield made


@pytest.mark.parametrize(
    ("base", "mine", "theirs", "both"),
    [
        ("", "", "", ""),
        ("", "mine", "", "mine"),
        ("", "", "theirs", "theirs"),
        ("cough", "dry cough", "cough at night", "dry cough at night"),
        ("cough", "cough, fever", "a cough", "a cough, fever"),
        ("rest", "rest", "work", "work"),
        ("rest", "sleep", "drink", "drink\nsleep"),
    ],
)
def test_both_changes_are_there(call: Call, base: str, mine: str, theirs: str, both: str) -> None:
    assert call("visits/merge.js", "text", base, mine, theirs) == both


@settings(max_examples=150, deadline=None)
@given(WORDS, WORDS, WORDS)
def test_what_only_one_changed_is_theirs_alone(call: Call, base: str, mine: str, theirs: str) -> None:
    merged = call("visits/merge.js", "text", base, mine, theirs)
    assert call("visits/merge.js", "text", base, base, theirs) == theirs
    assert call("visits/merge.js", "text", base, mine, base) == mine
    added = set(mine + theirs) - set(base)
    assert added <= set(merged)


def test_lists_have_what_either_added_and_nothing_that_either_took_out(call: Call) -> None:
    def plan(what: str, times: int = 1) -> dict[str, object]:
        return {"what": what, "times": times, "days": 7}

    base = {"plan": "", "home": [plan("weight"), plan("blood-glucose")]}
    mine = {"plan": "", "home": [plan("weight", 2), plan("blood-glucose"), plan("heart-rate")]}
    theirs = {"plan": "rest", "home": [plan("weight")]}
    merged = call("visits/merge.js", "merge", base, mine, theirs)
    assert merged == {"plan": "rest", "home": [plan("weight", 2), plan("heart-rate")]}
