"""Bluetooth oximeters: saturation and pulse with everything that the device says against them."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.codecs import Codec, Host, JournalledCodec
from devices.codecs.current_time import CURRENT_TIME, CurrentTime
from devices.codecs.device_clock import device_time
from devices.codecs.gatt import DeviceTime
from devices.codecs.ieee11073 import Number, decode_sfloat
from devices.codecs.plx_status import Measurement, Sensor, Status
from devices.codecs.pulse_oximeter import (
    SPOT_CHECK,
    Continuous,
    ContinuousCodec,
    FeaturesCodec,
    Saturation,
    SpotCheck,
    encode_features,
    linked,
)
from devices.codecs.racp import RACP
from devices.errors import BadBytes
from devices.model.observation import Instant, NoValue, Reading, later
from tests.support.captures import briefly

NOW = Instant(5_000_000_000)
LOCAL = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
REPORT_ALL, SUCCESS, NO_RECORDS = b"\x01\x01", b"\x06\x00\x01\x01", b"\x06\x00\x01\x06"
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


def host(memory: dict[str, int] | None = None) -> Host:
    return Host(
        lambda at: LOCAL + timedelta(microseconds=(at - NOW) / 1000), {} if memory is None else memory
    )


def time(**ago: float) -> DeviceTime:
    return device_time((LOCAL - timedelta(**ago)).replace(tzinfo=None))


def spot_checks() -> Codec:
    return linked(host())[SPOT_CHECK]


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
    for codec in (ContinuousCodec(), spot_checks(), FeaturesCodec()):
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


def test_a_spot_check_of_this_moment_is_new() -> None:
    value = SpotCheck(GOOD, time(), Status(Measurement.VALIDATED))
    assert briefly(spot_checks().receive_data(value.encode(), NOW)) == [
        ["device-clock", {"time": "2026-03-01T12:00:00", "set": 1}],
        ["spo2", "97"],
        ["pr_spo2", "61"],
    ]


@pytest.mark.parametrize("status", [Measurement.FROM_STORAGE, Measurement.VALIDATED])
def test_an_old_spot_check_is_stored_and_has_the_instant_at_which_it_was_measured(
    status: Measurement,
) -> None:
    told = spot_checks().receive_data(SpotCheck(GOOD, time(hours=2), Status(status)).encode(), NOW)
    assert {one.at for one in told} == {later(NOW, -7200)}
    assert briefly(told) == [
        ["device-clock", {"time": "2026-03-01T10:00:00", "set": 1}],
        ["spo2", "97", "STORED"],
        ["pr_spo2", "61", "STORED"],
    ]


def test_a_spot_check_by_a_clock_that_is_not_set_is_questionable() -> None:
    value = SpotCheck(GOOD, time(), clock_is_set=False)
    assert briefly(spot_checks().receive_data(value.encode(), NOW))[1:] == [
        ["spo2", "97", "QUESTIONABLE"],
        ["pr_spo2", "61", "QUESTIONABLE"],
    ]


def test_a_spot_check_without_a_time_is_stored_if_it_says_so() -> None:
    value = SpotCheck(GOOD, status=Status(Measurement.FROM_STORAGE))
    assert briefly(spot_checks().receive_data(value.encode(), NOW))[0] == ["spo2", "97", "STORED"]


def test_a_spot_check_without_a_time_is_not_now_while_stored_ones_come() -> None:
    codecs = linked(host())
    values = [codecs[SPOT_CHECK].receive_data(SpotCheck(GOOD).encode(), NOW)]
    assert codecs[RACP].data_to_send() == REPORT_ALL
    values.append(codecs[SPOT_CHECK].receive_data(SpotCheck(GOOD).encode(), NOW))
    codecs[RACP].receive_data(SUCCESS, NOW)
    values.append(codecs[SPOT_CHECK].receive_data(SpotCheck(GOOD).encode(), NOW))
    assert [briefly(told)[0] for told in values] == [
        ["spo2", "97"],
        ["spo2", "97", "QUESTIONABLE|STORED"],
        ["spo2", "97"],
    ]


def test_a_spot_check_by_a_clock_that_is_not_set_is_not_now_while_stored_ones_come() -> None:
    codecs = linked(host())
    codecs[RACP].data_to_send()
    told = codecs[SPOT_CHECK].receive_data(SpotCheck(GOOD, time(), clock_is_set=False).encode(), NOW)
    assert briefly(told)[1] == ["spo2", "97", "QUESTIONABLE|STORED"]


def test_a_spot_check_that_was_heard_new_does_not_come_again_from_storage() -> None:
    codecs = linked(host())
    new, stored = (
        SpotCheck(GOOD, time(), Status(Measurement.VALIDATED | storage))
        for storage in (Measurement(0), Measurement.FROM_STORAGE)
    )
    assert len(codecs[SPOT_CHECK].receive_data(new.encode(), NOW)) == 3
    assert codecs[SPOT_CHECK].receive_data(stored.encode(), NOW) == []


def test_a_condition_of_a_spot_check_ends_with_it() -> None:
    value = SpotCheck(GOOD, status=Status(sensor=Sensor.POOR_SIGNAL))
    told = briefly(spot_checks().receive_data(value.encode(), NOW))
    assert (told[0], told[-1]) == (["status", {"poor-signal": 1}], ["status", {"poor-signal": 0}])


def connection(memory: dict[str, int], stored: list[SpotCheck], cut: int | None = None) -> list[Instant]:
    """The instants of the saturations that one connection hands out, lost after `cut` values."""
    codecs, came = linked(host(memory)), list[Instant]()
    spot_check, control = codecs[SPOT_CHECK], codecs[RACP]
    assert control.data_to_send() == REPORT_ALL
    values = [(spot_check, one.encode()) for one in stored] + [(control, SUCCESS if stored else NO_RECORDS)]
    for codec, data in values[:cut]:
        told = codec.receive_data(data, NOW)
        came += [one.at for one in told if isinstance(one, Reading) and one.metric == "spo2"]
        assert isinstance(codec, JournalledCodec)
        if codec.awaits_journal():
            codec.journalled(NOW)
    return came


@pytest.mark.parametrize("cut", [*range(5), None])
def test_stored_spot_checks_come_once_though_all_are_sent_at_each_connection(cut: int | None) -> None:
    memory: dict[str, int] = {}
    stored = [SpotCheck(GOOD, time(hours=ago)) for ago in (9, 8, 7)]
    first = connection(memory, stored, cut)
    remembered = set(first) if memory else set[Instant]()
    stored = [*stored[1:], SpotCheck(GOOD, time(hours=3))]
    second = connection(memory, stored)
    assert remembered.isdisjoint(second)
    assert {*first, *second} >= {later(NOW, -3600 * ago) for ago in (8, 7, 3)}
    assert connection(memory, stored) == []
    assert connection(memory, []) == []
    assert memory == {}


def test_equal_spot_checks_that_nothing_tells_apart_all_come() -> None:
    unset = SpotCheck(GOOD, time(), clock_is_set=False)
    assert len(connection({}, [SpotCheck(GOOD), SpotCheck(GOOD), unset, unset])) == 4


def test_the_clock_of_an_oximeter_is_read_and_set() -> None:
    codecs = linked(host())
    clock = codecs[CURRENT_TIME]
    assert briefly(clock.receive_data(CurrentTime(time(hours=1)).encode(), NOW))[0][0] == "device-clock"
    assert CurrentTime.decode(clock.data_to_send()).time == time()


def test_octets_of_a_later_version_are_left_unread() -> None:
    assert Continuous.decode(Continuous(GOOD).encode() + b"\xff\xff") == Continuous(GOOD)


def test_features_are_named() -> None:
    names = "measurement-status,sensor-status,time,amplitude-index"
    told = FeaturesCodec().receive_data(encode_features(names) + b"\0" * 5, NOW)
    assert briefly(told) == [["identity", {"features": names}]]
