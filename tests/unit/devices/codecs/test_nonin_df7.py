"""Nonin Data Format 7: what is said of format 2 holds, and no bit of the pleth is lost."""

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.codecs import Said
from devices.codecs.nonin_df7 import NoninDf7
from devices.codecs.nonin_packet import ACK, FRAME_BYTES, NAK, PACKET_BYTES, Packet, Status, WideFrame
from devices.model.observation import NO_SAMPLE, Instant, Reading, Waveform
from tests.support.captures import briefly

NOW = Instant(100 * 1_000_000_000)
STATUSES = st.integers(0, 63).map(lambda bits: Status(bits & ~Status.SYNC))
PACKETS = st.builds(
    Packet,
    rate=st.none() | st.integers(0, 510),
    spo2=st.none() | st.integers(0, 126),
    pleth=st.lists(st.integers(0, 65535), min_size=25, max_size=25).map(tuple),
    status=STATUSES,
    revision=st.integers(0, 127),
)
STREAMED = PACKETS.map(lambda packet: replace(packet, revision=0x30))


def packet(pleth: Iterable[int] = range(30_000, 30_025), rate: int | None = 72) -> Packet:
    return Packet(rate, 97, tuple(pleth))


def encoded(*packets: Packet) -> bytes:
    return b"".join(one.encode(WideFrame) for one in packets)


def heard(*pieces: bytes) -> list[Said]:
    codec = NoninDf7()
    return [one for piece in pieces for one in codec.receive_data(piece, NOW)]


def numbers(said: Iterable[Said]) -> list[tuple[str, Decimal | None]]:
    return [(one.metric, one.value) for one in said if isinstance(one, Reading)]


def samples(said: Iterable[Said]) -> list[int | None]:
    waves = [one for one in said if isinstance(one, Waveform)]
    return [
        None if n == NO_SAMPLE else int(n * wave.scale + wave.offset)
        for wave in waves
        for n in memoryview(wave.samples).cast("h")
    ]


def sent(packets: Iterable[Packet]) -> list[tuple[str, Decimal | None]]:
    pairs = [pair for one in packets for pair in (("pr_spo2", one.rate), ("spo2", one.spo2))]
    return [(metric, None if number is None else Decimal(number)) for metric, number in pairs]


@given(PACKETS)
def test_every_packet_survives_encoding(one: Packet) -> None:
    octets = encoded(one)
    frames = [WideFrame.decode(octets[at : at + FRAME_BYTES]) for at in range(0, PACKET_BYTES, FRAME_BYTES)]
    assert Packet.decode([frame for frame in frames if isinstance(frame, WideFrame)]) == one


@given(st.lists(STREAMED, min_size=1, max_size=3), st.data())
def test_a_stream_says_the_same_however_it_is_cut(packets: list[Packet], data: st.DataObject) -> None:
    stream = encoded(*packets)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=20)))
    pieces = [stream[a:b] for a, b in pairwise([0, *cuts, len(stream)])]
    assert briefly(heard(*pieces)) == briefly(heard(stream))
    assert numbers(heard(*pieces)) == sent(packets)
    assert samples(heard(*pieces)) == [n for one in packets for n in one.pleth]


@pytest.mark.parametrize("extremes", [[0], [65535], [0, 65535], [65535, 0, 0, 65535]])
def test_the_extremes_of_the_pleth_are_samples(extremes: list[int]) -> None:
    pleth = extremes + [1] * (25 - len(extremes))
    assert samples(heard(encoded(packet(pleth)))) == pleth


def test_a_packet_with_both_extremes_is_told_in_parts_that_follow_each_other() -> None:
    waves = [one for one in heard(encoded(packet([0] * 10 + [65535] * 15))) if isinstance(one, Waveform)]
    assert [len(wave) for wave in waves] == [10, 15]
    assert abs(waves[1].at - waves[0].end) <= 1000


def test_a_pleth_within_16_bits_is_one_waveform_a_packet() -> None:
    assert [one for one in briefly(heard(encoded(packet()))) if one[0] == "pleth"] == [["pleth", 25]]


