"""CGM values: every field and every CRC, as the specification and other projects have them."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.codecs.cgm_values import (
    Annunciation,
    Feature,
    Measurement,
    Op,
    SessionStart,
    Status,
    decode_ops,
    decode_run_time,
    e2e_crc,
    encode_ops,
    encode_run_time,
    records,
    with_crc,
)
from devices.codecs.gatt import DeviceTime
from devices.codecs.ieee11073 import decode_sfloat
from devices.errors import BadBytes

OCTET, UINT16 = st.integers(0, 255), st.integers(0, 65535)
SFLOATS = st.binary(min_size=2, max_size=2).map(decode_sfloat)
STATUSES = st.integers(0, 0xFFFFFF).map(Annunciation)
MEASUREMENTS = st.builds(Measurement, SFLOATS, UINT16, STATUSES, st.none() | SFLOATS, st.none() | SFLOATS)
TIMES = st.builds(DeviceTime, UINT16, OCTET, OCTET, OCTET, OCTET, OCTET)
STARTS = st.builds(SessionStart, TIMES, st.integers(-128, 127), OCTET)
FEATURES = st.builds(Feature, st.integers(0, 0xFFFFFF), st.integers(0, 15), st.integers(0, 15))


@pytest.mark.parametrize(
    ("data", "crc"),
    [
        ("3E010203040506070809", 0x2F01),
        ("58251F98", 0x07F1),
        ("313233343536373839", 0x6F91),
        ("", 0xFFFF),
        ("1C0201", 0x3B3C),
        ("1C0202", 0x09A7),
    ],
)
def test_the_crc_is_that_of_the_specification(data: str, crc: int) -> None:
    assert e2e_crc(bytes.fromhex(data)) == crc


@given(MEASUREMENTS, st.booleans())
def test_every_measurement_survives_encoding(value: Measurement, crc: bool) -> None:
    record = value.encode(crc)
    assert record[0] == len(record)
    assert Measurement.decode(record, crc) == value
    assert Measurement.decode(record) == value


@given(st.lists(MEASUREMENTS, max_size=5), st.booleans())
def test_a_notification_holds_any_number_of_records(values: list[Measurement], crc: bool) -> None:
    data = b"".join(value.encode(crc) for value in values)
    assert [Measurement.decode(record, crc) for record in records(data)] == values


@given(MEASUREMENTS, st.integers(0, 14), st.integers(0, 7))
def test_a_flipped_bit_of_a_record_with_a_crc_is_seen(value: Measurement, at: int, bit: int) -> None:
    record = bytearray(value.encode(crc=True))
    at = 1 + at % (len(record) - 1)
    record[at] ^= 1 << bit
    with pytest.raises(BadBytes):
        Measurement.decode(bytes(record), crc=True)


@pytest.mark.parametrize("octets", ["050000000000", "0600", "00", "0700 0C10 0600"])
def test_a_size_that_does_not_fit_is_refused(octets: str) -> None:
    with pytest.raises(BadBytes, match="record"):
        list(records(bytes.fromhex(octets)))


def test_a_record_too_short_for_its_flags_is_refused() -> None:
    with pytest.raises(BadBytes):
        Measurement.decode(bytes.fromhex("07E30C10060000"))


def test_a_missing_crc_is_refused() -> None:
    with pytest.raises(BadBytes, match="CRC"):
        Measurement.decode(Measurement(Decimal(120), 6).encode(), crc=True)


def test_what_a_sensor_without_a_crc_appends_is_left_unread() -> None:
    value = Measurement(Decimal(120), 6)
    assert Measurement.decode(bytes((8, 0)) + value.encode()[2:] + b"\x12\x34", crc=False) == value


def test_the_octets_of_the_status_are_in_the_order_status_calibration_warning() -> None:
    value = Measurement.decode(bytes.fromhex("0FE3D2E405000214FF02F0E5F38E3F"))
    assert value.status == Annunciation(0xFF1402)
    assert (value.concentration, value.trend, value.quality) == (
        Decimal("12.34"),
        Decimal("0.2"),
        Decimal("99.7"),
    )


@given(STARTS, st.booleans())
def test_every_session_start_survives_encoding(value: SessionStart, crc: bool) -> None:
    assert SessionStart.decode(value.encode(crc), crc) == value


def test_the_session_start_of_nordic_s_library_is_read() -> None:
    value = SessionStart.decode(bytes.fromhex("E20704180D08180804E0C2"))
    assert value == SessionStart(DeviceTime(2018, 4, 24, 13, 8, 24), 8, 4)
    with pytest.raises(BadBytes, match="CRC"):
        SessionStart.decode(bytes.fromhex("E20704180D08180804E0C3"))


@given(UINT16, STATUSES, st.booleans())
def test_every_status_survives_encoding(offset: int, status: Annunciation, crc: bool) -> None:
    assert Status.decode(Status(offset, status).encode(crc), crc) == Status(offset, status)


@given(FEATURES)
def test_every_feature_survives_encoding(value: Feature) -> None:
    assert Feature.decode(value.encode()) == value


def test_a_feature_s_crc_counts_only_if_it_says_so() -> None:
    with pytest.raises(BadBytes, match="CRC"):
        Feature.decode(bytes.fromhex("6E9E0116AFBE"))
    assert Feature.decode(bytes.fromhex("6E8E0116AFBE")).sample_type == 6


@given(UINT16, st.booleans())
def test_every_run_time_survives_encoding(hours: int, crc: bool) -> None:
    assert decode_run_time(encode_run_time(hours, crc), crc) == hours


@pytest.mark.parametrize(
    ("octets", "expected"),
    [
        ("1C0201", (28, b"\x02\x01")),
        ("1C02013C3B", (28, b"\x02\x01")),
        ("030B", (3, b"\x0b")),
        ("030A8A75", (3, b"\x0a")),
        ("090CF0", (9, b"\x0c\xf0")),
    ],
)
def test_the_ops_control_point_is_read_with_and_without_a_crc(
    octets: str, expected: tuple[int, bytes]
) -> None:
    assert decode_ops(bytes.fromhex(octets)) == expected


def test_a_wrong_crc_of_the_ops_control_point_is_seen() -> None:
    with pytest.raises(BadBytes):
        decode_ops(bytes.fromhex("1C0202A701"))


def test_an_ops_request_has_a_crc_if_the_sensor_wants_it() -> None:
    assert encode_ops(Op.GET_INTERVAL) == b"\x02"
    assert encode_ops(Op.GET_INTERVAL, crc=True) == with_crc(b"\x02", True)


@given(st.binary(max_size=20), st.none() | st.booleans())
def test_arbitrary_bytes_are_read_or_refused(data: bytes, crc: bool | None) -> None:
    for decode in (
        Measurement.decode,
        Status.decode,
        SessionStart.decode,
        decode_run_time,
        decode_ops,
        lambda data, _: Feature.decode(data),
        lambda data, _: list(records(data)),
    ):
        try:
            decode(data, crc)
        except BadBytes as bad:
            assert bad.reason in {"length", "checksum"}
