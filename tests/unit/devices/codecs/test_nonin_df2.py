"""Nonin Data Format 2: every number that was sent, no number that was not, whatever happens to the bytes."""

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.codecs import Said
from devices.codecs.nonin_df2 import NoninDf2
from devices.codecs.nonin_packet import (
    ACK,
    FRAME_BYTES,
    NAK,
    PACKET_BYTES,
    SELECT_FORMAT_2,
    Frame,
    Packet,
    Status,
)
from devices.model.observation import NO_SAMPLE, DeviceEvent, EventKind, Instant, Reading, Waveform
from tests.support.captures import briefly

SECOND = 1_000_000_000
NOW = Instant(100 * SECOND)
PLETH = tuple(range(100, 125))
STATUSES = st.integers(0, 127).map(lambda bits: Status(bits & ~Status.SYNC))
PACKETS = st.builds(
    Packet,
    rate=st.none() | st.integers(0, 510),
    spo2=st.none() | st.integers(0, 126),
    pleth=st.binary(min_size=25, max_size=25).map(tuple),
    status=STATUSES,
    revision=st.integers(0, 127),
)
REVISION = 200
"""Of one module; no rate and no SpO2 is told so."""
CONNECTED = PACKETS.filter(lambda packet: not packet.status & Status.DISCONNECTED).map(
    lambda packet: replace(packet, revision=REVISION)
)


def packet(rate: int | None = 72, spo2: int | None = 97, status: Status = Status.GREEN) -> Packet:
    return Packet(rate, spo2, PLETH, status, REVISION)


def heard(*pieces: bytes, codec: NoninDf2 | None = None) -> list[Said]:
    codec = codec or NoninDf2()
    return [one for piece in pieces for one in codec.receive_data(piece, NOW)]


def numbers(said: Iterable[Said]) -> list[tuple[str, Decimal | None]]:
    return [(one.metric, one.value) for one in said if isinstance(one, Reading)]


def samples(said: Iterable[Said]) -> list[int]:
    waves = [one for one in said if isinstance(one, Waveform)]
    return [n for wave in waves for n in memoryview(wave.samples).cast("h")]


def sent(packets: Iterable[Packet]) -> list[tuple[str, Decimal | None]]:
    pairs = [pair for one in packets for pair in (("pr_spo2", one.rate), ("spo2", one.spo2))]
    return [(metric, None if number is None else Decimal(number)) for metric, number in pairs]


def without_identity(said: Iterable[Said]) -> list[Any]:
    return [one for one in briefly(said) if one[0] not in ("identity", "pleth")]


@given(PACKETS)
def test_every_packet_survives_encoding(one: Packet) -> None:
    octets = one.encode()
    frames = [Frame.decode(octets[at : at + FRAME_BYTES]) for at in range(0, PACKET_BYTES, FRAME_BYTES)]
    good = [frame for frame in frames if isinstance(frame, Frame)]
    assert [bool(frame.status & Status.SYNC) for frame in good] == [True] + [False] * 24
    assert Packet.decode(good) == one


@given(st.lists(CONNECTED, min_size=1, max_size=4), st.data())
def test_a_stream_says_the_same_however_it_is_cut(packets: list[Packet], data: st.DataObject) -> None:
    stream = b"".join(one.encode() for one in packets)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=20)))
    pieces = [stream[a:b] for a, b in pairwise([0, *cuts, len(stream)])]
    assert briefly(heard(*pieces)) == briefly(heard(stream))
    assert numbers(heard(*pieces)) == sent(packets)
    assert samples(heard(*pieces)) == [n for one in packets for n in one.pleth]


