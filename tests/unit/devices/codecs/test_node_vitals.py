"""The gateway's side of the node that measures: each number once, in order, acknowledged when journalled."""

from typing import Any

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.codecs import Host, JournalledCodec
from devices.codecs.health import BadByteCounter
from devices.codecs.node import wire
from devices.codecs.node.inputs import FrameReader
from devices.codecs.node.vitals import NodeVitals
from devices.model.observation import DeviceEvent, Instant, Quality, Reading, Waveform
from tests.support.captures import briefly

SECOND = 1_000_000_000
NOW = Instant(1000 * SECOND)
EXAMPLE = bytes.fromhex("A8000401184002010318400419 03E8051903E8080709 86051903CE0001184800")
ASK = b"\x02\r\x04\x04\0" + wire.frame(cbor2.dumps({wire.KIND: wire.ASK}))


def frame(kind: int, sequence: int, **more: Any) -> bytes:
    item = {"KIND": kind, "SEQUENCE": sequence, "BOOT": 1, "OLDEST": 1, "STREAM": 7, "AT_MS": 9000}
    item |= {"NOW_MS": 10_000, "VALUES": [280, sequence, 0], **more}
    return wire.frame(cbor2.dumps({getattr(wire, name): value for name, value in item.items()}))


def reading(sequence: int, **more: Any) -> bytes:
    return frame(wire.READINGS, sequence, **more)


def gap(first: int, last: int, **more: Any) -> bytes:
    return frame(wire.GAP, last, FIRST=first, REASON=wire.FULL, **more)


def hello(following: int, **more: Any) -> bytes:
    return frame(wire.HELLO, following, BOARD="bench", SOFTWARE="1.2", **more)


def heard(codec: NodeVitals, *frames: bytes, now: Instant = NOW) -> list[Any]:
    return briefly(one for data in frames for one in codec.receive_data(data, now))


def answered(codec: NodeVitals) -> list[int]:
    codec.journalled(NOW)
    found = list(FrameReader(BadByteCounter()).feed(codec.data_to_send()))
    assert all(item[wire.STREAM] == 7 for item in found)
    return [int(str(item[wire.SEQUENCE])) for item in found]


def value(sequence: int) -> list[Any]:
    return ["o2_cylinder_pressure", str(sequence / 10)]


def lost(first: int, last: int, why: str) -> list[Any]:
    text = f"numbers {first} to {last}: {why}"
    number = {"code": "readings-lost", "system": "wardlink-node", "value": last - first + 1}
    return ["unmapped", {**number, "text": text}]


def test_the_worked_example_of_the_specification_is_read() -> None:
    assert cbor2.loads(EXAMPLE)[wire.VALUES] == [5, 974, 0, 1, 72, 0]
    assert heard(NodeVitals(), wire.frame(EXAMPLE)) == [["spo2", "97.4"], ["hr", "72"]]


def test_it_asks_at_once_who_is_there_and_again_after_silence() -> None:
    codec = NodeVitals()
    assert codec.data_to_send() == ASK
    heard(codec, reading(1))
    codec.data_to_send()
    due = codec.next_timer()
    assert due == NOW + 5 * SECOND
    assert codec.handle_timer(due) == []
    assert codec.data_to_send() == ASK


def test_a_number_is_acknowledged_only_once_the_journal_has_it() -> None:
    codec = NodeVitals()
    assert isinstance(codec, JournalledCodec)
    codec.data_to_send()
    heard(codec, reading(1), reading(2))
    assert codec.awaits_journal() and codec.data_to_send() == b""
    assert answered(codec) == [2]
    assert not codec.awaits_journal()


def test_a_number_that_comes_again_says_nothing_and_is_acknowledged_again() -> None:
    codec = NodeVitals()
    heard(codec, reading(1), reading(2))
    assert answered(codec) == [2]
    assert heard(codec, reading(1)) == []
    assert answered(codec) == [2]


def test_a_number_that_comes_early_waits_for_the_missing_one() -> None:
    codec = NodeVitals()
    assert heard(codec, reading(2)) == []
    assert heard(codec, reading(1), reading(2)) == [value(1), value(2)]


def test_a_gap_is_told_with_its_reason_and_acknowledged() -> None:
    codec = NodeVitals()
    heard(codec, reading(1))
    assert heard(codec, gap(2, 5), reading(6)) == [lost(2, 5, "its memory was full"), value(6)]
    assert answered(codec) == [6]
    assert heard(codec, gap(2, 5)) == []
    assert answered(codec) == [6]


def test_a_gap_is_told_only_as_far_as_it_was_not_taken() -> None:
    codec = NodeVitals()
    heard(codec, reading(1), reading(2), reading(3))
    assert heard(codec, gap(2, 5)) == [lost(4, 5, "its memory was full")]


def test_a_gateway_that_begins_anew_goes_on_where_the_journal_ended() -> None:
    host = Host()
    codec = NodeVitals(host)
    heard(codec, reading(1), reading(2))
    codec.journalled(NOW)
    heard(codec, reading(3))
    again = NodeVitals(Host(memory=dict(host.memory)))
    assert heard(again, reading(1), reading(2), reading(3)) == [value(3)]


def test_another_stream_is_told_and_taken_from_its_oldest() -> None:
    codec = NodeVitals()
    heard(codec, reading(8, OLDEST=8))
    assert heard(codec, reading(3, OLDEST=3, STREAM=9))[0][1]["code"] == "stream-began"
    assert heard(codec, reading(4, STREAM=9)) == [value(4)]


