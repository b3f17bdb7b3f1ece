"""Contec's oximeters, older and newer: every sample of pleth, numbers that count, none without a finger."""

from collections.abc import Callable, Iterable
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.codecs import Said, contec_cms50, contec_cms50_5byte
from devices.codecs.contec_cms50 import ContecCms50
from devices.codecs.contec_cms50_5byte import ContecCms50FiveByte
from devices.codecs.contec_pulse import Flags, PulseCodec, Sample
from devices.model.observation import NO_SAMPLE, Instant, Reading, Waveform
from tests.support.captures import briefly

SECOND = 1_000_000_000
NOW = Instant(1000 * SECOND)
FLAGS = st.sets(st.sampled_from(list(Flags))).map(lambda flags: Flags(sum(flags)))
SAMPLES = st.builds(
    Sample,
    pleth=st.integers(0, 127),
    rate=st.none() | st.integers(1, 254),
    spo2=st.none() | st.integers(1, 100),
    flags=FLAGS,
)
V7_SAMPLES = st.builds(
    Sample,
    pleth=st.integers(0, 127),
    rate=st.none() | st.integers(1, 254),
    spo2=st.none() | st.integers(1, 100),
    flags=FLAGS,
    has_pi=st.booleans(),
    pi=st.none() | st.integers(1, 2200),
)
BOTH = pytest.mark.parametrize(
    ("make", "encode"),
    [(ContecCms50FiveByte, contec_cms50_5byte.encode), (ContecCms50, contec_cms50.encode)],
    ids=["5byte", "v7"],
)
Make = Callable[[], PulseCodec]
Encode = Callable[[Sample], bytes]


def heard(codec: PulseCodec, *pieces: bytes) -> list[Said]:
    said = [one for piece in pieces for one in codec.receive_data(piece, NOW)]
    return [*said, *codec.handle_timer(Instant(NOW + SECOND))]


def values(said: Iterable[Said], *metrics: str) -> list[Any]:
    return [one for one in briefly(said) if one[0] in (metrics or ("pr_spo2", "spo2", "pi"))]


def pleth(said: Iterable[Said]) -> list[int]:
    waves = [one for one in said if isinstance(one, Waveform)]
    return [n for wave in waves for n in memoryview(wave.samples).cast("h")]


@given(SAMPLES)
def test_every_sample_survives_the_older_encoding(sample: Sample) -> None:
    packet = contec_cms50_5byte.encode(sample)
    assert [bool(byte & 0x80) for byte in packet] == [True, False, False, False, False]
    assert contec_cms50_5byte.decode(packet) == sample


@given(V7_SAMPLES)
def test_every_sample_survives_the_newer_encoding(sample: Sample) -> None:
    packet = contec_cms50.encode(sample)
    assert [bool(byte & 0x80) for byte in packet] == [False] + [True] * 8
    data = bytes(byte & 127 | (packet[1] >> index & 1) << 7 for index, byte in enumerate(packet[2:]))
    assert contec_cms50.decode(data) == sample


@BOTH
@given(samples=st.lists(SAMPLES, max_size=40), data=st.data())
def test_a_stream_says_the_same_however_it_is_cut(
    make: Make, encode: Encode, samples: list[Sample], data: st.DataObject
) -> None:
    stream = b"".join(encode(sample) for sample in samples)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=20)))
    pieces = [stream[a:b] for a, b in pairwise([0, *cuts, len(stream)])]
    said = heard(make(), stream)
    assert briefly(heard(make(), *pieces)) == briefly(said)
    off = [Flags.PROBE_ERROR in sample.flags for sample in samples]
    assert pleth(said) == [NO_SAMPLE if is_off else s.pleth for s, is_off in zip(samples, off, strict=True)]


@BOTH
@given(garbage=st.binary(max_size=60))
def test_after_any_garbage_the_next_packet_but_one_is_read(
    make: Make, encode: Encode, garbage: bytes
) -> None:
    said = heard(make(), garbage, encode(Sample(1, 61, 91)), encode(Sample(1, 62, 92)))
    assert values(said, "pr_spo2", "spo2")[-2:] == [["pr_spo2", "62"], ["spo2", "92"]]


@BOTH
@pytest.mark.parametrize("lost", range(5))
def test_a_lost_byte_costs_its_own_packet_only(make: Make, encode: Encode, lost: int) -> None:
    broken = encode(Sample(9, 99, 99))
    broken = broken[:lost] + broken[lost + 1 :]
    said = heard(make(), encode(Sample(1, 61, 91)), broken, encode(Sample(2, 62, 92)))
    assert values(said) == [["pr_spo2", "61"], ["spo2", "91"], ["pr_spo2", "62"], ["spo2", "92"]]
    assert pleth(said) == [1, 2]
    assert "bad-bytes" in [one[0] for one in briefly(said)]


@BOTH
@pytest.mark.parametrize(
    ("flag", "name", "reason"),
    [
        (Flags.PROBE_ERROR, "sensor-off", "SENSOR_OFF"),
        (Flags.SEARCHING, "searching", "MEASURING"),
        (Flags.SEARCHING_TOO_LONG, "searching-too-long", "MEASURING"),
    ],
)
def test_numbers_beside_a_flag_are_no_values(
    make: Make, encode: Encode, flag: Flags, name: str, reason: str
) -> None:
    said = briefly(heard(make(), encode(Sample(1, 61, 91, flag)), encode(Sample(1, 61, 91))))
    assert [one for one in said if one[0] != "pleth"] == [
        ["status", {name: 1}],
        ["pr_spo2", reason],
        ["spo2", reason],
        ["status", {name: 0}],
        ["pr_spo2", "61"],
        ["spo2", "91"],
    ]


