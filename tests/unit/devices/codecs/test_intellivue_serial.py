"""IntelliVue's serial frames: the network's messages, found again whatever happens around them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.codecs.health import BadByteCounter
from devices.codecs.intellivue import association, message
from devices.codecs.intellivue.message import Observation, Polled
from devices.codecs.intellivue.serial_frame import FrameReader, SerialMonitor, check_sequence, decode, encode
from devices.codecs.intellivue.values import NUMERIC_VALUE
from devices.errors import BadBytes
from devices.model.observation import Instant
from tests.support.captures import briefly

NOW = Instant(5_000_000_000)
HEART_RATE = message.result(
    1,
    Polled(
        message.NUMERIC, 8000, [Observation(0, 1, {NUMERIC_VALUE: bytes.fromhex("418200000aa00000003c")})]
    ),
)


def read(data: bytes) -> list[bytes]:
    return list(FrameReader(BadByteCounter()).feed(data))


@pytest.mark.parametrize(("data", "fcs"), [("3a71", "9b26"), ("3a91", "95c1")])
def test_the_check_sequence_is_the_one_that_another_reader_expects(data: str, fcs: str) -> None:
    assert check_sequence(bytes.fromhex(data)).hex() == fcs


@given(st.binary(max_size=300))
def test_a_message_survives_its_frame(data: bytes) -> None:
    frame = encode(data)
    assert set(frame[1:-1]).isdisjoint({0xC0, 0xC1})
    assert read(frame) == [data]


@given(st.lists(st.binary(max_size=40), max_size=4), st.data())
def test_a_stream_says_the_same_however_it_is_cut(messages: list[bytes], data: st.DataObject) -> None:
    stream = b"".join(map(encode, messages))
    reader = FrameReader(BadByteCounter())
    found: list[bytes] = []
    for start in range(0, len(stream), size := data.draw(st.integers(1, 50))):
        found += reader.feed(stream[start : start + size])
    assert found == messages


@given(st.integers(0, 10_000), st.integers(0, 7))
def test_a_flipped_bit_costs_at_most_the_frames_it_touches(place: int, bit: int) -> None:
    damaged = bytearray(encode(HEART_RATE))
    damaged[place % len(damaged)] ^= 1 << bit
    found = read(encode(b"first") + bytes(damaged) + encode(b"then") + encode(b"last"))
    assert found[0] == b"first"
    assert found[-1] == b"last"
    assert set(found) <= {b"first", b"then", b"last"}


@given(st.binary(max_size=300))
def test_arbitrary_bytes_never_raise(data: bytes) -> None:
    codec = SerialMonitor()
    codec.receive_data(b"\xc0" + data + b"\xc1", NOW)


def test_what_cannot_be_read_is_counted_by_reason() -> None:
    good = encode(b"good")
    for frame, reason in (
        (b"\xc0\x3a\x71\x9b\x26\xc1", "length"),
        (good[:-2] + bytes((good[-2] ^ 1,)) + good[-1:], "checksum"),
        (b"\x55" + good, "framing"),
    ):
        bad = BadByteCounter()
        list(FrameReader(bad).feed(frame))
        assert [dict(event.detail) for event in bad.told(NOW)] == [{reason: 1}]


def test_a_frame_with_another_header_is_none() -> None:
    content = bytes.fromhex("1201000161")
    with pytest.raises(BadBytes, match="header"):
        decode(content + check_sequence(content))


def test_a_flood_without_an_end_is_forgotten() -> None:
    codec = SerialMonitor()
    codec.receive_data(b"\xc0" + bytes(100_000), NOW)
    assert ["hr", "60"] in briefly(codec.receive_data(encode(HEART_RATE), NOW))


def test_the_monitor_s_messages_come_and_go_in_frames() -> None:
    codec = SerialMonitor()
    assert read(codec.data_to_send()) == [association.request()]
    event = message.created(1, 8000, {})
    assert codec.receive_data(encode(association.accepted()) + encode(event), NOW) == []
    assert read(codec.data_to_send()) == [message.created_result(1)]
    assert codec.next_timer() == NOW
    codec.handle_timer(NOW)
    assert len(read(codec.data_to_send())) == 3
