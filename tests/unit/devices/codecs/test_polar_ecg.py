"""Polar's measurement data: the ECG is asked for, every sample that came is there, and no other."""

from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.capture import decoded
from devices.codecs import Host, Said
from devices.codecs.polar_ecg import ControlCodec, EcgCodec, Stream, linked
from devices.codecs.polar_pmd import (
    ACCELERATION,
    CONTROL,
    DATA,
    ECG,
    Features,
    Frame,
    Response,
    decode_control,
    decode_settings,
    ecg_frame,
    encode_settings,
)
from devices.errors import BadBytes
from devices.model.observation import DeviceEvent, EventKind, Instant, Waveform
from devices.profiles import profile
from tests.support.captures import briefly
from tests.unit.devices.codecs.test_captures import CAPTURES

SECOND = 1_000_000_000
NOW = Instant(100 * SECOND)
SETTINGS = bytes.fromhex("F0 01 00 00 00 00 01 82 00 01 01 0E 00")
STARTED = bytes.fromhex("F0 02 00 00 00 00")
MICROVOLTS = st.lists(st.integers(-32767, 32767), min_size=1, max_size=80)


def samples(said: Iterable[Said]) -> list[int]:
    waves = [one for one in said if isinstance(one, Waveform)]
    return [n for wave in waves for n in memoryview(wave.samples).cast("h")]


def refusals(said: Iterable[Said]) -> list[object]:
    events = [one for one in said if isinstance(one, DeviceEvent) and one.kind == EventKind.REFUSED]
    return [(event.detail["command"], event.detail["answer"]) for event in events]


def control(stream: Stream | None = None) -> ControlCodec:
    """A control point that has asked for the settings at NOW."""
    codec = ControlCodec(stream or Stream())
    assert codec.data_to_send() == bytes.fromhex("01 00")
    assert codec.handle_timer(NOW) == []
    return codec


def started(stream: Stream | None = None) -> ControlCodec:
    codec = control(stream)
    assert codec.receive_data(SETTINGS, NOW) == []
    assert codec.data_to_send() == bytes.fromhex("02 00 00 01 82 00 01 01 0E 00")
    assert codec.receive_data(STARTED, NOW) == []
    return codec


def test_the_codecs_of_a_connection_ask_for_the_settings_at_once() -> None:
    codecs = linked(Host())
    assert {uuid: codec.data_to_send() for uuid, codec in codecs.items()} == {CONTROL: b"\x01\x00", DATA: b""}


def test_the_stream_is_started_with_the_settings_that_the_strap_offers() -> None:
    assert started().data_to_send() == b""


def test_the_highest_of_each_setting_is_chosen_and_what_only_the_device_tells_is_left_out() -> None:
    codec = control()
    offer = {0: [25, 50, 200], 1: [16], 2: [2, 4, 8], 5: [0x397FDA40]}
    codec.receive_data(Response(1, ECG, 0, parameters=encode_settings(offer)).encode(), NOW)
    assert codec.data_to_send() == bytes.fromhex("02 00 00 01 C8 00 01 01 10 00 02 01 08 00")


def test_settings_in_two_responses_are_put_together() -> None:
    codec = control()
    codec.receive_data(bytes.fromhex("F0 01 00 00 01 00 01 82"), NOW)
    assert codec.data_to_send() == b""
    codec.receive_data(bytes.fromhex("F0 01 00 00 00 00 01 01 0E 00"), NOW)
    assert codec.data_to_send() == bytes.fromhex("02 00 00 01 82 00 01 01 0E 00")


@pytest.mark.parametrize(
    ("answer", "name"),
    [("F0 00 01 0A", "invalid-mtu"), ("F0 01 00 03 00", "not-supported"), ("F0 01 00 63", "error-99")],
)
def test_a_refusal_is_told_by_name_and_asked_again_later(answer: str, name: str) -> None:
    codec = control()
    assert refusals(codec.receive_data(bytes.fromhex(answer), NOW)) == [("get-ecg-settings", name)]
    due = codec.next_timer()
    assert due is not None
    assert due - NOW >= 20 * SECOND
    assert refusals(codec.handle_timer(due)) == []
    assert codec.data_to_send() == bytes.fromhex("01 00")


