"""Glucose Service values: every field survives, units are exact, and what is no number becomes none."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.codecs.gatt import DeviceTime
from devices.codecs.glucose_context import Context, Noted
from devices.codecs.glucose_values import (
    Annunciation,
    Measurement,
    decode_features,
    encode_features,
    names,
    shown,
)
from devices.codecs.ieee11073 import Number, decode_sfloat
from devices.errors import BadBytes
from devices.model.observation import NoValue

OCTET, NIBBLE = st.integers(0, 255), st.integers(0, 15)
SFLOATS = st.binary(min_size=2, max_size=2).map(decode_sfloat)
TIMES = st.builds(DeviceTime, st.integers(0, 65535), OCTET, OCTET, OCTET, OCTET, OCTET)
SEQUENCES = st.integers(0, 65535)
OFFSETS = st.none() | st.integers(-32768, 32767)
STATUSES = st.none() | st.integers(0, 65535).map(Annunciation)
MEASURED = st.builds(
    Measurement, SEQUENCES, TIMES, OFFSETS, SFLOATS, st.booleans(), NIBBLE, NIBBLE, STATUSES, st.booleans()
)
NOT_MEASURED = st.builds(
    Measurement, SEQUENCES, TIMES, OFFSETS, status=STATUSES, context_follows=st.booleans()
)
MEASUREMENTS = MEASURED | NOT_MEASURED
CONTEXTS = st.builds(
    Context,
    SEQUENCES,
    st.none() | st.tuples(OCTET, SFLOATS),
    st.none() | OCTET,
    st.none() | st.tuples(NIBBLE, NIBBLE),
    st.none() | st.tuples(st.integers(0, 65535), OCTET),
    st.none() | st.tuples(OCTET, SFLOATS),
    st.booleans(),
    st.none() | SFLOATS,
)
NOON = DeviceTime(2026, 3, 1, 12, 0, 0)


@given(MEASUREMENTS)
def test_every_measurement_survives_encoding(value: Measurement) -> None:
    assert Measurement.decode(value.encode()) == value


@given(CONTEXTS)
def test_every_context_survives_encoding(value: Context) -> None:
    assert Context.decode(value.encode()) == value


@given(MEASUREMENTS, CONTEXTS)
def test_a_value_cut_short_is_refused(measurement: Measurement, context: Context) -> None:
    for value in (measurement, context):
        whole = value.encode()
        for length in range(len(whole)):
            with pytest.raises(BadBytes, match="expected"):
                type(value).decode(whole[:length])


@given(MEASUREMENTS, CONTEXTS)
def test_octets_of_a_later_version_are_left_unread(measurement: Measurement, context: Context) -> None:
    assert Measurement.decode(measurement.encode() + b"\xff") == measurement
    assert Context.decode(context.encode() + b"\xff") == context


def test_the_vector_of_nordic_s_library_is_read_as_it_says() -> None:
    value = Measurement.decode(bytes.fromhex("1B0100E307021B0B0A1EFBFF1E00120501"))
    assert (value.sequence, value.concentration, value.molar) == (1, 30, False)
    assert value.time == DeviceTime(2019, 2, 27, 11, 5, 30)
    assert (value.sample_type, value.location, value.context_follows) == (2, 1, True)
    assert value.status == Annunciation(261)
    assert names(Annunciation(261)) == [
        "device-battery-low",
        "sample-size-insufficient",
        "temperature-too-low",
    ]


def test_the_context_vector_of_nordic_s_library_is_read_as_it_says() -> None:
    value = Context(
        0, (3, Decimal(100)), 4, (2, 1), (60, 50), (4, Decimal("123.4")), litres=True, hba1c=Decimal("34.5")
    )
    octets = value.encode()
    extended = bytes((octets[0] | 0x80,)) + octets[1:3] + b"\xb3" + octets[3:]
    assert extended[:9] == bytes.fromhex("FF0000B3036400 0412")
    assert Context.decode(extended) == value
    assert value.noted() == [
        Noted("carbohydrate", "100", "kg", "dinner"),
        Noted("meal", "casual"),
        Noted("tester", "health-care-professional"),
        Noted("health", "minor-health-issues"),
        Noted("exercise", "60", "s", "50 %"),
        Noted("medication", "123.4", "L", "long-acting-insulin"),
        Noted("hba1c", "34.5", "%"),
    ]


def test_reserved_kinds_and_special_amounts_are_told_as_such() -> None:
    value = Context(1, (9, NoValue.NOT_AVAILABLE), 0, (7, 9), (0xFFFF, 200))
    assert [(note.value, note.text) for note in value.noted()] == [
        ("not-available", "reserved-9"),
        ("reserved-0", ""),
        ("reserved-7", ""),
        ("reserved-9", ""),
        ("overrun", "200 %"),
    ]


@pytest.mark.parametrize(
    ("number", "molar", "expected"),
    [
        ("0.00104", False, "104"),
        ("0.001", False, "100"),
        ("0.0062", True, "6.2"),
        ("0.0055", True, "5.5"),
        ("0.01", True, "10"),
        ("1", False, "100000"),
    ],
)
def test_concentrations_have_the_digits_that_the_meter_shows(number: str, molar: bool, expected: str) -> None:
    assert shown(Decimal(number), molar=molar) == Decimal(expected)


@given(SFLOATS, st.booleans())
def test_a_concentration_is_never_below_zero_nor_in_exponential_form(number: Number, molar: bool) -> None:
    value = shown(number, molar=molar)
    assert isinstance(value, NoValue) or (value > 0 and "E+" not in str(value))


def test_ff_ff_is_no_measurement() -> None:
    assert shown(decode_sfloat(b"\xff\xff")) is NoValue.INVALID


@pytest.mark.parametrize(
    ("offset", "time"),
    [
        (None, NOON),
        (0, NOON),
        (-60, DeviceTime(2026, 3, 1, 11, 0, 0)),
        (720, DeviceTime(2026, 3, 2, 0, 0, 0)),
        (0x7FFF, NOON),
        (-0x8000, NOON),
    ],
)
def test_the_time_is_what_the_meter_showed_its_user(offset: int | None, time: DeviceTime) -> None:
    assert Measurement(1, NOON, offset).time == time


def test_a_time_beyond_the_calendar_is_the_base_time() -> None:
    last = DeviceTime(9999, 12, 31, 23, 59, 59)
    assert Measurement(1, last, 600).time == last
    nowhere = DeviceTime(0, 0, 0, 0, 0, 0)
    assert Measurement(1, nowhere, 600).time == nowhere


@given(st.integers(0, 2047))
def test_features_survive_encoding(bits: int) -> None:
    octets = bits.to_bytes(2, "little")
    assert encode_features(decode_features(octets)) == octets


def test_features_are_named() -> None:
    assert decode_features(bytes.fromhex("F003")) == (
        "strip-type-error-detection,result-high-low-detection,temperature-high-low-detection,"
        "read-interrupt-detection,device-fault,time-fault"
    )
