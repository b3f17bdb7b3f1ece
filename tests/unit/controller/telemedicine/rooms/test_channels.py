"""web/public/room/{channels,code}.js: short messages between pages; the code that two people compare."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.node import Call, Thrown, node

CHANNELS = Path(__file__).with_name("channels.mjs").as_posix()
CODE = "public/room/code.js"
ANNA = "v=0\r\na=fingerprint:sha-256 AB:CD:EF:01\r\na=setup:actpass\r\n"
BEN = "v=0\r\na=fingerprint:sha-256 11:22:33:44\r\na=setup:active\r\n"
BETWEEN = "v=0\r\na=fingerprint:sha-256 99:99:99:99\r\na=setup:active\r\n"


@pytest.fixture(scope="module")
def call() -> Iterator[Call]:
    with node() as made:
        yield made


def test_a_message_is_heard_by_its_label_and_from_whose_seat_it_is(call: Call) -> None:
    said = [["marks", "{}", ["mesh"]], ["vitals", "97\n98", ["mesh"]]]
    assert call(CHANNELS, "heard", said) == [[1, "marks", "{}"], [1, "vitals", "97\n98"]]


def test_what_comes_both_ways_while_the_pictures_change_theirs_is_heard_once(call: Call) -> None:
    said = [["marks", str(n), ["mesh", "sfu"]] for n in range(600)]
    assert [text for _, _, text in call(CHANNELS, "heard", said)] == [str(n) for n in range(600)]


def test_what_nobody_could_take_is_heard_by_nobody_and_the_next_is(call: Call) -> None:
    said = [["marks", "lost", []], ["marks", "next", ["mesh"]]]
    assert call(CHANNELS, "heard", said) == [[1, "marks", "next"]]


def test_what_is_too_long_is_not_sent(call: Call) -> None:
    with pytest.raises(Thrown, match="RangeError"):
        call(CHANNELS, "heard", [["marks", "x" * 8001, ["mesh"]]])


@given(st.lists(st.text(max_size=30) | st.none() | st.integers(), max_size=8))
@settings(max_examples=40)
def test_nothing_that_a_page_of_ours_does_not_send_is_heard_or_stops_what_follows(
    call: Call, strange: list[Any]
) -> None:
    all_of_it = [*([2, one] for one in strange), [3, "1 marks here"]]
    assert [3, "here"] in call(CHANNELS, "took", all_of_it)


def code(call: Call, *descriptions: str) -> str:
    return call(CODE, "shortCode", *(call(CODE, "fingerprint", one) for one in descriptions))


def test_both_ends_of_a_connection_have_the_same_code_and_not_with_somebody_between_them(call: Call) -> None:
    assert code(call, ANNA, BEN) == code(call, BEN, ANNA)
    assert len(code(call, ANNA, BEN)) == 7
    assert code(call, ANNA, BETWEEN) != code(call, BETWEEN, BEN)


def test_without_a_certificate_there_is_no_code(call: Call) -> None:
    assert code(call, ANNA, "v=0\r\n") == ""
