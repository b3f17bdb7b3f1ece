"""What a device said becomes records: judged, counted, on the right lane."""

from decimal import Decimal

import pytest

from devices.codecs import Said
from devices.model.metrics import METRICS, Metric
from devices.model.observation import DeviceEvent, EventKind, Instant, NoValue, Quality, Reading, Waveform
from devices.wire.block import Lane
from gateway.session import CALM_NS, Session, monitoring

NOW = Instant(5)


def session() -> Session:
    return Session("ox-1", "bed-1")  # type: ignore[arg-type]


def take(*said: Said) -> list[tuple[Lane, Said]]:
    return list(session().take(said))


def test_a_plausible_reading_goes_on_as_it_is() -> None:
    reading = Reading("hr", NOW, Decimal(72), quality=Quality.ARTIFACT)
    assert take(reading) == [(Lane.VITAL, reading)]


def test_a_reading_outside_the_physiological_range_is_marked() -> None:
    ((_, record),) = take(Reading("hr", NOW, Decimal(305), quality=Quality.ARTIFACT))
    assert record == Reading("hr", NOW, Decimal(305), quality=Quality.ARTIFACT | Quality.IMPLAUSIBLE)


@pytest.mark.parametrize("value", ["-1", "351", "1e30", "NaN", "Infinity"])
def test_a_reading_outside_the_reject_range_is_no_value_and_an_event(value: str) -> None:
    made = session()
    (_, record), (_, event) = made.take([Reading("hr", NOW, Decimal(value))])
    assert record == Reading("hr", NOW, None, NoValue.REJECTED)
    assert event == DeviceEvent(EventKind.REJECTED, NOW, {"metric": "hr", "value": str(Decimal(value))})
    assert made.counts["rejected"] == 1


@pytest.mark.parametrize("metric", METRICS.values(), ids=list(METRICS))
def test_the_limits_themselves_are_possible(metric: Metric) -> None:
    for limit in (metric.reject_low, metric.reject_high):
        ((_, record),) = take(Reading(metric.name, NOW, limit))
        assert isinstance(record, Reading)
        assert record.value == limit


def test_a_missing_value_keeps_its_reason() -> None:
    reading = Reading("spo2", NOW, None, NoValue.SENSOR_OFF)
    assert take(reading) == [(Lane.VITAL, reading)]


def test_an_unknown_metric_is_an_event_and_disturbs_nothing() -> None:
    good = Reading("hr", NOW, Decimal(72))
    strange = [Reading("aura", NOW, Decimal(1)), Waveform("aura", NOW, 1000, b"\0\0")]
    made = session()
    records = [record for _, record in made.take([*strange, good])]
    assert records[2] == good
    assert all(isinstance(r, DeviceEvent) and r.detail["why"] == "unknown-metric" for r in records[:2])
    assert made.counts["unknown-metric"] == 2


def test_stored_readings_do_not_hold_up_what_is_new() -> None:
    ((lane, _),) = take(Reading("hr", NOW, Decimal(72), quality=Quality.STORED))
    assert lane == Lane.BULK


def test_waveforms_and_events_have_their_lanes() -> None:
    wave, event = Waveform("pleth", NOW, 75_000, b"\0\0"), DeviceEvent(EventKind.CONNECTED, NOW)
    assert take(wave, event) == [(Lane.WAVE, wave), (Lane.VITAL, event)]


PATIENT = [
    Reading("spo2", NOW, Decimal(97)),
    Reading("hr", NOW, Decimal(305)),  # implausible, and somebody's all the same
    Waveform("pleth", NOW, 1000, b"\0\0"),
]
NOBODY = [
    Reading("spo2", NOW, None, NoValue.SENSOR_OFF),
    Reading("spo2", NOW, Decimal(97), quality=Quality.STORED),
    Reading("ambient_temp", NOW, Decimal(21)),
    Reading("vehicle_speed", NOW, Decimal(50)),
    Reading("aura", NOW, Decimal(1)),
    DeviceEvent(EventKind.BATTERY, NOW, {"percent": 50}),
]


@pytest.mark.parametrize("said", PATIENT, ids=str)
def test_a_device_that_measures_a_patient_is_monitoring_until_it_was_quiet_for_a_while(said: Said) -> None:
    made = session()
    assert monitoring([made], NOW) == ""
    list(made.take([said]))
    assert monitoring([session(), made], Instant(NOW + CALM_NS - 1)) == "ox-1"
    assert monitoring([session(), made], Instant(NOW + CALM_NS)) == ""


@pytest.mark.parametrize("said", NOBODY, ids=str)
def test_a_room_a_vehicle_a_memory_and_a_sensor_that_is_off_are_no_patient(said: Said) -> None:
    made = session()
    list(made.take([said]))
    assert monitoring([made], NOW) == ""
