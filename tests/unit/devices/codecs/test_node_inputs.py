"""The node for digital inputs: every report in order, none acknowledged before the journal has it."""

import ast
import binascii
from pathlib import Path
from typing import Any

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.codecs import JournalledCodec
from devices.codecs.health import BadByteCounter
from devices.codecs.node import wire
from devices.codecs.node.inputs import FrameReader, NodeInputs, Report, acknowledgement
from devices.model.observation import DeviceEvent, Instant
from tests.support.captures import briefly

SECOND = 1_000_000_000
NOW = Instant(100 * SECOND)
U32 = st.integers(0, 0xFFFFFFFF)
EXAMPLE = bytes.fromhex("02A81601010102050301041903E8051903E80615070118 2E00")


def report(sequence: int, active: int = 0, *, oldest: int = 1, boot: int = 5, age_ms: int = 0) -> bytes:
    return Report(sequence, boot, oldest, 60_000 - age_ms, 60_000, 0b10101, active).encode()


def heard(codec: NodeInputs, *frames: bytes) -> list[Any]:
    return briefly(one for frame in frames for one in codec.receive_data(frame, NOW))


def started() -> NodeInputs:
    codec = NodeInputs()
    heard(codec, report(1))
    codec.journalled(NOW)
    codec.data_to_send()
    return codec


def acknowledged(codec: NodeInputs) -> list[int]:
    found = FrameReader(BadByteCounter()).feed(codec.data_to_send())
    return [int(str(item[wire.SEQUENCE])) for item in found]


def test_the_worked_example_of_the_specification_is_read_and_made() -> None:
    assert Report(1, 5, 1, 1000, 1000, 0b10101, 1).encode() == EXAMPLE
    assert heard(NodeInputs(), EXAMPLE) == [
        ["status", {"door-open": 1}],
        ["status", {"siren-on": 0}],
        ["status", {"stretcher-loaded": 0}],
    ]
    assert acknowledgement(1, 5).hex() == "02a30802010102" + "05df8300"


@given(st.binary(max_size=wire.MAX_BODY))
def test_the_checksum_is_that_of_ccitt(data: bytes) -> None:
    assert wire.crc16(data) == binascii.crc_hqx(data, 0xFFFF)


@given(st.binary(min_size=1, max_size=wire.MAX_BODY))
def test_every_body_survives_its_frame_which_has_no_zero_but_its_last(body: bytes) -> None:
    frame = wire.frame(body)
    assert frame.index(0) == len(frame) - 1 <= wire.MAX_FRAME
    assert wire.body(wire.unstuffed(frame[:-1])) == body


@pytest.mark.parametrize(
    ("plain", "stuffed"),
    [("00", "0101"), ("0000", "010101"), ("11220033", "0311220233"), ("11000000", "02110101 01")],
)
def test_stuffing_is_that_of_the_examples_of_cobs(plain: str, stuffed: str) -> None:
    assert wire.unstuffed(bytes.fromhex(stuffed)) == bytes.fromhex(plain)


@given(
    st.builds(Report, st.integers(5, 0xFFFFFFFF), U32, st.integers(1, 5), st.just(7), st.just(9), U32, U32)
)
def test_every_report_survives_encoding(one: Report) -> None:
    assert [Report.decode(item) for item in FrameReader(BadByteCounter()).feed(one.encode())] == [one]


def test_what_the_firmware_shares_needs_nothing_but_the_language() -> None:
    tree = ast.parse(Path(wire.__file__).read_text(encoding="utf-8"))
    assert [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)] == []
    assert [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef | ast.AnnAssign)] == []


def test_only_what_changes_is_told() -> None:
    codec = started()
    assert heard(codec, report(2, 0b1), report(3, 0b1), report(4, 0b100)) == [
        ["status", {"door-open": 1}],
        ["status", {"door-open": 0}],
        ["status", {"siren-on": 1}],
    ]


def test_inputs_that_are_not_wired_are_not_told() -> None:
    assert heard(started(), report(2, 0b01010)) == []


def test_a_change_is_told_when_it_was_not_when_it_came() -> None:
    said = started().receive_data(report(2, 1, age_ms=2500), NOW)
    assert [one.at for one in said if isinstance(one, DeviceEvent)] == [NOW - 2_500_000_000]


def test_a_report_is_acknowledged_only_once_the_journal_has_it() -> None:
    codec = NodeInputs()
    assert isinstance(codec, JournalledCodec)
    assert not codec.awaits_journal()
    heard(codec, report(1))
    assert codec.awaits_journal()
    assert codec.data_to_send() == b""
    codec.journalled(NOW)
    assert not codec.awaits_journal()
    assert codec.data_to_send() == acknowledgement(1, 5)


def test_one_acknowledgement_is_for_all_before() -> None:
    codec = started()
    heard(codec, report(2), report(3), report(4))
    codec.journalled(NOW)
    assert acknowledged(codec) == [4]


