"""Bluetooth oximeters: saturation and pulse with everything that the device says against them."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.codecs.gatt import DeviceTime
from devices.codecs.ieee11073 import Number, decode_sfloat
from devices.codecs.plx_status import Measurement, Sensor, Status
from devices.codecs.pulse_oximeter import (
    Continuous,
    ContinuousCodec,
    FeaturesCodec,
    Saturation,
    SpotCheck,
    SpotCheckCodec,
    encode_features,
)
from devices.errors import BadBytes
from devices.model.observation import Instant, NoValue, Reading
from tests.support.captures import briefly

NOW = Instant(5_000_000_000)
GOOD = Saturation(Decimal(97), Decimal(61))
OCTET = st.integers(0, 255)
NUMBERS = st.binary(min_size=2, max_size=2).map(decode_sfloat)
PAIRS = st.builds(Saturation, NUMBERS, NUMBERS)
TIMES = st.builds(DeviceTime, st.integers(0, 65535), OCTET, OCTET, OCTET, OCTET, OCTET)
STATUSES = st.builds(
    Status,
    st.none() | st.integers(0, 0xFFFF).map(Measurement),
    st.none() | st.integers(0, 0xFFFFFF).map(Sensor),
    st.none() | NUMBERS,
)
CONTINUOUS = st.builds(Continuous, PAIRS, st.none() | PAIRS, st.none() | PAIRS, STATUSES)
SPOT_CHECKS = st.builds(SpotCheck, PAIRS, st.none() | TIMES, STATUSES, st.booleans())


def said(status: Status) -> list[object]:
    return briefly(ContinuousCodec().receive_data(Continuous(GOOD, status=status).encode(), NOW))


@given(CONTINUOUS)
def test_every_continuous_measurement_survives_encoding(value: Continuous) -> None:
    assert Continuous.decode(value.encode()) == value


@given(SPOT_CHECKS)
def test_every_spot_check_survives_encoding(value: SpotCheck) -> None:
    assert SpotCheck.decode(value.encode()) == value


@given(CONTINUOUS, SPOT_CHECKS)
def test_a_value_cut_short_is_refused(continuous: Continuous, spot_check: SpotCheck) -> None:
    for value in (continuous, spot_check):
        whole = value.encode()
        for length in range(len(whole)):
            with pytest.raises(BadBytes):
                type(value).decode(whole[:length])


@given(st.binary(max_size=30))
def test_arbitrary_bytes_never_raise_and_give_only_numbers_that_are_in_them(data: bytes) -> None:
    for codec in (ContinuousCodec(), SpotCheckCodec(), FeaturesCodec()):
        for one in codec.receive_data(data, NOW):
            if isinstance(one, Reading) and one.value is not None:
                assert one.value in {decode_sfloat(data[at : at + 2]) for at in range(len(data) - 1)}


@given(CONTINUOUS)
def test_fast_and_slow_averages_never_stand_in_for_the_normal_one(value: Continuous) -> None:
    alone = Continuous(value.normal, status=value.status)
    told = [briefly(ContinuousCodec().receive_data(one.encode(), NOW)) for one in (value, alone)]
    assert told[0] == told[1]


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        (NoValue.NOT_AVAILABLE, "NOT_AVAILABLE"),
        (NoValue.NOT_AT_THIS_RESOLUTION, "NOT_AT_THIS_RESOLUTION"),
        (NoValue.OVERFLOW, "OVERFLOW"),
        (NoValue.UNDERFLOW, "UNDERFLOW"),
        (NoValue.RESERVED, "RESERVED"),
    ],
)
def test_a_special_value_is_no_value_with_its_reason(number: Number, reason: str) -> None:
    told = ContinuousCodec().receive_data(Continuous(Saturation(number, Decimal(60))).encode(), NOW)
    assert briefly(told) == [["spo2", reason], ["pr_spo2", "60"]]


@pytest.mark.parametrize(
    ("measurement", "quality"),
    [
        (Measurement.EARLY_ESTIMATE, "QUESTIONABLE"),
        (Measurement.FROM_STORAGE, "STORED"),
        (Measurement.DEMONSTRATION, "TEST_DATA"),
        (Measurement.TESTING, "TEST_DATA"),
        (Measurement.CALIBRATION_ONGOING, "QUESTIONABLE"),
        (Measurement.QUESTIONABLE, "QUESTIONABLE"),
        (Measurement.QUESTIONABLE | Measurement.FROM_STORAGE, "QUESTIONABLE|STORED"),
    ],
)
def test_what_is_said_against_a_measurement_becomes_its_quality(
    measurement: Measurement, quality: str
) -> None:
    assert said(Status(measurement)) == [["spo2", "97", quality], ["pr_spo2", "61", quality]]


@pytest.mark.parametrize(
    "measurement", [Measurement.ONGOING, Measurement.VALIDATED, Measurement.FULLY_QUALIFIED, Measurement(31)]
)
def test_what_is_not_against_a_measurement_leaves_it_good(measurement: Measurement) -> None:
    assert said(Status(measurement)) == [["spo2", "97"], ["pr_spo2", "61"]]


@pytest.mark.parametrize("measurement", [Measurement.UNAVAILABLE, Measurement.INVALID])
def test_an_invalid_measurement_has_no_value(measurement: Measurement) -> None:
    assert said(Status(measurement)) == [["spo2", "NOT_AVAILABLE"], ["pr_spo2", "NOT_AVAILABLE"]]


@pytest.mark.parametrize(
    ("sensor", "name"),
    [(Sensor.SENSOR_OFF_USER, "sensor-off-user"), (Sensor.SENSOR_DISCONNECTED, "sensor-disconnected")],
)
def test_a_sensor_that_is_off_gives_no_value(sensor: Sensor, name: str) -> None:
    assert said(Status(sensor=sensor, amplitude_index=Decimal(2))) == [
        ["status", {name: 1}],
        ["spo2", "SENSOR_OFF"],
        ["pr_spo2", "SENSOR_OFF"],
        ["pi", "SENSOR_OFF"],
    ]


@pytest.mark.parametrize(
    ("sensor", "name", "quality"),
    [
        (Sensor.LOW_PERFUSION, "low-perfusion", "LOW_PERFUSION"),
        (Sensor.ERRATIC_SIGNAL, "erratic-signal", "ARTIFACT"),
        (Sensor.SENSOR_MALFUNCTION, "sensor-malfunction", "SENSOR_ALARM"),
        (Sensor.POOR_SIGNAL, "poor-signal", "QUESTIONABLE"),
    ],
)
def test_a_condition_of_the_sensor_is_told_and_flags_the_values(
    sensor: Sensor, name: str, quality: str
) -> None:
    assert said(Status(sensor=sensor)) == [
        ["status", {name: 1}],
        ["spo2", "97", quality],
        ["pr_spo2", "61", quality],
    ]


def test_a_condition_is_told_when_it_begins_and_when_it_ends_only() -> None:
    codec = ContinuousCodec()
    states = [Sensor.LOW_PERFUSION, Sensor.LOW_PERFUSION, Sensor(0)]
    values = [Continuous(GOOD, status=Status(sensor=state)) for state in states]
    told = [briefly(codec.receive_data(value.encode(), NOW))[0] for value in values]
    assert told == [
        ["status", {"low-perfusion": 1}],
        ["spo2", "97", "LOW_PERFUSION"],
        ["status", {"low-perfusion": 0}],
    ]


def test_reserved_bits_of_the_sensor_status_say_nothing() -> None:
    assert said(Status(sensor=Sensor(0xFF0000))) == [["spo2", "97"], ["pr_spo2", "61"]]


def test_the_amplitude_index_is_the_perfusion_index() -> None:
    assert said(Status(amplitude_index=Decimal("3.5")))[-1] == ["pi", "3.5"]


def test_a_spot_check_from_memory_is_stored_and_keeps_the_device_s_time() -> None:
    value = SpotCheck(GOOD, DeviceTime(2024, 5, 6, 7, 8, 9), Status(Measurement.FROM_STORAGE))
    assert briefly(SpotCheckCodec().receive_data(value.encode(), NOW)) == [
        ["device-clock", {"time": "2024-05-06T07:08:09", "set": 1}],
        ["spo2", "97", "STORED"],
        ["pr_spo2", "61", "STORED"],
    ]


def test_a_condition_of_a_spot_check_ends_with_it() -> None:
    value = SpotCheck(GOOD, status=Status(sensor=Sensor.POOR_SIGNAL))
    told = briefly(SpotCheckCodec().receive_data(value.encode(), NOW))
    assert (told[0], told[-1]) == (["status", {"poor-signal": 1}], ["status", {"poor-signal": 0}])


def test_octets_of_a_later_version_are_left_unread() -> None:
    assert Continuous.decode(Continuous(GOOD).encode() + b"\xff\xff") == Continuous(GOOD)


def test_features_are_named() -> None:
    names = "measurement-status,sensor-status,time,amplitude-index"
    told = FeaturesCodec().receive_data(encode_features(names) + b"\0" * 5, NOW)
    assert briefly(told) == [["identity", {"features": names}]]
