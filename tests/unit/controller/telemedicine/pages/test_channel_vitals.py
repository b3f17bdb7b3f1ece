"""Vital signs by the controller and by another page: the newer of both, and in the end the controller's."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.node import Call, node

PAGES = Path(__file__).with_name("pages.mjs").as_posix()
PASSING = "public/room/channel-vitals.js"
ANNA = 2
NOW = 1_000_000


def value(at_ms: int, spo2: float = 97, quality: list[str] | None = None) -> dict[str, Any]:
    one = {"device": "ox-1", "metric": "spo2", "bed": "bed-1", "value": spo2, "reason": None}
    return {**one, "quality": quality or [], "at_ms": at_ms}


def wave(at_ms: int) -> dict[str, Any]:
    one = {"device": "ox-1", "metric": "pleth", "bed": "bed-1", "at_ms": at_ms, "rate_hz": 75}
    return {**one, "samples": "AAEC"}


SNAPSHOT = {
    "session": "s1",
    "wards": [],
    "beds": [{"id": "bed-1", "ward": "w", "name": "1"}],
    "metrics": {"spo2": {}, "pleth": {}},
    "devices": [{"id": "ox-1", "bed": "bed-1"}],
    "gateways": [],
    "values": [value(NOW - 900, 95)],
    "alerts": [],
    "break_glass": [],
    "scores": [],
}


def passed(*items: dict[str, Any], k: str = "values", at: int = NOW) -> list[Any]:
    return ["took", ANNA, {"k": k, "session": "s1", "server_ms": at, "items": list(items)}, NOW]


@pytest.fixture(scope="module")
def call() -> Iterator[Call]:
    with node() as started:
        yield started


def played(call: Call, *steps: list[Any]) -> list[dict[str, Any]]:
    return call(PAGES, "secondHand", SNAPSHOT, list(steps))


def test_a_copy_is_shown_with_its_mark_until_the_controller_says_the_same(call: Call) -> None:
    copied, own = played(call, passed(value(NOW - 100)), ["own", [value(NOW - 100)]])
    assert copied["values"] == [value(NOW - 100, quality=["second-hand"])] and copied["seats"] == [ANNA]
    assert own["values"] == [value(NOW - 100)]


def test_the_controllers_older_word_takes_the_place_of_no_newer_copy(call: Call) -> None:
    late = played(call, passed(value(NOW - 100)), ["own", [value(NOW - 500, 96)]])[1]
    assert late["values"][0]["value"] == 97


def test_a_copy_that_the_controller_passes_without_a_word_goes_and_its_own_newest_is_back(call: Call) -> None:
    steps = [passed(value(NOW - 100, 42)), ["own", [value(NOW - 500, 96)]], ["settle", NOW + 1]]
    assert played(call, *steps)[2]["values"] == [value(NOW - 500, 96)]


def test_an_older_copy_takes_the_place_of_nothing(call: Call) -> None:
    assert played(call, passed(value(NOW - 2000, 42)))[0]["values"] == SNAPSHOT["values"]


def test_waves_that_the_controller_does_not_confirm_are_wiped(call: Call) -> None:
    copied, own, settled = played(call, passed(wave(NOW - 300), k="wave"), ["waves", []], ["settle", NOW + 1])
    assert copied["told"] == [wave(NOW - 300)] and own["broken"] == 0 and settled["broken"] == 1


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.tuples(st.booleans(), st.integers(-3000, 900), st.integers(30, 100)), max_size=12),
    st.integers(0, 100),
)
def test_whatever_came_by_others_the_controllers_word_is_what_is_shown_in_the_end(
    call: Call, said: list[tuple[bool, int, int]], last: int
) -> None:
    steps = [passed(value(NOW + at, v)) if lies else ["own", [value(NOW + at, v)]] for lies, at, v in said]
    newest = value(NOW + 2000, last)
    end = played(call, *steps, ["own", [newest]], ["settle", NOW + 2001])[-1]
    assert end["values"] == [newest] and end["seats"] == []


OTHERS = [
    {"seat": 1, "part": "guest", "newest": 0},
    {"seat": 2, "part": "patient", "newest": NOW - 1000},
    {"seat": 3, "part": "staff", "newest": NOW - 100},
]


@pytest.mark.parametrize("kind", ["values", "wave", "alert", "snapshot", "registry", "device"])
def test_numbers_and_waves_alone_are_passed_on_to_who_is_behind_and_never_to_a_guest(
    call: Call, kind: str
) -> None:
    event = {"server_ms": NOW, "items": [value(NOW - 100)]}
    texts, seats = call(PASSING, "passing", kind, event, "s1", OTHERS)
    if kind not in {"values", "wave"}:
        assert texts == [] and seats == []
    else:
        assert seats == [2] and [json.loads(one)["session"] for one in texts] == ["s1"]
