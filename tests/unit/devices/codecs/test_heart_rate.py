"""Heart rate straps: the rate while there is contact, every beat interval, nothing stale."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.codecs.heart_rate import (
    BodySensorLocationCodec,
    HeartRate,
    HeartRateCodec,
    encode_body_sensor_location,
)
from devices.errors import BadBytes
from devices.model.observation import EventKind, Instant, Reading
from tests.support.captures import briefly

NOW = Instant(5_000_000_000)
RATES = st.builds(
    HeartRate,
    rate=st.integers(0, 65535),
    contact=st.none() | st.booleans(),
    energy_kj=st.none() | st.integers(0, 65535),
    rr_1024=st.lists(st.integers(0, 65535), max_size=9).map(tuple),
)


def said(value: HeartRate) -> list[object]:
    return briefly(HeartRateCodec().receive_data(value.encode(), NOW))


@given(RATES)
def test_every_measurement_survives_encoding(value: HeartRate) -> None:
    assert HeartRate.decode(value.encode()) == value


@given(RATES)
def test_a_measurement_cut_short_is_refused_or_misses_only_whole_intervals(value: HeartRate) -> None:
    whole = value.encode()
    for length in range(len(whole)):
        try:
            cut = HeartRate.decode(whole[:length])
        except BadBytes as bad:
            assert bad.reason == "length"
        else:
            assert (cut.rate, cut.contact, cut.energy_kj) == (value.rate, value.contact, value.energy_kj)
            assert cut.rr_1024 == value.rr_1024[: len(cut.rr_1024)]


@given(st.binary(max_size=40))
def test_arbitrary_bytes_never_raise(data: bytes) -> None:
    codec = HeartRateCodec()
    for one in codec.receive_data(data, NOW):
        if isinstance(one, Reading) and one.value is not None:
            assert one.value == HeartRate.decode(data).rate


def test_rates_above_255_take_16_bits() -> None:
    assert HeartRate(255).encode() == bytes.fromhex("00FF")
    assert HeartRate(256).encode() == bytes.fromhex("010001")


def test_a_sensor_without_contact_gives_no_value_whatever_rate_it_repeats() -> None:
    assert said(HeartRate(77, contact=False, rr_1024=(800,))) == [
        ["status", {"no-contact": 1}],
        ["hr", "NO_CONTACT"],
    ]


def test_a_contact_that_comes_back_is_told_once() -> None:
    codec = HeartRateCodec()
    values = [HeartRate(0, contact=False), HeartRate(70, contact=True), HeartRate(71, contact=True)]
    told = [briefly(codec.receive_data(value.encode(), NOW)) for value in values]
    assert told[1:] == [[["status", {"no-contact": 0}], ["hr", "70"]], [["hr", "71"]]]


def test_a_rate_of_zero_is_no_value() -> None:
    assert said(HeartRate(0)) == [["hr", "NOT_AVAILABLE"]]


def test_intervals_keep_their_order_and_their_resolution() -> None:
    assert said(HeartRate(60, rr_1024=(1024, 1023))) == [["hr", "60"], ["rr", {"ms": "1000.0,999.0"}]]


@given(st.lists(st.integers(0, 65535), min_size=1, max_size=9))
def test_no_interval_is_lost_in_milliseconds(ticks: list[int]) -> None:
    event = HeartRateCodec().receive_data(HeartRate(60, rr_1024=tuple(ticks)).encode(), NOW)[-1]
    assert not isinstance(event, Reading)
    texts = str(getattr(event, "detail")["ms"]).split(",")  # noqa: B009
    assert [round(Decimal(text) * 1024 / 1000) for text in texts] == ticks


def test_half_an_interval_is_left_out_and_costs_neither_the_rate_nor_the_whole_ones() -> None:
    told = HeartRateCodec().receive_data(bytes.fromhex("103C0004FF"), NOW)
    assert briefly(told) == [["hr", "60"], ["rr", {"ms": "1000.0"}]]


def test_a_value_without_its_whole_rate_is_counted_as_a_bad_length() -> None:
    assert briefly(HeartRateCodec().receive_data(bytes.fromhex("013C"), NOW)) == [
        ["bad-bytes", {"length": 1}]
    ]


def test_bad_values_are_told_once_a_second_and_none_is_forgotten() -> None:
    codec = HeartRateCodec()
    told = [one for n in range(10) for one in codec.receive_data(b"", Instant(NOW + n * 1_000_000))]
    due = codec.next_timer()
    assert due == NOW + 1_000_000_000
    told += codec.handle_timer(due)
    assert briefly(told) == [["bad-bytes", {"length": 1}], ["bad-bytes", {"length": 9}]]
    assert codec.next_timer() is None


@pytest.mark.parametrize("location", ["other", "chest", "wrist", "finger", "hand", "ear-lobe", "foot"])
def test_the_body_sensor_location_is_named(location: str) -> None:
    told = BodySensorLocationCodec().receive_data(encode_body_sensor_location(location), NOW)
    assert briefly(told) == [[EventKind.IDENTITY, {"body-location": location}]]


def test_a_reserved_location_is_told_as_its_number() -> None:
    assert briefly(BodySensorLocationCodec().receive_data(b"\x2a", NOW)) == [
        ["identity", {"body-location": "reserved-42"}]
    ]


def test_a_strap_is_owed_nothing() -> None:
    assert HeartRateCodec().data_to_send() == b""
