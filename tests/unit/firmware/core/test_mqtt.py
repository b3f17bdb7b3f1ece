"""MQTT as a node speaks it: packets by hand from the standard, any cut, any damage, and silence."""

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from firmware.core.mqtt import KEEP_MS, MOST, OPEN_MS, MqttError, Session, packet

OUT, IN = "o", "i"
CONNACK, SUBACK, PINGRESP = bytes.fromhex("20020000"), bytes.fromhex("9003000100"), bytes.fromhex("D000")
PAYLOADS = st.lists(st.binary(max_size=300), max_size=5)


def session(**options: Any) -> Session:
    return Session("node-1", IN, 0, **options)


def opened(now_ms: int = 0) -> Session:
    one = session()
    one.to_send(now_ms)
    assert one.receive(CONNACK, now_ms) == []
    one.to_send(now_ms)
    assert one.receive(SUBACK, now_ms) == []
    assert one.is_open
    return one


def message(payload: bytes, topic: str = IN) -> bytes:
    return packet(0x30, len(topic).to_bytes(2, "big") + topic.encode() + payload)


def test_it_connects_with_name_user_password_and_will() -> None:
    # 3.1: "MQTT", level 4, flags C6 (user, password, will, clean session), keep-alive 15 s; then the texts.
    expected = "10 22 0004 4D515454 04 C6 000F 0006 6E6F64652D31 0001 6F 0000 0001 75 0006 736563726574"
    assert session(login=("u", "secret"), will=OUT).to_send(0) == bytes.fromhex(expected)


def test_without_a_login_and_a_will_it_says_neither() -> None:
    expected = "10 12 0004 4D515454 04 02 000F 0006 6E6F64652D31"
    assert session().to_send(0) == bytes.fromhex(expected)


def test_accepted_it_subscribes_and_speaks_only_then() -> None:
    one = session()
    one.to_send(0)
    one.publish(OUT, b"lost")
    assert one.to_send(0) == b""
    one.receive(CONNACK, 0)
    assert one.to_send(0) == bytes.fromhex("82 06 0001 0001 69 00")
    one.receive(SUBACK, 0)
    one.publish(OUT, b"said")
    assert one.to_send(0) == bytes.fromhex("30 07 0001 6F 73616964")


@pytest.mark.parametrize(("code", "words"), [(4, "user-or-password"), (5, "not-authorised"), (77, "77")])
def test_a_refusal_says_why(code: int, words: str) -> None:
    with pytest.raises(MqttError, match=words):
        session().receive(bytes((0x20, 2, 0, code)), 0)


def test_a_refused_subscription_is_one() -> None:
    one = session()
    one.receive(CONNACK, 0)
    with pytest.raises(MqttError, match="hear i"):
        one.receive(bytes.fromhex("9003000180"), 0)


@given(PAYLOADS, st.lists(st.integers(1, 50), min_size=1))
def test_messages_arrive_whole_and_in_order_however_they_are_cut(
    payloads: list[bytes], cuts: list[int]
) -> None:
    stream, heard, one, at = b"".join(map(message, payloads)), list[bytes](), opened(), 0
    while stream:
        size = cuts[at % len(cuts)]
        heard += one.receive(stream[:size], 0)
        stream, at = stream[size:], at + 1
    assert heard == payloads


def test_a_message_of_another_topic_is_not_heard() -> None:
    assert opened().receive(message(b"x", "elsewhere") + message(b"y"), 0) == [b"y"]


@given(st.binary(max_size=200), st.booleans())
@example(b"\x30\xff\xff\xff\xff\x01", True)
@example(b"\x30\x01\x00", True)
@example(b"\x30\x02\x00\x09", True)
@example(b"\x32\x07\x00\x01i\x00\x01xx", True)
@example(b"\x20\x00", False)
@example(b"\x00\x00", False)
def test_any_bytes_are_messages_or_one_error(data: bytes, is_open: bool) -> None:
    one = opened() if is_open else session()
    try:
        heard = one.receive(data, 0)
    except MqttError:
        return
    assert sum(map(len, heard)) <= len(data)


@given(PAYLOADS, st.integers(0, 400), st.integers(0, 7))
def test_a_flipped_bit_never_makes_more_of_what_came(payloads: list[bytes], at: int, bit: int) -> None:
    stream = bytearray(b"".join(map(message, payloads)))
    if stream:
        stream[at % len(stream)] ^= 1 << bit
    try:
        heard = opened().receive(bytes(stream), 0)
    except MqttError:
        return
    assert sum(map(len, heard)) <= len(stream)


def test_what_waits_for_its_end_is_bounded() -> None:
    one = opened()
    with pytest.raises(MqttError, match=str(MOST + 1)):
        one.receive(bytes((0x30, (MOST - 2) & 127 | 128, (MOST - 2) >> 7)), 0)


@given(st.lists(st.integers(100, KEEP_MS // 4), min_size=1, max_size=60), st.data())
def test_the_broker_hears_something_at_least_once_in_its_keep_alive(
    steps: list[int], data: st.DataObject
) -> None:
    one, now, sent = opened(), 0, 0
    for step in steps:
        now += step
        if data.draw(st.booleans()):
            one.receive(PINGRESP, now)
        try:
            out = one.to_send(now)
        except MqttError:
            return
        sent = now if out else sent
        assert now - sent <= KEEP_MS


def test_a_silent_broker_is_asked_and_then_given_up() -> None:
    one = opened()
    assert one.to_send(KEEP_MS // 2) == bytes.fromhex("C000")
    assert one.to_send(KEEP_MS // 2 + 1) == b""
    with pytest.raises(MqttError, match="silent"):
        one.to_send(KEEP_MS + KEEP_MS // 2)


def test_a_broker_that_does_not_answer_at_all_is_given_up() -> None:
    one = session()
    assert one.to_send(OPEN_MS - 1)
    with pytest.raises(MqttError, match="does not answer"):
        one.to_send(OPEN_MS)


@given(st.integers(0, 3_000_000))
def test_a_length_is_written_in_groups_of_seven_bits(size: int) -> None:
    written = packet(0x30, bytes(size))[: -size or None]
    value = sum((byte & 127) << 7 * place for place, byte in enumerate(written[1:]))
    assert value == size
    assert [byte >> 7 for byte in written[1:]] == [1] * (len(written) - 2) + [0]