def test_a_stream_that_runs_already_is_no_refusal() -> None:
    codec = control()
    codec.receive_data(SETTINGS, NOW)
    assert codec.receive_data(bytes.fromhex("F0 02 00 06 00"), NOW) == []


def test_a_strap_that_does_not_answer_is_told_and_asked_again() -> None:
    codec = control()
    for _ in range(3):
        due = codec.next_timer()
        assert due is not None
        assert refusals(codec.handle_timer(due)) == [("get-ecg-settings", "none")]
        assert codec.data_to_send() == bytes.fromhex("01 00")


def test_a_stream_that_is_heard_is_left_in_peace() -> None:
    stream = Stream()
    codec = started(stream)
    for _ in range(5):
        due = codec.next_timer()
        assert due is not None
        stream.heard = Instant(due - SECOND)
        assert codec.handle_timer(due) == []
        assert codec.data_to_send() == b""


def test_a_stream_that_falls_silent_is_asked_for_again() -> None:
    codec = started()
    due = codec.next_timer()
    assert due is not None
    assert codec.handle_timer(due) == []
    assert codec.data_to_send() == bytes.fromhex("01 00")


def test_a_stream_that_the_strap_stopped_is_asked_for_again_soon() -> None:
    codec = started(Stream(heard=NOW))
    codec.receive_data(bytes.fromhex("01 02 00"), NOW)
    due = codec.next_timer()
    assert due is not None
    assert due - NOW <= 10 * SECOND
    codec.handle_timer(due)
    assert codec.data_to_send() == bytes.fromhex("01 00")


def test_the_features_of_an_h10_are_ecg_and_acceleration() -> None:
    value = bytes.fromhex("0F 05 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00")
    assert decode_control(value) == Features(frozenset({ECG, ACCELERATION}))
    assert Features(frozenset({ECG, ACCELERATION})).encode() == value


def test_settings_are_read_by_the_width_of_their_kind() -> None:
    verity = bytes.fromhex("00 01 34 00 01 01 10 00 02 04 F5 00 F4 01 E8 03 D0 07 04 01 03")
    assert decode_settings(verity) == {0: (52,), 1: (16,), 2: (245, 500, 1000, 2000), 4: (3,)}
    assert encode_settings(decode_settings(verity)) == verity
    assert decode_settings(bytes.fromhex("05 01 40 DA 7F 39")) == {5: (0x397FDA40,)}


@pytest.mark.parametrize("value", ["00 01 82", "09 01 00", "00 FF 00 00"])
def test_settings_that_cannot_be_read_are_refused(value: str) -> None:
    with pytest.raises(BadBytes):
        decode_settings(bytes.fromhex(value))


@given(st.lists(MICROVOLTS, min_size=1, max_size=4))
def test_every_sample_survives_encoding_in_order(frames: list[list[int]]) -> None:
    codec, said = EcgCodec(Stream()), list[Said]()
    for number, one in enumerate(frames, 1):
        said += codec.receive_data(ecg_frame(number * SECOND, one), Instant(NOW + number * SECOND))
    assert samples(said) == [sample for one in frames for sample in one]
    assert {wave.scale for wave in said if isinstance(wave, Waveform)} == {Decimal("0.001")}


def millivolts(said: Iterable[Said]) -> list[Decimal]:
    (wave,) = (one for one in said if isinstance(one, Waveform))
    return [n * wave.scale + wave.offset for n in memoryview(wave.samples).cast("h")]