@settings(max_examples=300)
@given(st.lists(CONNECTED, min_size=3, max_size=3), st.integers(0, 3 * PACKET_BYTES - 1), st.integers(1, 255))
def test_one_damaged_byte_never_makes_a_number(packets: list[Packet], at: int, flip: int) -> None:
    stream = bytearray(b"".join(one.encode() for one in packets))
    stream[at] ^= flip
    codec = NoninDf2()
    said = heard(packet().encode(), bytes(stream), packet().encode(), packet().encode(), codec=codec)
    whole = [one for index, one in enumerate(packets) if index != at // PACKET_BYTES]
    assert numbers(said) == sent([packet(), *whole, packet(), packet()])
    damaged = PACKET_BYTES + at
    expected = [n for one in (packet(), *packets, packet(), packet()) for n in one.pleth]
    expected[damaged // FRAME_BYTES] = NO_SAMPLE
    assert samples(said) == expected


@given(CONNECTED, st.integers(0, PACKET_BYTES - 1), st.sampled_from([ACK, NAK, 0xFF]))
def test_a_damaged_byte_that_looks_like_an_answer_never_makes_a_number(
    one: Packet, at: int, octet: int
) -> None:
    stream = one.encode()
    damaged = stream[:at] + bytes((octet,)) + stream[at + 1 :]
    assert numbers(heard(damaged + stream + stream))[-2:] == sent([one])
    assert set(numbers(heard(damaged + stream + stream))) == set(sent([one]))


# Whole packets in number, lost from the middle of one, leave a stream in which the format shows no loss.
LOST = st.integers(1, 300).filter(lambda count: count % PACKET_BYTES)


@settings(max_examples=300)
@given(st.lists(CONNECTED, min_size=3, max_size=3), st.integers(0, 3 * PACKET_BYTES - 1), LOST)
def test_lost_bytes_never_make_a_number(packets: list[Packet], at: int, count: int) -> None:
    stream = b"".join(one.encode() for one in packets)
    said = numbers(heard(stream[:at] + stream[at + count :], packet(1, 2).encode() * 2))
    whole = [pair for one in packets for pair in sent([one])]
    assert all(pair in [*whole, *sent([packet(1, 2)])] for pair in said)
    assert said[-2:] == sent([packet(1, 2)])


@given(st.lists(CONNECTED, min_size=3, max_size=3), st.integers(0, 74), st.integers(1, 24))
def test_a_run_of_lost_frames_never_makes_a_number(packets: list[Packet], at: int, count: int) -> None:
    stream = b"".join(one.encode() for one in packets)
    lossy = stream[: at * FRAME_BYTES] + stream[(at + count) * FRAME_BYTES :]
    assert set(numbers(heard(packet().encode(), lossy))) <= set(sent([packet(), *packets]))


def test_24_lost_frames_never_make_a_pulse_rate_the_saturation() -> None:
    stream = packet(72, 97).encode() * 3
    said = heard(packet(72, 97).encode(), stream[: 2 * FRAME_BYTES] + stream[26 * FRAME_BYTES :])
    assert numbers(said) == sent([packet(72, 97)] * 2)


def test_frames_that_begin_no_packet_are_not_taken_for_its_beginning() -> None:
    stream = packet(200, 99).encode() * 3
    frames = [stream[at : at + FRAME_BYTES] for at in range(0, len(stream), FRAME_BYTES)]
    del frames[50], frames[20:26]
    assert set(numbers(heard(b"".join(frames)))) <= set(sent([packet(200, 99)]))


@pytest.mark.parametrize("at", range(1, 20 * FRAME_BYTES))
def test_a_lost_byte_costs_the_numbers_of_its_own_packet_only(at: int) -> None:
    stream = packet(72, 97).encode()
    said = heard(stream + stream[:at] + stream[at + 1 :] + packet(80, 90).encode())
    assert numbers(said) == sent([packet(72, 97), packet(80, 90)])


@given(st.binary(max_size=400))
def test_arbitrary_bytes_never_raise_and_never_make_a_number(data: bytes) -> None:
    said = heard(data)
    assert numbers(said) == []


@given(st.binary(max_size=200))
def test_after_any_garbage_the_second_packet_at_the_latest_is_read(garbage: bytes) -> None:
    said = heard(garbage, packet().encode(), packet().encode(), packet(80, 90).encode())
    assert numbers(said)[-2:] == sent([packet(80, 90)])


def test_joining_in_the_middle_of_a_packet_is_no_fault() -> None:
    said = heard(packet().encode()[10 * FRAME_BYTES :] + packet().encode())
    assert without_identity(said) == [["pr_spo2", "72"], ["spo2", "97"]]


def test_a_lost_frame_is_a_sample_not_given_and_its_packet_gives_no_numbers() -> None:
    broken = bytearray(packet().encode())
    broken[7 * FRAME_BYTES + 4] ^= 0x55
    said = heard(bytes(broken))
    assert samples(said) == [*PLETH[:7], NO_SAMPLE, *PLETH[8:]]
    assert without_identity(said) == [["bad-bytes", {"checksum": 1}]]


def test_samples_are_timed_back_from_the_arrival_of_the_last() -> None:
    waves = [one for one in heard(packet().encode() * 3) if isinstance(one, Waveform)]
    assert [round((NOW - wave.at) / 1e6) for wave in waves] == [987, 653, 320]
    assert all(abs(later.at - earlier.end) <= 1000 for earlier, later in pairwise(waves))
    assert {(wave.rate_mhz, len(wave)) for wave in waves} == {(75_000, 25)}


def test_missing_numbers_are_no_values_with_a_reason() -> None:
    said = heard(packet(None, None, Status.SENSOR_ALARM).encode())
    assert without_identity(said) == [
        ["status", {"sensor-alarm": 1}],
        ["pr_spo2", "NOT_AVAILABLE", "SENSOR_ALARM"],
        ["spo2", "NOT_AVAILABLE", "SENSOR_ALARM"],
    ]


def test_a_disconnected_sensor_gives_neither_numbers_nor_samples() -> None:
    said = heard(packet(72, 97, Status.DISCONNECTED).encode())
    assert without_identity(said) == [
        ["status", {"sensor-disconnected": 1}],
        ["pr_spo2", "SENSOR_OFF"],
        ["spo2", "SENSOR_OFF"],
    ]
    assert set(samples(said)) == {NO_SAMPLE}


@pytest.mark.parametrize(
    ("status", "name", "quality"),
    [
        (Status.ARTIFACT, "artifact", "ARTIFACT"),
        (Status.OUT_OF_TRACK, "out-of-track", "OUT_OF_TRACK"),
        (Status.SENSOR_ALARM, "sensor-alarm", "SENSOR_ALARM"),
        (Status.RED, "low-perfusion", "LOW_PERFUSION"),
    ],
)
def test_a_status_flags_the_values_and_is_told_on_change(status: Status, name: str, quality: str) -> None:
    said = heard(packet(status=status).encode() * 2, packet(status=Status.GREEN).encode())
    flagged = [["pr_spo2", "72", quality], ["spo2", "97", quality]]
    good = [["pr_spo2", "72"], ["spo2", "97"]]
    assert without_identity(said) == [
        ["status", {name: 1}],
        *flagged,
        *flagged,
        ["status", {name: 0}],
        *good,
    ]


def test_perfusion_holds_until_the_next_pulse_tells_another() -> None:
    said = heard(packet(status=Status.RED).encode(), packet(status=Status(0)).encode())
    assert without_identity(said)[-1] == ["spo2", "97", "LOW_PERFUSION"]


def test_the_firmware_is_told_once() -> None:
    said = briefly(heard(packet().encode() * 3))
    assert said.count(["identity", {"firmware": str(REVISION)}]) == 1


def test_another_firmware_is_believed_at_its_second_packet() -> None:
    other = replace(packet(80, 90), revision=41)
    said = briefly(heard(packet().encode(), *[other.encode()] * 3, packet().encode()))
    told = [one for one in said if one[0] in ("identity", "pr_spo2", "bad-bytes")]
    assert told == [
        ["identity", {"firmware": str(REVISION)}],
        ["pr_spo2", "72"],
        ["bad-bytes", {"framing": 1}],
        ["identity", {"firmware": "41"}],
        ["pr_spo2", "80"],
        ["pr_spo2", "80"],
    ]


def test_the_format_is_asked_for_at_once() -> None:
    codec = NoninDf2()
    assert codec.data_to_send() == SELECT_FORMAT_2 == bytes.fromhex("027002020203")
    assert codec.data_to_send() == b""


def refusals(said: Iterable[Said]) -> list[object]:
    events = [one for one in said if isinstance(one, DeviceEvent) and one.kind == EventKind.REFUSED]
    return [event.detail["answer"] for event in events]


def started() -> NoninDf2:
    codec = NoninDf2()
    codec.data_to_send()
    first = codec.next_timer()
    assert first is not None
    assert first <= NOW
    assert codec.handle_timer(NOW) == []
    return codec


def test_a_module_that_does_not_answer_is_told_and_asked_again() -> None:
    codec = started()
    for _ in range(3):
        due = codec.next_timer()
        assert due is not None
        assert refusals(codec.handle_timer(due)) == ["none"]
        assert codec.data_to_send() == SELECT_FORMAT_2


def test_a_module_that_refuses_is_told_at_once_and_asked_again_later() -> None:
    codec = started()
    assert refusals(codec.receive_data(bytes((NAK,)), NOW)) == ["nak"]
    assert codec.data_to_send() == b""
    due = codec.next_timer()
    assert due is not None
    assert refusals(codec.handle_timer(due)) == []
    assert codec.data_to_send() == SELECT_FORMAT_2


def test_a_module_that_agrees_is_left_in_peace() -> None:
    codec = started()
    said = codec.receive_data(bytes((ACK,)) + packet().encode(), NOW)
    assert without_identity(said) == [["pr_spo2", "72"], ["spo2", "97"]]
    due = codec.next_timer()
    assert due is not None
    assert due >= NOW + 5 * SECOND - 1
    assert codec.data_to_send() == b""


def test_an_answer_between_two_frames_costs_nothing() -> None:
    stream = packet().encode()
    said = heard(stream[:50] + bytes((ACK,)) + stream[50:])
    assert without_identity(said) == [["pr_spo2", "72"], ["spo2", "97"]]


def test_an_answer_that_nobody_asked_for_is_bad_bytes() -> None:
    said = heard(packet().encode(), bytes((ACK,)), packet().encode())
    assert [kind for kind, *_ in briefly(said)].count("bad-bytes") == 1


def test_a_module_that_falls_silent_is_asked_again_without_blame() -> None:
    codec = started()
    codec.receive_data(packet().encode(), NOW)
    due = codec.next_timer()
    assert due is not None
    assert refusals(codec.handle_timer(due)) == []
    assert codec.data_to_send() == SELECT_FORMAT_2


def test_what_a_packet_left_unfinished_is_told_when_the_module_falls_silent() -> None:
    codec = started()
    assert codec.receive_data(packet().encode()[: 10 * FRAME_BYTES], NOW) == []
    assert samples(codec.handle_timer(Instant(NOW + 6 * SECOND))) == list(PLETH[:10])


def test_bad_bytes_are_told_once_a_second_and_every_one_is_counted() -> None:
    codec = NoninDf2()
    said: list[Said] = []
    for n in range(100):
        said += codec.receive_data(bytes(range(0x20, 0x2A)), Instant(NOW + n * SECOND // 25))
    due = codec.next_timer()
    assert due is not None
    said += codec.handle_timer(due)
    told = [one for one in said if isinstance(one, DeviceEvent) and one.kind == EventKind.BAD_BYTES]
    assert sum(int(event.detail["framing"]) for event in told) == 1000 - (FRAME_BYTES - 1)
    assert all(b.at - a.at >= SECOND for a, b in pairwise(told))
