"""MEDIBUS records and realtime data: both ways, and as real devices were seen to write them."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.codecs.health import BadByteCounter
from devices.codecs.medibus.realtime import RealtimeReader, enable, encode_record
from devices.codecs.medibus.records import (
    Alarm,
    Identity,
    Message,
    Stream,
    Value,
    decode_alarms,
    decode_identity,
    decode_messages,
    decode_number,
    decode_selection,
    decode_streams,
    decode_time,
    decode_values,
    encode_alarms,
    encode_identity,
    encode_messages,
    encode_selection,
    encode_streams,
    encode_time,
    encode_values,
)
from devices.errors import BadBytes
from devices.model.observation import NO_SAMPLE, Instant, Waveform

SECOND = 1_000_000_000
NOW = Instant(100 * SECOND)
CODES = st.integers(0, 255)
TEXT = st.text("ABCDEFGHIJ 0123456789.%?-", max_size=12).map(str.strip)
PAW, FLOW = Stream(0x00, 20_000, -20, 100, 0xFFF), Stream(0x01, 20_000, -180, 180, 0xFFF)
STREAMS = st.builds(
    Stream,
    code=CODES,
    interval_us=st.integers(1, 99_999_999),
    least=st.integers(-999, 0),
    greatest=st.integers(1, 9999),
    steps=st.integers(1, 0xFFF),
)
RECORDS = st.lists(st.tuples(st.integers(0, 0xFFF), st.integers(0, 0xFFF)), min_size=25, max_size=25)


@given(st.lists(st.builds(Value, CODES, st.text("0123456789. -", min_size=4, max_size=4)), max_size=5))
def test_values_survive_encoding(values: list[Value]) -> None:
    assert decode_values(encode_values(values)) == values


@given(st.lists(st.builds(Alarm, st.integers(1, 31), CODES, TEXT), max_size=5))
def test_alarms_survive_encoding(alarms: list[Alarm]) -> None:
    assert decode_alarms(encode_alarms(alarms)) == alarms


@given(st.lists(st.builds(Message, CODES, TEXT), max_size=5))
def test_messages_survive_encoding(messages: list[Message]) -> None:
    assert decode_messages(encode_messages(messages)) == messages


@given(st.lists(STREAMS, max_size=4))
def test_streams_and_their_selection_survive_encoding(streams: list[Stream]) -> None:
    assert decode_streams(encode_streams(streams)) == streams
    assert decode_selection(encode_selection(streams)) == [stream.code for stream in streams]


@given(st.datetimes(datetime(2000, 1, 1), datetime(2099, 12, 31)))  # noqa: DTZ001 - devices tell no zone
def test_a_time_survives_encoding(moment: datetime) -> None:
    assert decode_time(encode_time(moment)) == moment.replace(microsecond=0)


@pytest.mark.parametrize(
    "text",
    [" 9:33 7-OCT-14", " 9:33:00 7-OKT-14", " 9:33 07-OCT-14", "09:33 7-OKT-14", "09:33:0007-OCT-2014"],
)
def test_a_time_is_read_as_an_evita_xl_and_a_v500_wrote_it(text: str) -> None:
    assert decode_time(text.encode()) == datetime(2014, 10, 7, 9, 33)  # noqa: DTZ001 - devices tell no zone


@pytest.mark.parametrize("text", ["", "09:33", "25:00:0007-OCT-14", "09:33:0031-SEP-14", "09:33:0007-XXX-14"])
def test_an_impossible_time_is_refused(text: str) -> None:
    with pytest.raises(BadBytes):
        decode_time(text.encode())


@pytest.mark.parametrize(
    ("text", "number"),
    [("-100", -100), ("  -1", -1), ("  1  ", 1), ("-4.342   ", Decimal("-4.342")), ("-  80", -80), ("+5", 5)],
)
def test_numbers_are_read_with_blanks_anywhere_around_their_sign(text: str, number: Decimal | int) -> None:
    assert decode_number(text) == number


@pytest.mark.parametrize("text", ["", "    ", "1 2", "--1", "1e5", "."])
def test_what_is_no_number_is_none(text: str) -> None:
    assert decode_number(text) is None


@given(st.builds(Identity, st.just("8207"), TEXT, st.just("07.00"), st.just("04.03")))
def test_an_identity_survives_encoding(identity: Identity) -> None:
    assert decode_identity(encode_identity(identity)) == identity


def test_an_identity_may_lack_the_version_of_medibus() -> None:
    assert decode_identity(b"0161'ICE'04.03      ") == Identity("0161", "ICE", "04.03")


def test_the_configuration_of_an_atlan_has_a_blank_between_sign_and_digits() -> None:
    [stream] = decode_streams(b"00   20000-  21   80FFF")
    assert stream == Stream(0x00, 20_000, -21, 80, 0xFFF)


@pytest.mark.parametrize(
    "data", [b"00   20000", b"00       0  -20  100FFF", b"00   20000  100  100FFF", b"x" * 23]
)
def test_a_configuration_that_makes_no_sense_is_refused(data: bytes) -> None:
    with pytest.raises(BadBytes):
        decode_streams(data)


@pytest.mark.parametrize("data", [b"0", b"01\x39ABC", b"012ABC\x03", b"01\x2f\x03"])
def test_a_message_that_is_not_as_long_as_it_says_is_refused(data: bytes) -> None:
    with pytest.raises(BadBytes):
        decode_messages(data)


def reader() -> tuple[RealtimeReader, BadByteCounter]:
    bad = BadByteCounter()
    one = RealtimeReader(bad)
    one.select([PAW, FLOW])
    return one, bad


def samples(waves: Iterable[Waveform], metric: str) -> list[int]:
    return [n for wave in waves if wave.metric == metric for n in memoryview(wave.samples).cast("h")]


@given(RECORDS, st.data())
def test_records_survive_however_they_are_cut(records: list[tuple[int, int]], data: st.DataObject) -> None:
    stream = b"".join(encode_record(record) for record in records)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=10)))
    one, bad = reader()
    waves = [w for a, b in pairwise([0, *cuts, len(stream)]) for w in one.feed(stream[a:b], NOW)]
    assert samples(waves, "paw_wave") == [paw for paw, _ in records]
    assert samples(waves, "flow_wave") == [flow for _, flow in records]
    assert bad.told(NOW) == []


def test_a_sample_is_two_halves_the_low_one_first() -> None:
    assert encode_record([0x8AB]) == bytes((0xD1, 0x80 | 0x2B, 0x80 | 0x22))


def test_samples_have_the_range_of_their_stream_in_the_metric_s_unit() -> None:
    one, _ = reader()
    [paw, flow] = one.feed(encode_record([0, 0xFFF]) * 25, NOW)
    assert float(paw.offset) == pytest.approx(-20 / 0.980665, abs=0.01)
    assert float(paw.offset + 0xFFF * paw.scale) == pytest.approx(100 / 0.980665, abs=0.01)
    assert float(flow.offset + 0xFFF * flow.scale) == pytest.approx(180)
    assert {paw.rate_mhz, flow.rate_mhz} == {50_000}
    assert paw.end == NOW + 20_000_000


def test_waves_that_follow_each_other_meet() -> None:
    one, _ = reader()
    waves = [
        wave
        for n in range(100)
        for wave in one.feed(encode_record([1, 2]), Instant(NOW + n * 20_000_000 + n % 3 * 5_000_000))
    ]
    paws = [wave for wave in waves if wave.metric == "paw_wave"]
    assert len(paws) == 4
    assert all(abs(b.at - a.end) <= 2_000_000 for a, b in pairwise(paws))


def test_after_a_gap_waves_are_placed_by_their_arrival() -> None:
    one, _ = reader()
    one.feed(encode_record([1, 2]) * 25, NOW)
    [paw, _] = one.feed(encode_record([1, 2]) * 25, Instant(NOW + 60 * SECOND))
    assert paw.end == NOW + 60 * SECOND + 20_000_000


def test_a_record_may_have_some_of_the_streams() -> None:
    one, _ = reader()
    flow_only = bytes((0xD2, 0x81, 0x80))
    waves = one.feed((encode_record([5, 6]) + flow_only) * 25, NOW)
    assert samples(waves, "paw_wave") == [5] * 25
    assert samples(waves, "flow_wave") == [6, 1] * 25


def test_sync_commands_are_no_samples() -> None:
    one, bad = reader()
    record = encode_record([5, 6])
    waves = one.feed((record[:1] + b"\xc6\xc0" + record[1:]) * 25, NOW)
    assert samples(waves, "paw_wave") == [5] * 25
    assert bad.told(NOW) == []


def test_streams_beyond_the_fourth_are_told_apart_by_a_sync_command() -> None:
    bad = BadByteCounter()
    one = RealtimeReader(bad)
    one.select([PAW, PAW, PAW, PAW, FLOW])
    waves = one.feed((b"\xd0\xc4\xc1" + encode_record([7])[1:]) * 25, NOW)
    assert samples(waves, "flow_wave") == [7] * 25


@pytest.mark.parametrize(
    "damaged", [b"\xd3\x85\x80\xc6\x80", b"\xd3\x85\x80", b"\xd3\xcf\xc0", b"\xd3\x85\xff\x80\x80"]
)
def test_a_damaged_record_is_a_sample_not_given_of_each_stream(damaged: bytes) -> None:
    one, bad = reader()
    waves = one.feed(encode_record([5, 6]) * 12 + damaged + encode_record([5, 6]) * 12, NOW)
    assert samples(waves, "paw_wave") == [5] * 12 + [NO_SAMPLE] + [5] * 12
    assert samples(waves, "flow_wave") == [6] * 12 + [NO_SAMPLE] + [6] * 12
    assert bad.due() is not None


def test_what_was_gathered_can_be_had_at_once() -> None:
    one, _ = reader()
    assert one.feed(encode_record([5, 6]) * 3, NOW) == []
    assert samples(one.flush(NOW), "paw_wave") == [5, 5, 5]


@given(st.binary(max_size=300))
def test_arbitrary_bytes_never_raise(data: bytes) -> None:
    one, _ = reader()
    one.feed(bytes(octet | 0x80 for octet in data), NOW)
    waves = one.feed(encode_record([5, 6]) * 26, NOW)
    assert samples(waves + one.flush(NOW), "paw_wave")[-25:] == [5] * 25


@pytest.mark.parametrize(
    ("count", "bytes_"), [(0, "c1c0c2c0c3c0"), (3, "c1c7c2c0c3c0"), (12, "c1cfc2cfc3cf")]
)
def test_the_first_streams_are_enabled(count: int, bytes_: str) -> None:
    assert enable(count) == bytes.fromhex(f"d0{bytes_}c0c0")
