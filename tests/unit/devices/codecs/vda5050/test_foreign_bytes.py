"""Bytes of strangers become a message or a clear refusal: nothing else is ever raised."""

import json
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.codecs.vda5050.errors import TooLarge, Vda5050Error
from devices.codecs.vda5050.json_text import MAX_DEPTH
from devices.codecs.vda5050.messages import decode, encode, kind_of
from devices.codecs.vda5050.order import AllowedDeviation, NodePosition, Order
from devices.codecs.vda5050.topics import Topic
from devices.codecs.vda5050.version import Version
from tests.support.vda5050_messages import made, order

Json = dict[str, Any]


def sent(version: Version = Version.V2_1) -> Json:
    return json.loads(encode(order("abc"), version))


def told(content: Json | str, topic: Topic = Topic.ORDER) -> str:
    text = content if isinstance(content, str) else json.dumps(content)
    with pytest.raises(Vda5050Error) as refused:
        decode(topic, text.encode("utf-8", "surrogatepass"))
    return str(refused.value)


@given(st.sampled_from(Topic), st.binary(max_size=60), st.none() | st.sampled_from(Version))
@settings(max_examples=60)
def test_any_bytes_are_a_message_or_are_refused(topic: Topic, data: bytes, version: Version | None) -> None:
    with pytest.raises(Vda5050Error):
        decode(topic, data, version)


@given(st.sampled_from(Topic), st.integers(0, 2**32))
@settings(max_examples=150)
def test_a_message_that_was_damaged_is_a_message_or_is_refused(topic: Topic, seed: int) -> None:
    chance = random.Random(seed)
    content = json.loads(encode(made(kind_of(topic), Version.V3_0, seed)))
    data = bytearray(json.dumps(damaged(content, chance)).encode())
    if chance.random() < 0.3:
        data[chance.randrange(len(data))] = chance.randrange(256)
    try:
        message = decode(topic, bytes(data))
    except Vda5050Error as refused:
        assert str(refused)
    else:
        assert decode(topic, encode(message)) == message


def damaged(item: Any, chance: random.Random) -> Any:
    """With now and then another value in the place of one, or without it."""
    if chance.random() < 0.05:
        return chance.choice([None, True, -1, 2**40, 1e300, "", "x", [], {}, [[]], {"a": None}])
    if isinstance(item, dict):
        return {name: damaged(one, chance) for name, one in item.items() if chance.random() > 0.01}
    return [damaged(one, chance) for one in item] if isinstance(item, list) else item


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('{"a":1,"a":2}', "twice"),
        ('{"a":NaN}', "no number"),
        ('{"a":-Infinity}', "no number"),
        ('{"a":1e999}', "too large"),
        ('{"a":' + "9" * 5000 + "}", "64 bits"),
        ('{"a":"\\ud800"}', "surrogate"),
        ('{"\\udfff":1}', "surrogate"),
        ("[]", "expected a JSON object, got list"),
        ('{"a":1} ', "version"),
        ('{"a":1}x', "UTF-8"),
        ("\ufeff{}", "UTF-8"),
        ("\ud800", "UTF-8"),
    ],
)
def test_what_two_readers_could_read_in_two_ways_is_refused(text: str, why: str) -> None:
    assert why in told(text)


def test_depth_and_size_have_an_end() -> None:
    assert f"at most {MAX_DEPTH} levels" in told('{"a":' + "[" * MAX_DEPTH + "]" * MAX_DEPTH + "}")
    assert f"at most {MAX_DEPTH} levels" in told("[" * 400_000)
    with pytest.raises(TooLarge, match="at most 1048576 bytes, got 1048577"):
        decode(Topic.STATE, b" " * (1024 * 1024 + 1))
    with pytest.raises(TooLarge):
        decode(Topic.CONNECTION, b" " * 70_000)


def test_many_names_of_one_object_cost_no_more_than_they_should() -> None:
    names = ",".join(f'"n{number}":0' for number in range(60_000))
    assert "twice" in told(f'{{{names},"n59999":1}}')


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("orderId", 5, "orderId: expected a string, got int '5'"),
        ("orderUpdateId", -1, "orderUpdateId: expected at least 0, got -1"),
        ("orderUpdateId", 2**32, "orderUpdateId: expected at most"),
        ("orderUpdateId", 1.5, "orderUpdateId: expected a whole number, got 1.5"),
        ("orderUpdateId", True, "orderUpdateId: expected a number"),
        ("nodes", {}, "nodes: expected a list, got dict"),
        ("nodes", [7], "nodes[0]: expected an object, got int '7'"),
        ("timestamp", "yesterday", "timestamp: expected a time as 2026-01-31T12:00:00.000Z, got 'yesterday'"),
        ("version", "1.3.2", "version: expected a version 2.x.y or 3.x.y, got '1.3.2'"),
        ("version", 2, "version: expected the version as a string"),
    ],
)
def test_a_refusal_says_where_and_what_was_expected(name: str, value: object, why: str) -> None:
    assert why in told(sent() | {name: value})


def test_a_refusal_names_the_place_within_lists() -> None:
    content = sent()
    content["nodes"][1]["actions"] = [{"actionType": "pick", "actionId": "1", "blockingType": "GENTLE"}]
    assert told(content).startswith("nodes[1].actions[0].blockingType: expected one of NONE, SOFT, HARD, got")
    del content["nodes"][1]["actions"]
    assert told(content) == "nodes[1].actions: expected it, got nothing"


def test_what_the_standard_does_not_have_is_kept_and_sent_again() -> None:
    content = sent()
    content["nodes"][0]["colour"] = {"name": "red"}
    content["x"] = None
    message = decode(Topic.ORDER, json.dumps(content).encode())
    assert isinstance(message, Order)
    assert (message.extra, message.nodes[0].extra) == ({"x": None}, {"colour": {"name": "red"}})
    assert json.loads(encode(message)) == content


def test_an_integer_may_be_sent_as_a_number_with_a_point() -> None:
    message = decode(Topic.ORDER, json.dumps(sent() | {"orderUpdateId": 5.0}).encode())
    assert isinstance(message, Order)
    assert message.order_update_id == 5
    assert isinstance(message.order_update_id, int)


@pytest.mark.parametrize("name", ["allowedDeviationXY", "allowedDeviationXy"])
@pytest.mark.parametrize("version", [Version.V2_0, Version.V2_1])
def test_both_spellings_of_the_deviation_are_understood(name: str, version: Version) -> None:
    content = sent(version)
    content["nodes"][0]["nodePosition"] = {"x": 1, "y": 2, "mapId": "1", name: 0.5}
    message = decode(Topic.ORDER, json.dumps(content).encode())
    assert isinstance(message, Order)
    assert message.nodes[0].node_position == NodePosition(
        x=1, y=2, map_id="1", allowed_deviation_xy=AllowedDeviation.circle(0.5)
    )
