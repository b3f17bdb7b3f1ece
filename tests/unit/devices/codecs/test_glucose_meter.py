"""Blood glucose meters: each record once, at its own time, and never as the patient's what is not."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.codecs import Codec, Host, JournalledCodec, Said
from devices.codecs.current_time import CURRENT_TIME, DATE_TIME
from devices.codecs.device_clock import device_time
from devices.codecs.gatt import DeviceTime
from devices.codecs.glucose_context import KETONE_MEAL, Context
from devices.codecs.glucose_meter import CONTEXT, CONTEXT_S, MEASUREMENT, FeatureCodec, linked
from devices.codecs.glucose_values import Annunciation, Measurement, encode_features
from devices.codecs.racp import RACP
from devices.model.observation import EventKind, Instant, NoValue, Quality, Reading, later
from tests.support.captures import briefly

NOW = Instant(7_200_000_000_000)
LOCAL = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
SUCCESS = bytes.fromhex("06000101")
NO_RECORDS = bytes.fromhex("06000106")
FINGER = {"sample_type": 1, "location": 1}


def local_time(at: Instant) -> datetime:
    return LOCAL + timedelta(microseconds=(at - NOW) / 1000)


def time(**ago: float) -> DeviceTime:
    return device_time((LOCAL - timedelta(**ago)).replace(tzinfo=None))


def host(memory: dict[str, int] | None = None) -> Host:
    return Host(local_time, {} if memory is None else memory)


def measurement(sequence: int = 1, value: str = "0.00104", **fields: object) -> Measurement:
    given_fields: dict[str, object] = {"base_time": time(), **FINGER, **fields}
    return Measurement(sequence, concentration=Decimal(value), **given_fields)  # type: ignore[arg-type]


def heard(value: Measurement, meter: dict[str, Codec] | None = None) -> list[Said]:
    return (meter or dict(linked(host())))[MEASUREMENT].receive_data(value.encode(), NOW)


def readings(said: list[Said]) -> list[Reading]:
    return [one for one in said if isinstance(one, Reading)]


def test_a_new_measurement_is_told_with_its_clock_and_its_sample() -> None:
    assert briefly(heard(measurement())) == [
        ["device-clock", {"time": "2026-03-01T12:00:00", "set": 1}],
        ["glucose_cap", "104"],
        [
            "unmapped",
            {
                "code": "sample",
                "system": "bluetooth-gls",
                "value": "capillary-whole-blood",
                "text": "finger",
                "sequence": 1,
            },
        ],
    ]


@pytest.mark.parametrize("sample_type", range(16))
def test_the_type_of_the_sample_chooses_the_metric(sample_type: int) -> None:
    (reading,) = readings(heard(measurement(sample_type=sample_type)))
    assert reading.metric == ("glucose_cap" if sample_type in (1, 2) else "glucose")
    assert bool(reading.quality & Quality.TEST_DATA) == (sample_type == 10)


def test_control_solution_is_never_the_patient_s_value() -> None:
    for fields in (
        {"sample_type": 10, "location": 4},
        {"sample_type": 10},
        {"sample_type": 1, "location": 4},
        {"sample_type": 1, "location": 10},
    ):
        (reading,) = readings(heard(measurement(**fields)))
        assert reading.quality & Quality.TEST_DATA


def test_a_stored_measurement_has_the_time_that_the_meter_showed_its_user() -> None:
    said = heard(measurement(base_time=time(hours=5), offset_min=120))
    (reading,) = readings(said)
    assert (reading.at, reading.quality) == (later(NOW, -3 * 3600), Quality.STORED)
    assert {one.at for one in said} == {later(NOW, -3 * 3600)}
    assert briefly(said)[0] == ["device-clock", {"time": "2026-03-01T09:00:00", "set": 1}]


@pytest.mark.parametrize("characteristic", [CURRENT_TIME, DATE_TIME])
def test_the_meter_s_own_clock_is_believed_in_how_old_its_measurements_are(characteristic: str) -> None:
    meter = dict(linked(host()))
    shown = meter[characteristic].receive_data(DeviceTime(2020, 1, 1, 0, 10, 0).encode(), NOW)
    assert briefly(shown) == [["device-clock", {"time": "2020-01-01T00:10:00", "set": 1}]]
    (reading,) = readings(heard(measurement(base_time=DeviceTime(2020, 1, 1, 0, 0, 0)), meter))
    assert (reading.at, reading.quality) == (later(NOW, -600), Quality.STORED)
    assert meter[characteristic].data_to_send() == b""


@pytest.mark.parametrize(
    "fields",
    [
        {"status": Annunciation.TIME_FAULT},
        {"offset_min": 0x7FFF},
        {"base_time": DeviceTime(0, 0, 0, 0, 0, 0)},
        {"base_time": time(days=-3)},
    ],
)
def test_a_time_that_cannot_be_believed_makes_the_reading_questionable(fields: dict[str, object]) -> None:
    (reading,) = readings(heard(measurement(**fields)))
    assert (reading.at, reading.quality) == (NOW, Quality.QUESTIONABLE)


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (Annunciation.RESULT_TOO_HIGH, NoValue.OVERFLOW),
        (Annunciation.RESULT_TOO_LOW, NoValue.UNDERFLOW),
        (Annunciation.SAMPLE_SIZE_INSUFFICIENT, NoValue.FAILED),
        (Annunciation.STRIP_INSERTION_ERROR, NoValue.FAILED),
        (Annunciation.STRIP_TYPE_INCORRECT, NoValue.FAILED),
        (Annunciation.READ_INTERRUPTED, NoValue.FAILED),
    ],
)
def test_what_the_meter_could_not_measure_has_no_value(status: Annunciation, reason: NoValue) -> None:
    (reading,) = readings(heard(measurement(status=status)))
    assert (reading.value, reading.reason) == (None, reason)


@pytest.mark.parametrize(
    ("status", "name", "quality"),
    [
        (Annunciation.DEVICE_BATTERY_LOW, "device-battery-low", Quality.GOOD),
        (Annunciation.SENSOR_MALFUNCTION, "sensor-malfunction", Quality.SENSOR_ALARM),
        (Annunciation.DEVICE_FAULT, "device-fault", Quality.SENSOR_ALARM),
        (Annunciation.TEMPERATURE_TOO_HIGH, "temperature-too-high", Quality.QUESTIONABLE),
        (Annunciation.TEMPERATURE_TOO_LOW, "temperature-too-low", Quality.QUESTIONABLE),
    ],
)
def test_a_condition_holds_for_its_measurement_only(
    status: Annunciation, name: str, quality: Quality
) -> None:
    said = heard(measurement(status=status))
    told = briefly(said)
    assert (told[1], told[-1]) == (["status", {name: 1}], ["status", {name: 0}])
    assert readings(said)[0].quality == quality


def test_a_record_without_a_concentration_gives_no_reading() -> None:
    said = heard(Measurement(1, time(), status=Annunciation.DEVICE_BATTERY_LOW))
    assert [kind for kind, _ in briefly(said)] == ["device-clock", "status", "status"]


def with_context(meal: int | None = 1, sequence: int = 1) -> list[Said]:
    meter = linked(host())
    said = meter[MEASUREMENT].receive_data(measurement(context_follows=True).encode(), NOW)
    assert said == []
    return meter[CONTEXT].receive_data(Context(sequence, meal=meal).encode(), later(NOW, 0.1))


def test_a_context_is_told_with_its_measurement_and_at_its_instant() -> None:
    said = with_context()
    assert briefly(said)[1] == ["glucose_cap", "104"]
    assert briefly(said)[-1] == [
        "unmapped",
        {"code": "meal", "system": "bluetooth-gls", "value": "preprandial", "sequence": 1},
    ]
    assert {one.at for one in said} == {NOW}


def test_what_a_context_calls_ketone_is_no_glucose() -> None:
    said = with_context(KETONE_MEAL)
    assert readings(said) == []
    assert [
        briefly(said)[1][0],
        {key: told for key, told in briefly(said)[1][1].items() if key != "sequence"},
    ] == ["unmapped", {"code": "ketone", "system": "bluetooth-gls", "value": "10.4", "unit": "mmol/L"}]
    assert Context.decode(bytes.fromhex("02040006")).meal == KETONE_MEAL


def test_a_measurement_that_comes_twice_before_its_context_comes_once_and_heeds_it() -> None:
    meter = linked(host())
    value = measurement(context_follows=True).encode()
    assert meter[MEASUREMENT].receive_data(value, NOW) + meter[MEASUREMENT].receive_data(value, NOW) == []
    said = meter[CONTEXT].receive_data(Context(1, meal=KETONE_MEAL).encode(), NOW)
    assert readings(said) == []
    assert len([one for one in briefly(said) if one[1].get("code") == "ketone"]) == 1


@pytest.mark.parametrize("base_time", [DeviceTime(0, 0, 0, 0, 0, 0), time(days=-3)])
def test_a_time_that_cannot_be_believed_is_not_now_while_stored_measurements_come(
    base_time: DeviceTime,
) -> None:
    meter = dict(linked(host()))
    meter[RACP].data_to_send()
    (reading,) = readings(heard(measurement(base_time=base_time), meter))
    assert reading.quality == Quality.QUESTIONABLE | Quality.STORED


def test_a_measurement_that_cannot_be_read_is_asked_for_again() -> None:
    meter = dict(linked(host()))
    assert meter[RACP].data_to_send() == b"\x01\x01"
    meter[MEASUREMENT].receive_data(measurement(1).encode()[:-1], NOW)
    heard(measurement(2), meter)
    meter[RACP].receive_data(SUCCESS, NOW)
    assert meter[RACP].data_to_send() == b"\x01\x01"
    assert len(readings([*heard(measurement(1), meter), *heard(measurement(2), meter)])) == 1
    meter[RACP].receive_data(SUCCESS, NOW)
    assert meter[RACP].data_to_send() == b""


def test_another_s_context_does_not_change_a_measurement() -> None:
    said = with_context(KETONE_MEAL, sequence=2)
    assert readings(said)[0].value == 104


def test_a_measurement_whose_context_does_not_come_is_told_after_a_moment() -> None:
    codec = linked(host())[MEASUREMENT]
    codec.receive_data(measurement(context_follows=True).encode(), NOW)
    due = codec.next_timer()
    assert due == later(NOW, CONTEXT_S)
    assert due is not None
    (reading,) = readings(codec.handle_timer(due))
    assert (reading.value, reading.at) == (Decimal(104), NOW)
    assert codec.next_timer() is None


@pytest.mark.parametrize("next_one", [MEASUREMENT, RACP])
def test_what_comes_next_ends_the_waiting_for_a_context(next_one: str) -> None:
    meter = linked(host())
    meter[MEASUREMENT].receive_data(measurement(context_follows=True).encode(), NOW)
    data = {MEASUREMENT: measurement(2).encode(), RACP: SUCCESS}[next_one]
    assert readings(meter[next_one].receive_data(data, NOW))[0].value == 104


def test_a_measurement_that_waits_for_its_context_is_not_yet_remembered() -> None:
    memory: dict[str, int] = {}
    meter = linked(host(memory))
    codec, control = meter[MEASUREMENT], meter[RACP]
    assert isinstance(codec, JournalledCodec)
    assert isinstance(control, JournalledCodec)
    control.receive_data(NO_RECORDS, NOW)
    control.journalled(NOW)
    codec.receive_data(measurement(7, context_follows=True).encode(), NOW)
    assert not codec.awaits_journal()
    control.journalled(NOW)
    assert memory == {}
    codec.handle_timer(later(NOW, CONTEXT_S))
    assert codec.awaits_journal()
    codec.journalled(NOW)
    assert memory["glucose-number"] == 7


def connection(memory: dict[str, int], *sequences: int) -> list[Said]:
    """A connection on which the meter reports `sequences` with contexts, and says that those were all."""
    meter = linked(host(memory))
    assert meter[RACP].data_to_send()
    said: list[Said] = []
    for sequence in sequences:
        value = measurement(sequence, base_time=time(hours=100 - sequence), context_follows=True)
        said += meter[MEASUREMENT].receive_data(value.encode(), NOW)
        said += meter[CONTEXT].receive_data(Context(sequence, meal=2).encode(), NOW)
    said += meter[RACP].receive_data(SUCCESS, NOW)
    control = meter[RACP]
    assert isinstance(control, JournalledCodec)
    assert control.awaits_journal()
    control.journalled(NOW)
    return said


def test_neither_a_remembered_measurement_nor_its_context_is_told_again() -> None:
    memory: dict[str, int] = {}
    assert len(readings(connection(memory, 1, 2, 3))) == 3
    again = connection(memory, 3, 4)
    assert [reading.at for reading in readings(again)] == [later(NOW, -96 * 3600)]
    assert {event[1]["sequence"] for event in briefly(again) if event[0] == "unmapped"} == {4}


def test_two_equal_measurements_of_a_meter_without_a_date_are_two() -> None:
    meter = dict(linked(host()))
    nowhere = DeviceTime(0, 0, 0, 0, 0, 0)
    first, second = (heard(measurement(n, base_time=nowhere), meter) for n in (1, 2))
    assert len(readings(first)) == len(readings(second)) == 1


def test_bad_values_are_counted_and_the_next_one_is_read() -> None:
    meter = dict(linked(host()))
    assert briefly(meter[MEASUREMENT].receive_data(b"\x1f\x01", NOW)) == [["bad-bytes", {"length": 1}]]
    assert readings(heard(measurement(), meter))[0].value == 104


def test_features_are_identity() -> None:
    told = FeatureCodec().receive_data(encode_features("time-fault"), NOW)
    assert briefly(told) == [["identity", {"features": "time-fault"}]]


@given(
    st.lists(st.tuples(st.sampled_from([MEASUREMENT, CONTEXT, RACP, CURRENT_TIME]), st.binary(max_size=24)))
)
def test_arbitrary_bytes_never_raise_and_every_event_is_of_a_known_kind(
    values: list[tuple[str, bytes]],
) -> None:
    meter = linked(host())
    for uuid, data in values:
        codec = meter[uuid]
        for one in [*codec.receive_data(data, NOW), *codec.handle_timer(later(NOW, 1))]:
            if not isinstance(one, Reading):
                assert one.kind in EventKind  # type: ignore[union-attr]
            elif one.value is not None:
                assert one.value > 0