@settings(max_examples=200)
@given(st.lists(STREAMED, min_size=3, max_size=3), st.integers(0, 3 * PACKET_BYTES - 1), st.integers(1, 255))
def test_one_damaged_byte_never_makes_a_number(packets: list[Packet], at: int, flip: int) -> None:
    stream = bytearray(encoded(*packets))
    stream[at] ^= flip
    said = heard(encoded(packet()), bytes(stream), encoded(packet(), packet()))
    whole = [one for index, one in enumerate(packets) if index != at // PACKET_BYTES]
    assert numbers(said) == sent([packet(), *whole, packet(), packet()])


@settings(max_examples=200)
@given(st.lists(STREAMED, min_size=2, max_size=2), st.integers(0, 2 * PACKET_BYTES - 1), st.integers(1, 200))
def test_lost_bytes_never_make_a_number(packets: list[Packet], at: int, count: int) -> None:
    stream = encoded(*packets)
    said = numbers(heard(stream[:at] + stream[at + count :] + encoded(*[packet(rate=99)] * 3)))
    assert set(said) <= set(sent([*packets, packet(rate=99)]))
    assert said[-2:] == sent([packet(rate=99)])


@given(st.binary(max_size=400))
def test_arbitrary_bytes_never_raise_and_never_make_a_number(data: bytes) -> None:
    assert numbers(heard(data)) == []


def test_joining_in_the_middle_of_a_frame_costs_that_packet_only() -> None:
    assert numbers(heard(encoded(packet(), packet(rate=80))[7:])) == sent([packet(rate=80)])


def test_a_disconnected_sensor_gives_neither_numbers_nor_samples() -> None:
    said = heard(encoded(Packet(72, 97, (30_000,) * 25, Status.DISCONNECTED)))
    assert {value for _, value in numbers(said)} == {None}
    assert set(samples(said)) == {None}


def test_its_own_format_is_asked_for_and_a_refusal_is_told() -> None:
    codec = NoninDf7()
    assert codec.data_to_send() == bytes.fromhex("027002020703")
    assert briefly(codec.receive_data(bytes((NAK,)), NOW)) == [
        ["refused", {"command": "select-format-7", "answer": "nak"}]
    ]


def test_an_agreement_between_two_frames_costs_nothing() -> None:
    stream = encoded(packet())
    assert numbers(heard(stream[:50] + bytes((ACK,)) + stream[50:])) == sent([packet()])


@pytest.mark.parametrize(
    ("status", "name", "quality"),
    [
        (Status.ARTIFACT, "artifact", "ARTIFACT"),
        (Status.OUT_OF_TRACK, "out-of-track", "OUT_OF_TRACK"),
        (Status.SENSOR_ALARM, "sensor-alarm", "SENSOR_ALARM"),
        (Status.RED, "low-perfusion", "LOW_PERFUSION"),
    ],
)
def test_a_status_flags_the_values_and_is_told(status: Status, name: str, quality: str) -> None:
    said = briefly(heard(encoded(Packet(72, 97, (30_000,) * 25, status))))
    assert [one for one in said if one[0] in ("status", "pr_spo2", "spo2")] == [
        ["status", {name: 1}],
        ["pr_spo2", "72", quality],
        ["spo2", "97", quality],
    ]


def test_a_lost_frame_is_a_sample_not_given_and_its_packet_gives_no_numbers() -> None:
    broken = bytearray(encoded(packet()))
    broken[7 * FRAME_BYTES + 4] ^= 0x55
    said = heard(bytes(broken))
    assert samples(said) == [*range(30_000, 30_007), None, *range(30_008, 30_025)]
    assert numbers(said) == []


def test_the_waveform_s_offset_is_part_of_every_sample() -> None:
    waves = [one for one in heard(encoded(packet([65535] * 25))) if isinstance(one, Waveform)]
    assert [(wave.offset, wave.scale) for wave in waves] == [(Decimal(32768), Decimal(1))]
    assert set(memoryview(waves[0].samples).cast("h")) == {32767}