def test_a_node_whose_numbers_went_back_is_told_and_heard() -> None:
    codec = NodeVitals()
    heard(codec, reading(8, OLDEST=8))
    codes = [
        brief[1].get("code")
        for brief in heard(codec, hello(5, OLDEST=5), reading(5, OLDEST=5))
        if brief[0] == "unmapped"
    ]
    assert codes == ["numbers-went-back"]
    assert answered(codec) == [5]


def test_a_hello_tells_who_it_is_how_it_is_and_why_it_began_once() -> None:
    codec = NodeVitals()
    first = hello(1, SELF_TEST=0b101, BATTERY=80, CAUSE=3)
    assert heard(codec, first, first) == [
        ["identity", {"manufacturer": "Wardlink", "model": "bench", "firmware": "1.2"}],
        ["battery", {"percent": 80}],
        ["unmapped", {"code": "reset", "system": "wardlink-node", "value": 3, "text": "watchdog"}],
        ["status", {"self-test-computes": 1}],
        ["status", {"self-test-flash": 1}],
    ]


def test_times_are_those_of_the_measurement() -> None:
    said = NodeVitals().receive_data(reading(1, AT_MS=4000, NOW_MS=5500), NOW)
    assert [(one.at, one.quality) for one in said if isinstance(one, Reading)] == [
        (NOW - 1_500_000_000, Quality.GOOD)
    ]


@pytest.mark.parametrize(
    ("at_ms", "now_ms", "quality"), [(0, 11_000, Quality.STORED), (12_000, 11_000, Quality.GOOD)]
)
def test_what_comes_late_is_marked_as_stored(at_ms: int, now_ms: int, quality: Quality) -> None:
    said = NodeVitals().receive_data(reading(1, AT_MS=at_ms, NOW_MS=now_ms), NOW)
    assert [one.quality for one in said if isinstance(one, Reading)] == [quality]


def test_what_was_measured_before_a_reset_is_placed_by_the_clock_of_its_boot_or_is_questionable() -> None:
    known, unknown = NodeVitals(), NodeVitals()
    heard(known, reading(1))
    later = [
        one
        for codec in (known, unknown)
        for one in codec.receive_data(
            reading(2, OLDEST=2, AT_MS=9500, NOW_MS=None), Instant(NOW + 3 * SECOND)
        )
        if isinstance(one, Reading)
    ]
    assert [(one.at, one.quality) for one in later] == [
        (NOW - SECOND // 2, Quality.STORED),
        (NOW + 3 * SECOND, Quality.STORED | Quality.QUESTIONABLE),
    ]


def test_samples_become_a_waveform_whose_frames_meet() -> None:
    codec = NodeVitals()
    more = {"METRIC": 42, "RATE_MHZ": 100_000, "DATA": b"\x01\x00" * 50}
    first = frame(wire.SAMPLES, 1, **more, AT_MS=9000)
    second = frame(wire.SAMPLES, 2, **more, AT_MS=9500, NOW_MS=10_500)
    said = [*codec.receive_data(first, NOW), *codec.receive_data(second, Instant(NOW + SECOND // 2))]
    waves = [one for one in said if isinstance(one, Waveform)]
    assert [(one.metric, len(one), one.rate_mhz, str(one.scale)) for one in waves] == [
        ("ecg_i", 50, 100_000, "0.001")
    ] * 2
    assert waves[0].at == NOW - SECOND and waves[1].at == waves[0].end


def test_values_that_are_none_have_their_reason_and_others_their_quality() -> None:
    values = [5, None, 3, 5, None, 99, 1, 250, 128, 9999, 5, 0, 7, 5, 0]
    assert heard(NodeVitals(), reading(1, VALUES=values)) == [
        ["spo2", "NO_CONTACT"],
        ["spo2", "NOT_AVAILABLE"],
        ["hr", "250", "IMPLAUSIBLE"],
        ["unmapped", {"code": "metric-9999", "system": "wardlink-node", "value": "5"}],
        ["unmapped", {"code": "metric-7", "system": "wardlink-node", "value": "5"}],
    ]


@pytest.mark.parametrize(
    "more", [{"VALUES": [1, 2]}, {"VALUES": None}, {"VALUES": [1, "x", 0]}, {"AT_MS": -1}]
)
def test_a_number_that_cannot_be_read_is_told_and_does_not_stop_the_others(more: dict[str, Any]) -> None:
    codec = NodeVitals()
    brief = heard(codec, reading(1, **more), reading(2))
    assert brief[0][1]["code"] == "unreadable"
    assert value(2) in brief
    assert answered(codec) == [2]


@pytest.mark.parametrize(
    "data",
    [
        reading(1, STREAM=-1),
        reading(0),
        reading(1, OLDEST=2),
        gap(3, 2),
        reading(True),
        hello(1, NOW_MS=None),
    ],
)
def test_what_is_no_numbered_frame_is_counted_and_never_acknowledged(data: bytes) -> None:
    codec = NodeVitals()
    assert heard(codec, data) == [["bad-bytes", {"range": 1}]]
    assert not codec.awaits_journal()


@given(st.binary(max_size=300))
def test_arbitrary_bytes_never_raise_and_are_never_acknowledged(data: bytes) -> None:
    codec = NodeVitals()
    codec.receive_data(data + b"\0", NOW)
    assert not codec.awaits_journal()


@given(
    st.dictionaries(
        st.integers(0, 28),
        st.one_of(
            st.integers(-5, 300), st.none(), st.binary(max_size=4), st.lists(st.integers(0, 300), max_size=6)
        ),
    )
)
def test_arbitrary_maps_never_raise(item: dict[int, Any]) -> None:
    said = NodeVitals().receive_data(wire.frame(cbor2.dumps(item)), NOW)
    assert all(isinstance(one, Reading | Waveform | DeviceEvent) for one in said)
