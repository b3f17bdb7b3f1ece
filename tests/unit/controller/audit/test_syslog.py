"""Messages of syslog, read again by the grammar of RFC 5424 and the frame of RFC 5425."""

import re
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.audit.entry import Entry, canonical
from controller.audit.syslog import framed, message
from tests.support.trails import UTC_US

GRAMMAR = re.compile(
    rb"<(\d{1,3})>1 (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{1,6}Z) ([!-~]{1,255}) ([!-~]{1,48}) ([!-~]{1,128}) "
    rb'([!-~]{1,32}) \[meta sequenceId="(\d+)"\] \xef\xbb\xbf(.*)',
    re.DOTALL,
)
"""RFC 5424, section 6, with the one element of structured data that is sent."""


def entry(number: int = 7, **about: Any) -> dict[str, Any]:
    told = Entry(**{"action": "bed", "actor": "anna", "patient": "P1", **about})
    return {"number": number, **orjson.loads(canonical(told, UTC_US)), "hash": "00" * 32}


def parts(one: bytes) -> tuple[Any, ...]:
    found = GRAMMAR.fullmatch(one)
    assert found is not None, one
    return found.groups()


def test_a_message_says_what_rfc_5424_asks_for() -> None:
    priority, when, host, app, process, kind, sequence, text = parts(message(entry(), "hospital"))
    assert (priority, when) == (b"110", b"2026-11-25T21:05:36.000000Z")
    assert (host, app, process, kind, sequence) == (b"hospital", b"wardlink", b"-", b"bed", b"7")
    assert orjson.loads(text)["resourceType"] == "AuditEvent"


@pytest.mark.parametrize(("outcome", "priority"), [("done", b"110"), ("refused", b"108"), ("failed", b"108")])
def test_what_was_refused_is_a_warning(outcome: str, priority: bytes) -> None:
    assert parts(message(entry(outcome=outcome), "h"))[0] == priority


@pytest.mark.parametrize(("number", "sequence"), [(1, b"1"), (2**31 - 1, b"2147483647"), (2**31, b"1")])
def test_the_number_goes_round_as_the_rfc_says(number: int, sequence: bytes) -> None:
    assert parts(message(entry(number), "h"))[6] == sequence


@given(st.text(max_size=300), st.text(max_size=300), st.text(max_size=50))
def test_no_text_breaks_out_of_its_field(action: str, host: str, why: str) -> None:
    found = parts(message(entry(action=action, why=why), host))
    assert orjson.loads(found[7])["subtype"][0]["code"] == action


@given(st.lists(st.text(max_size=40), min_size=1, max_size=5))
def test_frames_are_taken_apart_again_by_their_lengths(reasons: list[str]) -> None:
    messages = [message(entry(why=why), "h") for why in reasons]
    stream, read = b"".join(map(framed, messages)), []
    while stream:
        length, _, rest = stream.partition(b" ")
        read.append(rest[: int(length)])
        stream = rest[int(length) :]
    assert read == messages