@BOTH
def test_a_falling_saturation_is_told_and_is_a_value(make: Make, encode: Encode) -> None:
    said = briefly(heard(make(), encode(Sample(1, 61, 84, Flags.SPO2_DROPPING))))
    assert said[:3] == [["status", {"spo2-dropping": 1}], ["pr_spo2", "61"], ["spo2", "84"]]


@BOTH
def test_numbers_are_told_when_they_change_and_once_a_second(make: Make, encode: Encode) -> None:
    stream = encode(Sample(1, 61, 91)) * 121 + encode(Sample(1, 62, 91))
    assert [one[1] for one in values(heard(make(), stream), "pr_spo2")] == ["61", "61", "61", "62"]


@BOTH
def test_samples_are_timed_back_from_the_arrival_of_the_last(make: Make, encode: Encode) -> None:
    waves = [one for one in heard(make(), encode(Sample(7, 61, 91)) * 60) if isinstance(one, Waveform)]
    assert [len(wave) for wave in waves] == [15, 15, 15, 15]
    assert round((NOW - waves[0].at) / 1e6) == 983
    assert all(abs(b.at - a.end) <= 1000 for a, b in pairwise(waves))


@BOTH
@pytest.mark.parametrize(("rate", "spo2"), [(0, 0), (255, 127), (255, 101)])
def test_numbers_out_of_range_are_no_values(make: Make, encode: Encode, rate: int, spo2: int) -> None:
    said = values(heard(make(), encode(Sample(1, rate, spo2))))
    assert said == [["pr_spo2", "NOT_AVAILABLE"], ["spo2", "NOT_AVAILABLE"]]


@BOTH
@given(data=st.binary(max_size=200))
def test_arbitrary_bytes_never_raise_and_make_no_impossible_number(
    make: Make, encode: Encode, data: bytes
) -> None:
    for one in heard(make(), data):
        if isinstance(one, Reading) and one.value is not None:
            assert 0 < one.value <= (254 if one.metric == "pr_spo2" else 100)


def test_the_perfusion_index_is_in_hundredths_where_it_is_measured() -> None:
    said = heard(ContecCms50(), contec_cms50.encode(Sample(1, 61, 91, has_pi=True, pi=1234)))
    assert values(said, "pi") == [["pi", "12.34"]]
    none = heard(ContecCms50(), contec_cms50.encode(Sample(1, 61, 91, has_pi=True)))
    assert values(none, "pi") == [["pi", "NOT_AVAILABLE"]]


def test_a_model_without_perfusion_index_gives_no_reading_of_it() -> None:
    assert values(heard(ContecCms50(), contec_cms50.encode(Sample(1, 61, 91))), "pi") == []


def test_the_start_is_asked_for_at_once_and_the_host_is_heard_of_every_four_seconds() -> None:
    codec = ContecCms50()
    assert codec.data_to_send() == bytes.fromhex("7D81A1808080808080")
    codec.handle_timer(NOW)
    for second in range(1, 13):
        now = Instant(NOW + second * SECOND)
        codec.receive_data(contec_cms50.encode(Sample(1, 61, 91)), now)
        codec.handle_timer(now)
        keeps = bytes.fromhex("7D81AF808080808080") if second % 4 == 0 else b""
        assert codec.data_to_send() == keeps


def test_a_host_that_hears_data_before_its_first_timer_is_heard_of_all_the_same() -> None:
    codec = ContecCms50()
    codec.receive_data(contec_cms50.encode(Sample(1, 61, 91)), NOW)
    assert codec.next_timer() == Instant(0)


def test_the_older_kind_is_told_to_send_live_data() -> None:
    assert ContecCms50FiveByte().data_to_send() == bytes.fromhex("F6F6F6")


@BOTH
def test_a_silent_device_is_greeted_again_and_told(make: Make, encode: Encode) -> None:
    codec = make()
    greeting = codec.data_to_send()
    codec.handle_timer(NOW)
    told = codec.handle_timer(Instant(NOW + 5 * SECOND))
    assert briefly(told) == [["refused", {"command": "start", "answer": "none"}]]
    assert codec.data_to_send()[: len(greeting)] == greeting


@BOTH
def test_a_device_that_falls_silent_is_greeted_again_without_blame(make: Make, encode: Encode) -> None:
    codec = make()
    codec.data_to_send()
    codec.receive_data(encode(Sample(1, 61, 91)), NOW)
    told = briefly(codec.handle_timer(Instant(NOW + SECOND)))
    assert told == [["pleth", 1]]
    assert codec.data_to_send()[: len(codec.GREETING)] == codec.GREETING
    assert codec.handle_timer(Instant(NOW + 6 * SECOND)) == []
    assert codec.data_to_send()[: len(codec.GREETING)] == codec.GREETING


def test_a_command_that_is_not_supported_is_told() -> None:
    said = heard(ContecCms50(), contec_cms50.package(contec_cms50.FEEDBACK, b"\xa1\x05"))
    assert briefly(said) == [["refused", {"command": "a1", "answer": "not-supported"}]]


def test_a_device_that_leaves_is_told() -> None:
    said = heard(ContecCms50(), contec_cms50.package(contec_cms50.DISCONNECT, b"\x01"))
    assert briefly(said)[0][1]["value"] == "shutdown"


def test_answers_of_other_kinds_say_nothing_and_cost_nothing() -> None:
    model = bytes.fromhex("028080B5B0C4A8C1A9 0281FFABA0A0A0A0A0 0C80")
    said = heard(ContecCms50(), model, contec_cms50.encode(Sample(1, 61, 91)))
    assert briefly(said) == [["pr_spo2", "61"], ["spo2", "91"], ["pleth", 1]]
