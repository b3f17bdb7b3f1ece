"""Blood pressure monitors: what they measured, when, what they say against it, and the cuff meanwhile."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.codecs import Host
from devices.codecs.blood_pressure import (
    ABOVE,
    BELOW,
    IRREGULAR,
    LOOSE,
    MOVEMENT,
    POSITION,
    BloodPressure,
    BloodPressureCodec,
    CuffPressureCodec,
    FeatureCodec,
    encode_feature,
)
from devices.codecs.device_clock import DeviceClock, device_time
from devices.codecs.gatt import DeviceTime
from devices.codecs.ieee11073 import Number, decode_sfloat
from devices.errors import BadBytes
from devices.model.observation import DeviceEvent, EventKind, Instant, NoValue, Quality, Reading, later
from tests.support.captures import briefly

NOW = Instant(7_200_000_000_000)
LOCAL = datetime(2026, 3, 1, 12, 0)  # noqa: DTZ001 - devices tell no zone
NAN = NoValue.NOT_AVAILABLE
OCTET = st.integers(0, 255)
NUMBERS = st.binary(min_size=2, max_size=2).map(decode_sfloat)
TIMES = st.builds(DeviceTime, st.integers(0, 65535), OCTET, OCTET, OCTET, OCTET, OCTET)
VALUES = st.builds(
    BloodPressure,
    NUMBERS,
    NUMBERS,
    NUMBERS,
    st.booleans(),
    st.none() | TIMES,
    st.none() | NUMBERS,
    st.none() | OCTET,
    st.none() | st.integers(0, 65535),
)
FEATURES = ("body-movement", "cuff-fit", "irregular-pulse", "pulse-rate-range", "position")


def local_time(at: Instant) -> datetime:
    return LOCAL.replace(tzinfo=UTC) + timedelta(microseconds=(at - NOW) / 1000)


def value(systolic: int, diastolic: int, mean: int, **more: object) -> BloodPressure:
    return BloodPressure(Decimal(systolic), Decimal(diastolic), Decimal(mean), **more)  # type: ignore[arg-type]


def said(one: BloodPressure) -> list[object]:
    return briefly(BloodPressureCodec().receive_data(one.encode(), NOW))


@given(VALUES)
def test_every_measurement_survives_encoding(one: BloodPressure) -> None:
    assert BloodPressure.decode(one.encode()) == one


@given(VALUES)
def test_a_measurement_cut_short_is_refused(one: BloodPressure) -> None:
    whole = one.encode()
    for length in range(len(whole)):
        with pytest.raises(BadBytes):
            BloodPressure.decode(whole[:length])


@given(VALUES, st.binary(min_size=1, max_size=4), st.sampled_from([0, 0x20, 0x40, 0x80, 0xE0]))
def test_reserved_flags_and_octets_that_follow_change_nothing(
    one: BloodPressure, more: bytes, reserved: int
) -> None:
    whole = one.encode()
    assert BloodPressure.decode(bytes((whole[0] | reserved,)) + whole[1:] + more) == one


@given(st.binary(max_size=24))
def test_arbitrary_bytes_never_raise_and_no_number_is_invented(data: bytes) -> None:
    for codec in (BloodPressureCodec(), BloodPressureCodec(beurer=True), CuffPressureCodec(), FeatureCodec()):
        for one in codec.receive_data(data, NOW):
            assert isinstance(one, DeviceEvent) or one.quality >= Quality.GOOD
            assert len(data) >= 7 or not isinstance(one, Reading)


def test_a_value_that_is_too_short_is_counted() -> None:
    assert briefly(BloodPressureCodec().receive_data(b"\x00\x78\x00", NOW)) == [["bad-bytes", {"length": 1}]]


@pytest.mark.parametrize(
    ("kilopascal", "mmhg"), [("16.0", "120.010"), ("10.7", "80.257"), ("12.4", "93.008"), ("16", "120.01")]
)
def test_kilopascals_become_millimetres_of_mercury(kilopascal: str, mmhg: str) -> None:
    one = BloodPressure(Decimal(kilopascal), kilopascal=True)
    assert said(one)[0] == ["nibp_sys", mmhg]


@pytest.mark.parametrize("special", [NAN, NoValue.OVERFLOW, NoValue.NOT_AT_THIS_RESOLUTION])
def test_a_special_value_is_no_value_with_its_reason(special: Number) -> None:
    assert said(BloodPressure(Decimal(120), special, Decimal(95))) == [
        ["nibp_sys", "120"],
        ["nibp_dia", special.name],  # type: ignore[union-attr]
        ["nibp_map", "95"],
    ]


def test_a_pressure_or_a_rate_of_zero_is_no_value() -> None:
    assert said(value(120, 80, 0, pulse_rate=Decimal(0)))[2:] == [
        ["nibp_map", "NOT_AVAILABLE"],
        ["pr_nibp", "NOT_AVAILABLE"],
    ]


def test_nothing_measured_and_a_status_that_says_why_is_a_failure() -> None:
    assert said(BloodPressure(NAN, pulse_rate=NAN, status=LOOSE)) == [
        ["status", {"cuff-too-loose": 1}],
        ["nibp_sys", "FAILED", "QUESTIONABLE"],
        ["nibp_dia", "FAILED", "QUESTIONABLE"],
        ["nibp_map", "FAILED", "QUESTIONABLE"],
        ["pr_nibp", "NOT_AVAILABLE", "QUESTIONABLE"],
        ["status", {"cuff-too-loose": 0}],
    ]


def test_a_mean_that_was_not_measured_is_no_failure_whatever_the_status_says() -> None:
    one = BloodPressure(Decimal(120), Decimal(80), NAN, status=IRREGULAR)
    assert ["nibp_map", "NOT_AVAILABLE", "QUESTIONABLE"] in said(one)


@pytest.mark.parametrize(
    ("status", "names", "quality"),
    [
        (0, [], None),
        (MOVEMENT, ["body-movement"], "ARTIFACT"),
        (LOOSE, ["cuff-too-loose"], "QUESTIONABLE"),
        (IRREGULAR, ["irregular-pulse"], "QUESTIONABLE"),
        (ABOVE, ["pulse-rate-above-range"], "QUESTIONABLE"),
        (BELOW, ["pulse-rate-below-range"], "QUESTIONABLE"),
        (ABOVE | BELOW, [], None),
        (POSITION, ["improper-position"], "QUESTIONABLE"),
        (0xFFC0, [], None),
        (MOVEMENT | POSITION, ["body-movement", "improper-position"], "ARTIFACT|QUESTIONABLE"),
    ],
)
def test_the_status_begins_before_the_readings_ends_after_them_and_marks_them(
    status: int, names: list[str], quality: str | None
) -> None:
    told = said(value(120, 80, 93, status=status))
    assert told[: len(names)] == [["status", {name: 1}] for name in names]
    assert told[len(told) - len(names) :] == [["status", {name: 0}] for name in names]
    assert told[len(names)] == ["nibp_sys", "120", *([quality] if quality else [])]


def test_the_device_s_user_is_kept_unless_it_is_not_known() -> None:
    assert said(value(120, 80, 93, user=2))[-1] == [
        "unmapped",
        {"code": "user-id", "system": "bluetooth", "value": "2"},
    ]
    assert said(value(120, 80, 93, user=255))[-1] == ["nibp_map", "93"]


def test_an_old_measurement_is_stored_and_all_that_is_said_of_it_has_its_instant() -> None:
    codec = BloodPressureCodec(DeviceClock(Host(local_time)))
    time = device_time(LOCAL - timedelta(minutes=30))
    told = codec.receive_data(value(120, 80, 93, time=time, user=1, status=IRREGULAR).encode(), NOW)
    assert {one.at for one in told} == {later(NOW, -1800)}
    readings = [one for one in told if isinstance(one, Reading)]
    assert all(Quality.STORED in one.quality for one in readings)
    assert len(readings) == 3
    assert briefly(told)[0] == ["device-clock", {"time": "2026-03-01T11:30:00", "set": 1}]


def test_a_measurement_of_this_moment_has_nothing_against_it() -> None:
    codec = BloodPressureCodec(DeviceClock(Host(local_time)))
    told = codec.receive_data(value(120, 80, 93, time=device_time(LOCAL)).encode(), NOW)
    assert briefly(told)[1:] == [["nibp_sys", "120"], ["nibp_dia", "80"], ["nibp_map", "93"]]


def test_beurer_s_pulse_rate_and_status_have_the_high_byte_first() -> None:
    data = bytes.fromhex("56 76 00 50 00 00 00 EA 07 08 0B 14 1B 00 00 3C 00 00 04")
    one = BloodPressure.decode(data, beurer=True)
    assert (one.systolic, one.pulse_rate, one.user, one.status) == (118, 60, 0, IRREGULAR)


@pytest.mark.parametrize(
    "data",
    [
        "56 76 00 50 00 00 00 EA 07 08 0B 14 1B 00 3C 00 04 00",  # as the specification has it
        "5E 76 00 50 00 00 00 EA 07 08 0B 14 1B 00 3C 00 01 04 00",  # with its user
        "5E 76 00 50 00 00 00 EA 07 08 0B 14 1B 00 00 3C 01 00 04",  # high byte first, with its user
    ],
)
def test_a_beurer_that_keeps_to_the_specification_is_read_by_it(data: str) -> None:
    one = BloodPressure.decode(bytes.fromhex(data), beurer=True)
    assert (one.systolic, one.pulse_rate, one.status) == (118, 60, IRREGULAR)
    assert one.user == (1 if data.startswith("5E") else None)


@pytest.mark.parametrize("rate", [30, 63, 128, 240, 255])
def test_every_rate_of_a_beurer_is_read_in_either_order(rate: int) -> None:
    one = value(118, 80, 0, pulse_rate=Decimal(rate))
    plain = one.encode()
    swapped = plain[:-2] + plain[:-3:-1]
    assert BloodPressure.decode(plain, beurer=True) == BloodPressure.decode(swapped, beurer=True) == one


def test_a_beurer_s_failed_measurement_has_no_rate_in_either_order() -> None:
    for octets in ("FF07", "07FF", "0000"):
        data = bytes.fromhex("04 FF07 FF07 FF07" + octets)
        told = briefly(BloodPressureCodec(beurer=True).receive_data(data, NOW))
        assert told[-1] == ["pr_nibp", "NOT_AVAILABLE"]


def test_the_cuff_s_pressure_is_told_while_it_measures_and_its_end_is_noticed() -> None:
    codec = CuffPressureCodec()
    told = codec.receive_data(BloodPressure(Decimal(0)).encode(), NOW)
    told += codec.receive_data(BloodPressure(Decimal(154)).encode(), later(NOW, 1))
    assert briefly(told) == [["status", {"measuring": 1}], ["cuff_pressure", "0"], ["cuff_pressure", "154"]]
    end = later(NOW, 1 + CuffPressureCodec.QUIET_S)
    assert codec.next_timer() == end
    assert codec.handle_timer(later(NOW, 2)) == []
    assert briefly(codec.handle_timer(end)) == [["status", {"measuring": 0}]]
    assert codec.next_timer() is None


def test_a_cuff_s_pressure_in_kilopascals_is_converted() -> None:
    told = CuffPressureCodec().receive_data(BloodPressure(Decimal("16.0"), kilopascal=True).encode(), NOW)
    assert briefly(told)[-1] == ["cuff_pressure", "120.010"]


def test_what_goes_wrong_while_it_measures_is_a_condition() -> None:
    told = CuffPressureCodec().receive_data(BloodPressure(Decimal(90), status=MOVEMENT).encode(), NOW)
    assert briefly(told) == [
        ["status", {"body-movement": 1}],
        ["status", {"measuring": 1}],
        ["cuff_pressure", "90", "ARTIFACT"],
    ]


@given(st.sets(st.sampled_from(FEATURES)))
def test_the_features_are_named(names: set[str]) -> None:
    text = ",".join(name for name in FEATURES if name in names)
    told = FeatureCodec().receive_data(encode_feature(text), NOW)
    assert briefly(told) == [[EventKind.IDENTITY, {"features": text}]]