def test_the_sdk_s_own_samples_are_read_beyond_what_fits_16_bits() -> None:
    frame = bytes.fromhex("00 00 94 35 77 00 00 00 00 00 02 80 FF 02 80 00")
    assert Frame.decode(frame).microvolts() == (-32766, 32770)
    said = EcgCodec(Stream()).receive_data(frame, NOW)
    assert millivolts(said) == [Decimal("-32.766"), Decimal("32.770")]


@given(st.lists(st.integers(-(2**23), 2**23 - 1), min_size=1, max_size=4))
def test_no_sample_ever_wraps(microvolts: list[int]) -> None:
    told = millivolts(EcgCodec(Stream()).receive_data(ecg_frame(1, microvolts), NOW))
    step = (max(microvolts) - min(microvolts)) // 65_534 + 1
    assert all(abs(1000 * one - sent) <= step for one, sent in zip(told, microvolts, strict=True))


def test_the_strap_s_clock_is_told_where_samples_begin_and_when_it_was_set() -> None:
    codec = EcgCodec(Stream())
    unset, local = 599_616_023_171_427_290, 694_512_749_912_654_440
    told = [codec.receive_data(ecg_frame(at, [0] * 73), NOW) for at in (unset, unset + 561_000_000, local)]
    clocks = [[e.detail for e in said if isinstance(e, DeviceEvent)] for said in told]
    assert clocks == [
        [{"time": "2019-01-01T00:00:23", "set": 0}],
        [],
        [{"time": datetime.fromtimestamp(local / 1e9 + 946_684_800, UTC).isoformat()[:19], "set": 1}],
    ]


def test_the_same_frame_twice_is_told_once() -> None:
    codec, frame = EcgCodec(Stream()), ecg_frame(5 * SECOND, [1, 2, 3])
    said = [*codec.receive_data(frame, NOW), *codec.receive_data(frame, NOW)]
    assert samples(said) == [1, 2, 3]
    assert briefly(said)[-1] == ["bad-bytes", {"range": 1}]


@pytest.mark.parametrize("form", ["80", "81", "01", "03"])
def test_a_form_of_ecg_that_no_document_explains_is_told_once_and_is_no_number(form: str) -> None:
    codec = EcgCodec(Stream())
    frame = bytes.fromhex("00 00 94 35 77 00 00 00 00" + form + "F7 FF FF FF E7 03")
    detail = {"code": f"0/{int(form, 16)}", "system": "polar-pmd", "value": "f7ffffffe703"}
    assert briefly(codec.receive_data(frame, NOW)) == [["unmapped", detail]]
    assert codec.receive_data(frame, NOW) == []


@pytest.mark.parametrize("cut", [0, 5, 9, 10, 11, 12, 14])
def test_half_a_frame_is_counted_as_a_bad_length(cut: int) -> None:
    told = EcgCodec(Stream()).receive_data(ecg_frame(7, [1, 2])[:cut], NOW)
    assert briefly(told) == [["bad-bytes", {"length": 1}]]


@given(st.lists(st.binary(max_size=60), max_size=6))
def test_arbitrary_bytes_never_raise(values: list[bytes]) -> None:
    ecg, asking, running = EcgCodec(Stream()), control(), started()
    for data in values:
        said = ecg.receive_data(data, NOW)
        assert not samples(said) or (data[0] & 0x3F, data[9]) == (ECG, 0)
        for codec in (asking, running):
            codec.receive_data(data, NOW)
            codec.data_to_send()


def test_the_capture_of_a_strap_has_the_samples_that_its_owner_printed() -> None:
    content = CAPTURES.joinpath("polar_ecg.txt").read_bytes()
    waves = [one for one in decoded(profile("polar-h10-ecg"), content) if isinstance(one, Waveform)]
    last = list(memoryview(waves[-1].samples).cast("h"))
    assert (last[0], last[1], last[14]) == (117, 115, -4)
    assert max(n for wave in waves for n in memoryview(wave.samples).cast("h")) == 0x08B9
    assert all(0 <= other.at - one.end < 2_000 for one, other in pairwise(waves))