def test_a_report_that_comes_again_says_nothing_and_is_acknowledged_again() -> None:
    codec = started()
    assert heard(codec, report(1, 0b1)) == []
    assert acknowledged(codec) == [1]
    heard(codec, report(2))
    heard(codec, report(2))
    assert acknowledged(codec) == [1]


def test_a_report_that_comes_too_early_waits_for_the_missing_one() -> None:
    codec = started()
    assert heard(codec, report(3, 0b100, oldest=2)) == []
    assert not codec.awaits_journal()
    assert heard(codec, report(2, 0b1, oldest=2), report(3, 0b100, oldest=2)) == [
        ["status", {"door-open": 1}],
        ["status", {"door-open": 0}],
        ["status", {"siren-on": 1}],
    ]


def test_what_the_node_no_longer_has_is_told_as_lost() -> None:
    assert heard(started(), report(8, 0b1, oldest=6), report(6, 0b1, oldest=6)) == [
        [
            "unmapped",
            {"code": "reports-lost", "system": "wardlink-node", "value": 4, "text": "reports 2 to 5"},
        ],
        ["status", {"door-open": 1}],
    ]


def test_a_node_that_began_anew_counts_anew_and_loses_nothing() -> None:
    codec = started()
    assert heard(codec, report(1, 0b1, boot=6)) == [["status", {"door-open": 1}]]
    codec.journalled(NOW)
    assert codec.data_to_send() == acknowledgement(1, 6)


def test_a_gateway_that_began_anew_begins_with_the_oldest_that_the_node_has() -> None:
    codec = NodeInputs()
    assert heard(codec, report(9, oldest=7)) == []
    assert len(heard(codec, report(7, 0b1, oldest=7))) == 3


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        (EXAMPLE[:-2] + b"\x2f\x00", "checksum"),
        (b"\xff\xff\x00", "framing"),
        (b"\x01\x01\x00", "checksum"),
        (b"\x11" * 300 + b"\x00", "length"),
        (wire.frame(b"\x01"), "range"),
        (wire.frame(b"\xa1\x00"), "range"),
        (wire.frame(cbor2.dumps({wire.KIND: wire.REPORT})), "range"),
        (Report(1, 5, 2, 0, 0, 0, 0).encode(), "range"),
        (Report(1, 5, 1, 9, 8, 0, 0).encode(), "range"),
        (wire.frame(cbor2.dumps({0: 1, 1: 1, 2: 5, 3: 1, 4: -1, 5: 1, 6: 0, 7: 0})), "range"),
        (wire.frame(cbor2.dumps({0: 1, 1: True, 2: 5, 3: 1, 4: 1, 5: 1, 6: 0, 7: 0})), "range"),
    ],
)
def test_what_is_no_report_is_counted_and_never_acknowledged(frame: bytes, reason: str) -> None:
    codec = NodeInputs()
    assert heard(codec, frame) == [["bad-bytes", {reason: 1}]]
    assert not codec.awaits_journal()


def test_messages_of_other_kinds_and_more_keys_are_left_alone() -> None:
    codec = started()
    assert heard(codec, acknowledgement(1, 5), b"\0\0") == []
    more = wire.frame(cbor2.dumps({0: 1, 1: 2, 2: 5, 3: 1, 4: 1, 5: 1, 6: 1, 7: 1, 99: "new"}))
    assert heard(codec, more) == [["status", {"door-open": 1}]]


@given(st.data())
def test_a_stream_says_the_same_however_it_is_cut(data: st.DataObject) -> None:
    stream = b"\x05xx\0" + report(1) + report(2, 1)[:9] + b"\0" + b"\x22" * 300 + b"\0" + report(2, 4)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=20)))
    pieces = [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)]

    def told(parts: list[bytes]) -> list[Any]:
        return [brief for brief in heard(NodeInputs(), *parts) if brief[0] == "status"]

    assert told(pieces) == told([stream]) == told([bytes((n,)) for n in stream])
    assert len(told([stream])) == 4


@given(st.integers(0, len(EXAMPLE) - 1), st.integers(0, 7))
def test_a_flipped_bit_costs_its_report_at_most_and_the_next_at_the_worst(at: int, bit: int) -> None:
    damaged = bytearray(report(2, 0b1))
    damaged[at % len(damaged)] ^= 1 << bit
    codec = started()
    assert [brief for brief in heard(codec, bytes(damaged)) if brief[0] == "status"] == []
    heard(codec, b"\0")
    assert heard(codec, report(2, 0b1)) == [["status", {"door-open": 1}]]


@given(st.binary(max_size=300))
def test_arbitrary_bytes_never_raise_and_are_never_acknowledged(data: bytes) -> None:
    codec = NodeInputs()
    codec.receive_data(data + b"\0", NOW)
    assert not codec.awaits_journal()


def test_a_flood_without_an_end_is_not_kept() -> None:
    codec = started()
    for _ in range(1000):
        codec.receive_data(b"\x11" * 100, NOW)
    heard(codec, b"\0")
    assert heard(codec, report(2, 0b1)) == [["status", {"door-open": 1}]]
