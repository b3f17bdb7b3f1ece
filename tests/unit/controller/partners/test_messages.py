"""controller/partners/messages.py, bundles.py: what a stranger sends is read, or refused with a reason."""

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controller.errors import BadBundle
from controller.partners.bundles import check_case, check_letter
from controller.partners.messages import KINDS, TOPICS, read_message

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@given(st.sampled_from(TOPICS), st.binary(max_size=300))
@settings(max_examples=100, deadline=None)
def test_no_bytes_break_the_reader(topic: str, raw: bytes) -> None:
    _, body, why = read_message(topic, raw)
    assert body is None
    assert why


@given(st.sampled_from(sorted(KINDS)), JSON)
@settings(max_examples=100, deadline=None)
def test_no_json_in_the_place_of_a_body_breaks_the_reader(kind: str, body: object) -> None:
    told, read, why = read_message(KINDS[kind][0], orjson.dumps({"kind": kind, "body": body}))
    assert told == kind
    assert (read is None) == bool(why)


def test_a_kind_is_spoken_of_in_its_topic_alone() -> None:
    raw = orjson.dumps({"kind": "consent-withdrawn", "body": {"consent": "PC00000001"}})
    assert read_message("referral", raw)[1] is not None
    assert read_message("directory", raw)[1:] == (None, "'consent-withdrawn' is not spoken of in directory")


def test_what_is_too_deep_is_not_looked_into() -> None:
    deep = b'{"kind":"referral","body":{"case":' + b"[" * 500 + b"]" * 500 + b"}}"
    assert read_message("referral", deep)[2] == "expected less deep an object"


def test_a_name_of_somebody_there_can_be_none_of_ours() -> None:
    body = {"number": "RF00000001", "answer": "accepted", "by": "site:x/anna", "why": ""}
    raw = orjson.dumps({"kind": "referral-answered", "body": body})
    assert read_message("referral", raw)[1] is None


@given(JSON)
@settings(max_examples=150, deadline=None)
def test_no_json_breaks_the_checks_of_bundles(value: object) -> None:
    with pytest.raises(BadBundle):
        check_case(value, "RF00000001", "4711", ("PC00000001", 1))
    with pytest.raises(BadBundle):
        check_letter(value, "4711")


@given(st.lists(JSON, min_size=1, max_size=4), st.sampled_from(["Patient", "Consent", "ServiceRequest"]))
@settings(max_examples=150, deadline=None)
def test_no_resource_breaks_the_checks_of_bundles(parts: list[object], kind: str) -> None:
    members = {"identifier": parts, "provision": parts[0], "status": "active"}
    resource = {"resourceType": kind, **members}
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": resource}]}
    with pytest.raises(BadBundle):
        check_case(bundle, "RF00000001", "4711", ("PC00000001", 1))
