"""Headers are counted and dated, topics built and parsed, as the standard says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.codecs.vda5050.errors import BadField, BadTopic, Unsayable
from devices.codecs.vda5050.header import is_newer, next_header_id, timestamp_of, utc_us
from devices.codecs.vda5050.topics import (
    FROM_MASTER,
    Address,
    Topic,
    parse,
    quality_of_service,
    subscription,
)

AGV = Address("uagv", 2, "Acme", "AGV-1")
LAST = 2**32 - 1


@given(st.integers(0, 253_402_300_799_999))
def test_a_time_comes_back_to_the_millisecond(ms: int) -> None:
    assert utc_us(timestamp_of(ms * 1000)) == ms * 1000


@pytest.mark.parametrize(
    ("text", "us"),
    [
        ("1970-01-01T00:00:01Z", 1_000_000),
        ("1970-01-01T00:00:01.5Z", 1_500_000),
        ("1970-01-01T00:00:01.123456789Z", 1_123_456),
        ("1970-01-01T00:00:01", 1_000_000),
        ("1970-01-01T01:00:00+01:00", 0),
        ("1969-12-31T23:30:00-0030", 0),
        ("1969-12-31T23:59:60Z", 0),
    ],
)
def test_a_time_may_have_fractions_and_a_zone(text: str, us: int) -> None:
    assert utc_us(text) == us


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1970-01-01",
        "1970-13-01T00:00:00Z",
        "1970-01-01T24:00:00Z",
        "1970-01-01T00:00:61Z",
        "١٩٧٠-01-01T00:00:00Z",
    ],
)
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(BadField, match="expected"):
        utc_us(text)


def test_a_time_beyond_the_calendar_is_not_written() -> None:
    assert timestamp_of(1_492_256_403_123_999) == "2017-04-15T11:40:03.123Z"
    with pytest.raises(Unsayable, match="years 1 to 9999"):
        timestamp_of(10**18)


@given(st.integers(0, LAST), st.integers(1, 2**31 - 1))
def test_the_counter_of_headers_wraps(header_id: int, further: int) -> None:
    later = (header_id + further) % 2**32
    assert is_newer(later, header_id)
    assert not is_newer(header_id, later)
    assert not is_newer(header_id, header_id)
    assert is_newer(next_header_id(header_id), header_id)


@pytest.mark.parametrize("topic", Topic)
def test_a_topic_that_is_built_is_parsed_as_it_was(topic: Topic) -> None:
    address = Address("vda5050", 3, "Äcme GmbH", "0001.a_b:c-D")
    assert parse(address.topic(topic)) == (address, topic)


def test_a_topic_reads_as_the_standard_shows_it() -> None:
    assert AGV.topic(Topic.INSTANT_ACTIONS) == "uagv/v2/Acme/AGV-1/instantActions"
    assert subscription("uagv", 2, Topic.STATE) == "uagv/v2/+/+/state"
    assert {one for one in Topic if quality_of_service(one)} == {Topic.CONNECTION}
    assert Topic.STATE not in FROM_MASTER


@pytest.mark.parametrize(
    "text",
    [
        "",
        "uagv/v2/Acme/AGV-1",
        "uagv/v2/Acme/AGV-1/state/x",
        "uagv/2/Acme/AGV-1/state",
        "uagv/v1/Acme/AGV-1/state",
        "uagv/v2//AGV-1/state",
        "uagv/v2/Acme/AGV 1/state",
        "uagv/v2/+/AGV-1/state",
        "uagv/v2/Acme/AGV-1/State",
        "uagv/v2/Acme/AGV-1/zoneSet",
        "$SYS/v2/Acme/AGV-1/state",
    ],
)
def test_another_topic_is_refused(text: str) -> None:
    with pytest.raises(BadTopic, match="expected"):
        parse(text)


@given(st.text(max_size=30))
def test_any_text_is_a_topic_or_is_refused(text: str) -> None:
    with pytest.raises(BadTopic):
        parse(text + "/v2/x")


def test_version_2_has_no_zones() -> None:
    with pytest.raises(BadTopic, match="expected version v3 for the topic zoneSet"):
        AGV.topic(Topic.ZONE_SET)
    with pytest.raises(BadTopic, match="serial"):
        Address("uagv", 2, "Acme", "a/b")
