"""controller/telemedicine/media/messages.py: what Janus says is never trusted to have its form."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.errors import MediaError
from controller.telemedicine.media.messages import LARGEST, parse

ATTACHED: dict[str, Any] = {
    "janus": "event",
    "sender": 4321,
    "transaction": "ab",
    "session_id": 1,
    "plugindata": {
        "plugin": "janus.plugin.videoroom",
        "data": {
            "videoroom": "attached",
            "streams": [
                {"mindex": 0, "mid": "0", "type": "audio", "feed_id": 10001, "active": True},
                {"mindex": 1, "mid": "1", "type": "data", "feed_id": None, "active": True},
            ],
        },
    },
    "jsep": {"type": "offer", "sdp": "v=0"},
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def test_a_subscription_is_read_with_its_lines_and_its_offer() -> None:
    got = parse(json.dumps(ATTACHED))
    assert got.plugindata and [one.feed_id for one in got.plugindata.data.streams] == [10001, None]
    assert (got.sender, got.transaction) == (4321, "ab")
    assert got.jsep and got.jsep.sdp == "v=0"


def test_what_it_refuses_is_read_with_its_reason() -> None:
    got = parse('{"janus":"error","transaction":"ab","error":{"code":403,"reason":"Unauthorized"}}')
    assert got.error and (got.error.code, got.error.reason) == (403, "Unauthorized")


@pytest.mark.parametrize(
    "change",
    [
        {"janus": 7},
        {"sender": "4321"},
        {"sender": -1},
        {"jsep": {"type": "rollback", "sdp": ""}},
        {"jsep": {"type": "offer", "sdp": "x" * 200_001}},
        {"plugindata": {"data": {"streams": [{"mid": 3}]}}},
        {"plugindata": {"data": {"streams": [{"mid": "0"}] * 201}}},
    ],
)
def test_what_it_never_says_is_refused_by_name(change: dict[str, Any]) -> None:
    with pytest.raises(MediaError, match="never says"):
        parse(json.dumps({**ATTACHED, **change}))


def test_more_than_it_ever_says_is_not_even_read() -> None:
    with pytest.raises(MediaError, match="at most"):
        parse("x" * (LARGEST + 1))


@given(st.binary(max_size=60) | JSON.map(lambda made: json.dumps(made).encode()))
def test_no_bytes_do_more_than_be_refused(raw: bytes) -> None:
    try:
        assert isinstance(parse(raw).janus, str)
    except MediaError:
        return


@given(st.sampled_from(sorted(ATTACHED)), JSON)
def test_no_part_that_is_otherwise_does_more_than_be_refused(part: str, other: Any) -> None:
    try:
        parse(json.dumps({**ATTACHED, part: other}))
    except MediaError:
        return
