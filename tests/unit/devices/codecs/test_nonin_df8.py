"""Nonin Data Format 8: every second's numbers, and never those of a finger that is gone."""

from collections.abc import Iterable
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.codecs import Said
from devices.codecs.nonin_df8 import SELECT_ASCII, NoninDf8, Packet, Status
from devices.codecs.nonin_packet import ACK, NAK, select_format
from devices.model.observation import Instant, Reading
from tests.support.captures import briefly

SECOND = 1_000_000_000
NOW = Instant(100 * SECOND)
BITS = [bit for bit in Status if bit is not Status.DISCONNECTED]
PACKETS = st.builds(
    Packet,
    rate=st.none() | st.integers(0, 510),
    spo2=st.none() | st.integers(0, 126),
    status=st.lists(st.sampled_from(BITS)).map(lambda bits: Status(sum(set(bits)))),
)


def heard(*pieces: bytes, codec: NoninDf8 | None = None) -> list[Said]:
    codec = codec or NoninDf8()
    return [one for piece in pieces for one in codec.receive_data(piece, NOW)]


def numbers(said: Iterable[Said]) -> list[Any]:
    return [one for one in briefly(said) if one[0] in ("pr_spo2", "spo2")]


def plain(rate: int = 72, spo2: int = 97) -> bytes:
    return Packet(rate, spo2).encode()


@given(PACKETS)
def test_every_packet_survives_encoding(packet: Packet) -> None:
    four = packet.encode()
    assert [bool(byte & 0x80) for byte in four] == [True, False, False, False]
    assert Packet.decode(four) == packet


@given(st.lists(PACKETS, max_size=6), st.data())
def test_a_stream_says_the_same_however_it_is_cut(packets: list[Packet], data: st.DataObject) -> None:
    stream = b"".join(packet.encode() for packet in packets)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=10)))
    pieces = [stream[a:b] for a, b in pairwise([0, *cuts, len(stream)])]
    assert briefly(heard(*pieces)) == briefly(heard(stream))
    assert len(numbers(heard(stream))) == 2 * len(packets)


@given(st.binary(max_size=40))
def test_after_any_garbage_the_next_packet_but_one_is_read(garbage: bytes) -> None:
    said = numbers(heard(garbage, plain(50, 90), plain(61, 91)))
    assert [one[1] for one in said[-2:]] == ["61", "91"]


@pytest.mark.parametrize("lost", range(4))
def test_a_lost_byte_costs_its_own_packet_only(lost: int) -> None:
    broken = plain(50, 90)[:lost] + plain(50, 90)[lost + 1 :]
    assert numbers(heard(plain(), broken, plain(61, 91))) == [
        ["pr_spo2", "72"],
        ["spo2", "97"],
        ["pr_spo2", "61"],
        ["spo2", "91"],
    ]


def test_rates_above_127_have_their_high_bits_in_the_first_byte() -> None:
    assert numbers(heard(bytes.fromhex("826B6200")))[0] == ["pr_spo2", "363"]


@pytest.mark.parametrize("status", [Status.SENSOR_ALARM, Status.DISCONNECTED])
def test_the_numbers_of_a_finger_that_is_gone_are_no_values(status: Status) -> None:
    said = numbers(heard(Packet(72, 97, status).encode()))
    assert [one[1] for one in said] == ["SENSOR_OFF", "SENSOR_OFF"]


def test_missing_numbers_are_no_values() -> None:
    assert numbers(heard(Packet(None, None).encode())) == [
        ["pr_spo2", "NOT_AVAILABLE"],
        ["spo2", "NOT_AVAILABLE"],
    ]


def test_a_low_battery_is_told_when_it_begins_and_ends_and_spoils_no_value() -> None:
    said = briefly(heard(Packet(72, 97, Status.LOW_BATTERY).encode() * 2, plain()))
    assert [one for one in said if one[0] == "status"] == [
        ["status", {"low-battery": 1}],
        ["status", {"low-battery": 0}],
    ]
    assert numbers(heard(Packet(72, 97, Status.LOW_BATTERY).encode())) == [["pr_spo2", "72"], ["spo2", "97"]]


def test_packets_that_come_together_were_measured_a_second_apart() -> None:
    rates = [one for one in heard(plain() * 3) if isinstance(one, Reading) and one.metric == "pr_spo2"]
    assert [(NOW - one.at) // SECOND for one in rates] == [2, 1, 0]


def started() -> NoninDf8:
    codec = NoninDf8()
    assert codec.data_to_send() == select_format(8) == bytes.fromhex("027002020803")
    assert codec.handle_timer(NOW) == []
    return codec


def test_a_silent_device_is_asked_the_one_way_and_the_other_by_turns() -> None:
    codec = started()
    for command in (SELECT_ASCII, select_format(8), SELECT_ASCII):
        due = codec.next_timer()
        assert due is not None
        assert briefly(codec.handle_timer(due)) == [
            ["refused", {"command": "select-format-8", "answer": "none"}]
        ]
        assert codec.data_to_send() == command


def test_a_refusal_is_told_and_the_other_way_tried_later() -> None:
    codec = started()
    assert briefly(codec.receive_data(bytes((NAK,)), NOW)) == [
        ["refused", {"command": "select-format-8", "answer": "nak"}]
    ]
    due = codec.next_timer()
    assert due is not None
    assert codec.handle_timer(due) == []
    assert codec.data_to_send() == SELECT_ASCII


def test_a_device_that_sends_is_left_in_peace() -> None:
    codec = started()
    codec.receive_data(bytes((ACK,)) + plain(), NOW)
    due = codec.next_timer()
    assert due == NOW + 5 * SECOND
    assert codec.data_to_send() == b""


def test_bytes_that_belong_to_no_packet_are_counted() -> None:
    codec = started()
    codec.receive_data(plain(), NOW)
    assert briefly(codec.receive_data(b"\x01\x02\xff\x03" + plain(), NOW))[-1] == [
        "bad-bytes",
        {"framing": 4},
    ]
