"""Continuous glucose monitors: every record at its own time, whatever calendar the sensor keeps."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.codecs import Codec, Host, JournalledCodec, Said
from devices.codecs.cgm import (
    FEATURE,
    MEASUREMENT,
    OPS_CONTROL,
    SESSION_RUN_TIME,
    SESSION_START,
    STATUS,
    linked,
)
from devices.codecs.cgm_values import (
    FEATURES,
    Annunciation,
    Feature,
    Measurement,
    SessionStart,
    Status,
    encode_run_time,
)
from devices.codecs.device_clock import device_time
from devices.codecs.gatt import DeviceTime
from devices.codecs.racp import RACP
from devices.model.observation import Instant, NoValue, Quality, Reading, later
from tests.support.captures import briefly

NOW = Instant(7_200_000_000_000)
LOCAL = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
SUCCESS, NO_RECORDS, REPORT_ALL = b"\x06\x00\x01\x01", b"\x06\x00\x01\x06", b"\x01\x01"
CRC = 1 << FEATURES.index("e2e-crc")
NO_STATUS = Annunciation(0)


def host(memory: dict[str, int] | None = None) -> Host:
    return Host(
        lambda at: LOCAL + timedelta(microseconds=(at - NOW) / 1000), {} if memory is None else memory
    )


def sensor(
    *,
    age_min: int | None = 600,
    sample_type: int = 9,
    start: DeviceTime | None = None,
    memory: dict[str, int] | None = None,
) -> dict[str, Codec]:
    """The codecs of a sensor whose feature, status (if it has one) and session start were read."""
    codecs = dict(linked(host(memory)))
    codecs[FEATURE].receive_data(Feature(CRC, sample_type, 5).encode(), NOW)
    if age_min is not None:
        codecs[STATUS].receive_data(Status(age_min, NO_STATUS).encode(crc=True), NOW)
    began = start or device_time((LOCAL - timedelta(minutes=600)).replace(tzinfo=None))
    codecs[SESSION_START].receive_data(SessionStart(began).encode(crc=True), NOW)
    return codecs


def record(
    offset: int, value: int = 110, status: Annunciation = NO_STATUS, trend: str | None = None
) -> bytes:
    told = None if trend is None else Decimal(trend)
    return Measurement(Decimal(value), offset, status, told).encode(crc=True)


def heard(codecs: dict[str, Codec], data: bytes, at: Instant = NOW) -> list[Said]:
    return codecs[MEASUREMENT].receive_data(data, at)


def readings(said: list[Said]) -> list[Reading]:
    return [one for one in said if isinstance(one, Reading)]


def done(codecs: dict[str, Codec]) -> None:
    codecs[RACP].data_to_send()
    codecs[RACP].receive_data(NO_RECORDS, NOW)


def test_a_record_of_this_moment_is_new() -> None:
    assert briefly(heard(sensor(), record(600, trend="1.5"))) == [
        ["device-clock", {"time": "2026-03-01T12:00:00", "set": 1}],
        ["glucose_isf", "110"],
        ["glucose_trend", "1.5"],
    ]


@pytest.mark.parametrize("start", [None, DeviceTime(0, 0, 0, 0, 0, 0), DeviceTime(2001, 1, 1, 1, 1, 1)])
def test_the_age_of_the_session_places_a_record_whatever_calendar_the_sensor_keeps(
    start: DeviceTime | None,
) -> None:
    (reading,) = readings(heard(sensor(start=start), record(570)))
    assert (reading.at, reading.quality) == (later(NOW, -1800), Quality.STORED)


def test_without_an_age_the_session_s_start_places_a_record() -> None:
    (reading,) = readings(heard(sensor(age_min=None), record(570)))
    assert (reading.at, reading.quality) == (later(NOW, -1800), Quality.STORED)


def test_without_either_a_record_is_questionable() -> None:
    (reading,) = readings(heard(sensor(age_min=None, start=DeviceTime(0, 0, 0, 0, 0, 0)), record(570)))
    assert (reading.at, reading.quality) == (NOW, Quality.QUESTIONABLE)


def test_a_record_from_the_future_is_questionable() -> None:
    (reading,) = readings(heard(sensor(), record(700)))
    assert (reading.at, reading.quality) == (NOW, Quality.QUESTIONABLE)


def test_records_that_come_of_themselves_stay_new_for_days() -> None:
    codecs = sensor()
    done(codecs)
    for minutes in range(1, 4000, 5):
        at = later(NOW, 60 * minutes + 30)
        (reading,) = readings(heard(codecs, record(600 + minutes), at))
        assert (reading.at, reading.quality) == (at, Quality.GOOD)


def test_a_session_that_begins_anew_while_connected_is_questionable() -> None:
    codecs = sensor()
    done(codecs)
    heard(codecs, record(600))
    said = heard(codecs, record(1), later(NOW, 120))
    assert [(one.at, one.quality) for one in readings(said)] == [(later(NOW, 120), Quality.QUESTIONABLE)]
    assert [one[0] for one in briefly(said)] == ["glucose_isf"]


@pytest.mark.parametrize("sample_type", range(16))
def test_the_sample_s_type_chooses_the_metric(sample_type: int) -> None:
    (reading,) = readings(heard(sensor(sample_type=sample_type), record(600)))
    assert reading.metric == ("glucose_isf" if sample_type in (0, 9) else "glucose")
    assert bool(reading.quality & Quality.TEST_DATA) == (sample_type == 10)


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (Annunciation.RESULT_TOO_HIGH, NoValue.OVERFLOW),
        (Annunciation.RESULT_TOO_LOW, NoValue.UNDERFLOW),
    ],
)
def test_what_the_sensor_cannot_process_has_no_value(status: Annunciation, reason: NoValue) -> None:
    (reading,) = readings(heard(sensor(), record(600, status=status)))
    assert (reading.value, reading.reason) == (None, reason)


def test_a_sensor_that_is_both_too_high_and_too_low_is_questionable() -> None:
    both = Annunciation.RESULT_TOO_HIGH | Annunciation.RESULT_TOO_LOW
    (reading,) = readings(heard(sensor(), record(600, status=both)))
    assert (reading.value, reading.quality) == (Decimal(110), Quality.QUESTIONABLE)


@pytest.mark.parametrize(
    ("status", "quality"),
    [
        (Annunciation.SENSOR_MALFUNCTION, Quality.SENSOR_ALARM),
        (Annunciation.DEVICE_FAULT, Quality.SENSOR_ALARM),
        (Annunciation.SESSION_STOPPED, Quality.QUESTIONABLE),
        (Annunciation.CALIBRATION_REQUIRED, Quality.QUESTIONABLE),
        (Annunciation.DEVICE_BATTERY_LOW, Quality.GOOD),
        (Annunciation.BELOW_HYPO, Quality.GOOD),
    ],
)
def test_an_annunciation_is_told_and_judges_the_value(status: Annunciation, quality: Quality) -> None:
    said = heard(sensor(), record(600, status=status))
    name = (status.name or "").lower().replace("_", "-")
    assert briefly(said)[1] == ["status", {name: 1}]
    assert readings(said)[0].quality == quality


def test_a_value_of_zero_is_none() -> None:
    (reading,) = readings(heard(sensor(), record(600, value=0)))
    assert reading.reason is NoValue.INVALID


def test_conditions_of_stored_records_end_with_them_and_leave_those_of_now_alone() -> None:
    codecs = sensor()
    low = Annunciation.DEVICE_BATTERY_LOW
    now = briefly(codecs[STATUS].receive_data(Status(600, low).encode(crc=True), NOW))
    past = heard(codecs, record(500, status=Annunciation.BELOW_HYPO) + record(505))
    last = heard(codecs, record(510, status=Annunciation.BELOW_HYPO))
    ended = codecs[RACP].receive_data(SUCCESS, NOW)
    assert now == [["status", {"device-battery-low": 1}]]
    told = [[one, said.at] for said in [*past, *last, *ended] if (one := briefly([said])[0])[0] == "status"]
    assert told == [
        [["status", {"below-hypo": 1}], later(NOW, -6000)],
        [["status", {"below-hypo": 0}], later(NOW, -5700)],
        [["status", {"below-hypo": 1}], later(NOW, -5400)],
        [["status", {"below-hypo": 0}], later(NOW, -5400)],
    ]
    assert briefly(heard(codecs, record(600)))[1] == ["status", {"device-battery-low": 0}]


def test_the_sensor_s_quality_is_told_when_it_changes() -> None:
    codecs = sensor()
    values = [Measurement(Decimal(110), n, quality=Decimal(q)) for n, q in ((598, 90), (599, 90), (600, 80))]
    said = [one for value in values for one in briefly(heard(codecs, value.encode(crc=True)))]
    assert [one[1]["value"] for one in said if one[0] == "unmapped"] == ["90", "80"]


def test_a_damaged_record_costs_no_other_one_of_its_notification() -> None:
    damaged = bytearray(record(599))
    damaged[3] ^= 1
    said = heard(sensor(), record(598) + bytes(damaged) + record(600))
    assert len(readings(said)) == 2
    assert briefly(said)[-1] == ["bad-bytes", {"checksum": 1}]


@pytest.mark.parametrize("damaged", [record(599)[:-1], record(599)[:3] + b"\xff" + record(599)[4:]])
def test_a_damaged_record_of_itself_is_asked_for(damaged: bytes) -> None:
    codecs = sensor(memory={})
    done(codecs)
    heard(codecs, record(598))
    codec = codecs[MEASUREMENT]
    assert isinstance(codec, JournalledCodec)
    codec.journalled(NOW)
    heard(codecs, damaged)
    assert codecs[RACP].data_to_send() == bytes.fromhex("0103015602")
    again = [readings(heard(codecs, record(offset))) for offset in (598, 599)]
    assert [len(told) for told in again] == [0, 1]
    codecs[RACP].receive_data(SUCCESS, NOW)
    assert codecs[RACP].data_to_send() == b""


def test_records_are_asked_for_once_the_session_is_known() -> None:
    codecs = dict(linked(host()))
    assert codecs[RACP].data_to_send() == b""
    codecs[SESSION_START].receive_data(SessionStart(DeviceTime(2026, 3, 1, 1, 0, 0)).encode(), NOW)
    assert codecs[RACP].data_to_send() == REPORT_ALL


def connection(memory: dict[str, int], start: DeviceTime, stored: range) -> tuple[list[int], list[bytes]]:
    """What one connection hands out of records whose values are their offsets, and what was asked."""
    codecs, asked, came = sensor(start=start, memory=memory), list[bytes](), list[int]()
    while request := codecs[RACP].data_to_send():
        asked.append(request)
        least = int.from_bytes(request[3:], "little")
        wanted = [offset for offset in stored if offset >= least]
        came += [int(one.value or 0) for n in wanted for one in readings(heard(codecs, record(n, value=n)))]
        codecs[RACP].receive_data(SUCCESS if wanted else NO_RECORDS, NOW)
    control = codecs[RACP]
    assert isinstance(control, JournalledCodec)
    control.journalled(NOW)
    return came, asked


def test_a_session_is_read_on_from_where_it_was_and_another_one_from_its_beginning() -> None:
    memory: dict[str, int] = {}
    first, second = DeviceTime(2026, 3, 1, 2, 0, 0), DeviceTime(2026, 3, 15, 2, 0, 0)
    assert connection(memory, first, range(10, 60, 10)) == ([10, 20, 30, 40, 50], [REPORT_ALL])
    assert connection(memory, first, range(10, 80, 10)) == ([60, 70], [bytes.fromhex("0103013200")])
    came, asked = connection(memory, second, range(10, 90, 10))
    assert sorted(came) == list(range(10, 90, 10))
    assert asked == [bytes.fromhex("0103014600"), REPORT_ALL]
    assert connection(memory, second, range(10, 90, 10))[0] == []


def test_records_of_themselves_are_remembered_as_they_come() -> None:
    memory: dict[str, int] = {}
    codecs = sensor(memory=memory)
    done(codecs)
    codec = codecs[MEASUREMENT]
    assert isinstance(codec, JournalledCodec)
    heard(codecs, record(601))
    assert codec.awaits_journal()
    codec.journalled(NOW)
    assert memory["cgm-number"] == 601


def test_the_sensor_is_asked_how_often_it_reports_with_a_crc_if_it_has_one() -> None:
    codecs = dict(linked(host()))
    ops = codecs[OPS_CONTROL]
    assert ops.data_to_send() == b""
    codecs[FEATURE].receive_data(Feature(CRC, 9, 5).encode(), NOW)
    assert ops.data_to_send()[:1] == b"\x02"
    assert ops.data_to_send() == b""
    assert briefly(ops.receive_data(bytes.fromhex("030A8A75"), NOW)) == [
        ["identity", {"communication-interval-min": 10}]
    ]


def test_a_sensor_that_does_not_report_of_itself_is_told_of() -> None:
    ops = linked(host())[OPS_CONTROL]
    assert briefly(ops.receive_data(b"\x03\x00", NOW))[1:] == [["status", {"periodic-reports-off": 1}]]
    assert briefly(ops.receive_data(b"\x03\x05", NOW))[1:] == [["status", {"periodic-reports-off": 0}]]


@pytest.mark.parametrize(("result", "answer"), [(2, "op-code-not-supported"), (9, "reserved-9")])
def test_a_refusal_of_the_ops_control_point_is_told(result: int, answer: str) -> None:
    said = linked(host())[OPS_CONTROL].receive_data(bytes((28, 2, result)), NOW)
    assert briefly(said) == [["refused", {"command": "get-communication-interval", "answer": answer}]]


def test_feature_and_run_time_are_identity() -> None:
    codecs = linked(host())
    assert briefly(codecs[FEATURE].receive_data(Feature(CRC, 9, 5).encode(), NOW)) == [
        ["identity", {"features": "e2e-crc", "sample-type": "interstitial-fluid"}]
    ]
    assert briefly(codecs[SESSION_RUN_TIME].receive_data(encode_run_time(336, crc=True), NOW)) == [
        ["identity", {"session-run-time-h": 336}]
    ]


@given(st.lists(st.tuples(st.sampled_from(list(linked(Host()))), st.binary(max_size=30)), max_size=20))
def test_arbitrary_bytes_never_raise(values: list[tuple[str, bytes]]) -> None:
    codecs = linked(host())
    for uuid, data in values:
        codecs[uuid].receive_data(data, NOW)
        codecs[uuid].data_to_send()
        codecs[uuid].handle_timer(later(NOW, 1))
