"""The benchmark's MQTT: what is written is what is read, however it is cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hil.bench.pipeline import mqtt
from hil.bench.pipeline.mqtt import V5, V311, Kind, Packet, Publish

TOPICS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=300)
MESSAGES = st.builds(Publish, TOPICS, st.binary(max_size=20_000), st.integers(0, 65_535))
VERSIONS = st.sampled_from([V311, V5])


def split(data: bytes, pieces: int) -> list[Packet]:
    """The packets of `data` when it arrives in `pieces` of the same size."""
    buffer, found = bytearray(), list[Packet]()
    size = max(1, len(data) // pieces)
    for place in range(0, len(data), size):
        buffer += data[place : place + size]
        found += mqtt.packets(buffer)
    assert not buffer
    return found


@given(st.lists(MESSAGES, min_size=1, max_size=5), VERSIONS, st.integers(1, 50))
def test_messages_are_read_as_they_were_written(many: list[Publish], version: int, pieces: int) -> None:
    data = b"".join(mqtt.publish(message, version) for message in many)
    assert [mqtt.read_publish(packet, version) for packet in split(data, pieces)] == many


@given(st.binary(max_size=200))
def test_whatever_arrives_is_packets_a_rest_or_a_length_that_none_has(data: bytes) -> None:
    buffer = bytearray(data)
    try:
        found = list(mqtt.packets(buffer))
    except ValueError as error:
        assert "length" in str(error)
    else:
        assert sum(len(packet.body) + 2 for packet in found) + len(buffer) <= len(data)


@pytest.mark.parametrize("size", [0, 127, 128, 16_383, 16_384, 2_097_151, 2_097_152])
def test_a_length_takes_as_many_bytes_as_it_needs(size: int) -> None:
    data = mqtt.packet(Kind.PUBACK, bytes(size))
    assert len(data) - size - 1 == 1 + sum(size >= 128**n for n in (1, 2, 3))
    assert split(data, 1) == [Packet(Kind.PUBACK, 0, bytes(size))]


def test_properties_of_version_5_are_passed_over() -> None:
    content_type = b"\x03" + mqtt.text("json")
    body = mqtt.text("a") + b"\0\7" + bytes([len(content_type)]) + content_type + b"payload"
    packet = Packet(Kind.PUBLISH, 2, body)
    assert mqtt.read_publish(packet, V5) == Publish("a", b"payload", 7)


def test_a_message_that_comes_again_says_so() -> None:
    message = Publish("a", b"1", 7)
    once, again = (split(mqtt.publish(message, V5, again=flag), 1)[0] for flag in (False, True))
    assert again.flags == once.flags | 8


def test_every_filter_of_a_subscription_is_granted() -> None:
    body = b"\0\5" + b"\0" + mqtt.text("ward/+") + b"\1" + mqtt.text("alarm/+") + b"\1"
    assert mqtt.suback(Packet(Kind.SUBSCRIBE, 2, body), V5) == bytes([0x90, 5, 0, 5, 0, 1, 1])


def test_the_version_is_what_the_client_names() -> None:
    (packet,) = split(mqtt.connect("me"), 3)
    assert packet.kind == Kind.CONNECT
    assert mqtt.version_of(packet.body) == V311
