"""Vital signs that another page passed on: what of them is shown, and when no longer."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.node import Call, node

PAGES = Path(__file__).with_name("pages.mjs").as_posix()
COPIES = "public/room/copies.js"
ANNA, BEN = 2, 3
NOW = 1_000_000
KNOWN = {
    "session": "s1",
    "devices": {"@map": {"ox-1": {"bed": "bed-1"}}},
    "beds": [{"id": "bed-1"}],
    "metrics": {"spo2": {}, "pleth": {}},
}


def value(spo2: float = 97, **other: Any) -> dict[str, Any]:
    one = {"device": "ox-1", "metric": "spo2", "bed": "bed-1", "value": spo2, "reason": None, "quality": []}
    return {**one, "at_ms": NOW - 500, **other}


def wave(**other: Any) -> dict[str, Any]:
    one = {"device": "ox-1", "metric": "pleth", "bed": "bed-1", "at_ms": NOW - 500, "rate_hz": 75}
    return {**one, "samples": "AAEC", "scale": 1, "offset": 0, **other}


def message(*items: dict[str, Any], k: str = "values", **other: Any) -> dict[str, Any]:
    return {"k": k, "session": "s1", "server_ms": NOW, "items": list(items), **other}


def took(seat: int, said: dict[str, Any], known: dict[str, Any] = KNOWN, now: int = NOW) -> list[Any]:
    return ["took", seat, said, known, now]


@pytest.fixture(scope="module")
def call() -> Iterator[Call]:
    with node() as started:
        yield started


def played(call: Call, *steps: list[Any]) -> list[Any]:
    return call(PAGES, "play", "copies.js", "Copies", list(steps))


def test_what_is_ahead_of_the_controllers_word_is_shown_once_and_marked(call: Call) -> None:
    first, again, seats = played(call, took(ANNA, message(value())), took(BEN, message(value())), ["seats"])
    assert first == [value(quality=["second-hand"])] and again == []
    assert seats == [ANNA]


@pytest.mark.parametrize(
    "said",
    [
        message(value(), session="s0"),
        message(value(), server_ms=NOW + 5000),
        message(value(device="ox-2")),
        message(value(bed="bed-2")),
        message(value(metric="__proto__")),
        message(value(at_ms=NOW + 5000)),
        message(wave(samples="AAAA" * 200), k="wave"),
    ],
    ids=["another life", "the future", "device", "bed", "metric", "measured later", "a wave into the future"],
)
def test_what_the_controller_did_not_name_or_is_not_yet_is_not_shown(
    call: Call, said: dict[str, Any]
) -> None:
    assert played(call, took(ANNA, said)) == [[]]


def test_what_the_controller_has_reached_is_shown_by_its_word_alone(call: Call) -> None:
    assert played(call, ["settled", NOW], took(ANNA, message(value())))[1] == []


def test_what_the_controller_confirms_stays_and_what_it_passes_without_a_word_is_withdrawn(
    call: Call,
) -> None:
    both = took(ANNA, message(value())), took(ANNA, message(wave(), k="wave"))
    lied, gone, seats = played(call, *both, ["heard", [value()]], ["settled", NOW + 1], ["seats"])[2:]
    assert lied == [] and seats == []
    assert [one["item"]["metric"] for one in gone] == ["pleth"]


def test_who_was_contradicted_is_not_believed_again(call: Call) -> None:
    later = message(value(at_ms=NOW - 100), server_ms=NOW + 50)
    steps = [took(ANNA, message(value(42))), ["heard", [value(97)]], took(ANNA, later), took(BEN, later)]
    _, lied, anna, ben = played(call, *steps)
    assert lied == [ANNA] and anna == [] and len(ben) == 1


def test_of_the_same_millisecond_there_may_be_more_to_come(call: Call) -> None:
    assert played(call, took(ANNA, message(value())), ["settled", NOW])[1] == []


def test_what_is_passed_on_is_what_is_read(call: Call) -> None:
    told = call(COPIES, "passedOn", "wave", {"session": "s1", "server_ms": NOW, "items": [wave(), wave()]})
    assert [call(COPIES, "parsed", one) for one in told] == [message(wave(), k="wave")] * 2


_any = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 2_000_000) | st.floats(-1e6, 1e6) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=8,
)
_broken = st.sampled_from(
    [value(), wave(), message(value()), {"k": "pulse", "at": 1, "newest": None, "heard": []}]
)


@settings(max_examples=150, deadline=None)
@given(_broken, st.data())
def test_whatever_comes_over_the_channel_is_read_whole_or_not_at_all(
    call: Call, item: dict[str, Any], data: st.DataObject
) -> None:
    changed = {**item, data.draw(st.sampled_from(sorted(item))): data.draw(_any)}
    said = changed if "k" in item else message(changed, k="wave" if "samples" in item else "values")
    read = call(COPIES, "parsed", json.dumps(said))
    assert read in (None, said)
    if read is not None and read["k"] != "pulse":
        for shown in played(call, took(ANNA, read))[0]:
            assert (
                shown["bed"] == "bed-1" and shown["device"] == "ox-1" and shown["metric"] in KNOWN["metrics"]
            )


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=40) | _any.map(json.dumps))
def test_what_is_no_message_is_nothing(call: Call, text: str) -> None:
    assert call(COPIES, "parsed", text) is None
