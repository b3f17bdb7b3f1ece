"""The simulated S/5 monitor talks to its codec: every metric arrives, and says what the monitor says."""

import pytest

from devices.codecs import Said
from devices.codecs.dri import request, waveform
from devices.codecs.dri.codec import Dri
from devices.codecs.dri.record import MainType, RecordReader
from devices.codecs.health import BadByteCounter
from devices.model.observation import DeviceEvent, EventKind, Instant, Quality, Reading, Waveform
from devices.profiles import profile
from hil.sims.models.ge_s5 import S5Monitor
from hil.sims.patient import Patient
from hil.sims.simulated import Measured


def talk(monitor: S5Monitor, codec: Dri, seconds: range) -> tuple[list[Said], list[Measured]]:
    said: list[Said] = []
    sent: list[Measured] = []
    for second in seconds:
        now = Instant(second * 1_000_000_000)
        sent += [*monitor.heard(codec.data_to_send(), second), *(ticked := monitor.tick(second))]
        for one in ticked:
            said += codec.receive_data(one.payload, now)
    return said, sent


def test_every_metric_of_the_profile_arrives() -> None:
    said, _ = talk(S5Monitor(Patient(3)), Dri(), range(10, 20))
    arrived = {one.metric for one in said if isinstance(one, Waveform)}
    arrived |= {one.metric for one in said if isinstance(one, Reading) and one.value is not None}
    assert arrived == set(profile("ge-s5").metrics)


def test_what_arrives_is_what_was_sent() -> None:
    said, sent = talk(S5Monitor(Patient(3)), Dri(), range(10, 40))
    numbers = [(metric, value) for one in sent for metric, value in one.values.items()]
    told = [(one.metric, one.value) for one in said if isinstance(one, Reading)]
    for metric in ("hr", "spo2", "nibp_sys", "etco2", "co", "st_ii", "temp_core"):
        expected = [value for name, value in numbers if name == metric]
        got = [value for name, value in told if name == metric]
        assert [float(value) for value in got if value is not None] == pytest.approx(expected)


def test_waveforms_arrive_sample_by_sample() -> None:
    said, sent = talk(S5Monitor(Patient(3)), Dri(), range(10, 20))
    got = [
        n
        for one in said
        if isinstance(one, Waveform) and one.metric == "ecg_ii"
        for n in memoryview(one.samples).cast("h")
    ]
    expected = [n for one in sent for n in one.values.get("ecg_ii", [])]  # type: ignore[union-attr]
    assert got == expected
    assert max(got) > 900


def test_off_the_patient_there_is_no_value_and_no_sample() -> None:
    monitor, codec = S5Monitor(Patient(3)), Dri()
    talk(monitor, codec, range(10, 20))
    monitor.on_patient = False
    said, sent = talk(monitor, codec, range(20, 30))
    assert all(one.value is None for one in said if isinstance(one, Reading))
    assert {one.metric for one in said if isinstance(one, Reading)} >= {"hr", "spo2", "abp_sys"}
    assert all(value is None or set(value) == {None} for one in sent for value in one.values.values())  # type: ignore[arg-type]


def test_the_monitor_s_alarm_begins_and_ends() -> None:
    said, _ = talk(S5Monitor(Patient(3)), Dri(), range(10, 70))
    alarms = [
        one.detail["active"]
        for one in said
        if isinstance(one, DeviceEvent) and one.kind == EventKind.DEVICE_ALARM
    ]
    assert alarms == [1, 0]


def test_a_request_that_cannot_be_read_is_ignored() -> None:
    monitor = S5Monitor(Patient(3))
    assert monitor.heard(b"\x7egarbage\x7e", 10) == []
    assert monitor.tick(10) == []


def sent_at(monitor: S5Monitor, seconds: range) -> list[tuple[int, MainType]]:
    """When it sent a record of which kind."""
    reader = RecordReader(BadByteCounter())
    ticks = [(second, one.payload) for second in seconds for one in monitor.tick(second)]
    found = [(second, record) for second, payload in ticks for record in reader.feed(payload)]
    return [(second, MainType(record.main_type)) for second, record in found if record]


def test_values_come_at_the_interval_that_was_asked_for() -> None:
    monitor = S5Monitor(Patient(3))
    monitor.heard(request.values(7), 10)
    assert sent_at(monitor, range(10, 30)) == [(second, MainType.PHYSIOLOGICAL) for second in (10, 17, 24)]


def test_values_are_sent_no_more_when_a_host_cancels_them() -> None:
    monitor = S5Monitor(Patient(3))
    monitor.heard(request.values() + request.values(0), 10)
    assert sent_at(monitor, range(10, 30)) == []


def test_waveforms_come_every_second_and_only_those_that_the_monitor_has() -> None:
    monitor = S5Monitor(Patient(3))
    monitor.heard(request.waves([waveform.ECG1, waveform.ECG2, waveform.PLETH]), 10)
    (record,) = RecordReader(BadByteCounter()).feed(monitor.tick(11)[0].payload)
    assert record is not None
    assert [one.kind for one in record.subrecords] == [waveform.ECG1, waveform.PLETH]
    assert sent_at(monitor, range(12, 15)) == [(second, MainType.WAVEFORM) for second in range(12, 15)]


def test_alarms_come_when_they_change_and_not_unless_asked_for() -> None:
    monitor = S5Monitor(Patient(3))
    assert sent_at(monitor, range(100)) == []
    monitor.heard(request.alarms(), 0)
    assert sent_at(monitor, range(100)) == [(second, MainType.ALARM) for second in (30, 60, 90)]


def test_a_cuff_s_measurement_is_sent_as_old_after_a_minute() -> None:
    said, _ = talk(S5Monitor(Patient(3)), Dri(), range(200, 260))
    cuff = [one for one in said if isinstance(one, Reading) and one.metric == "nibp_sys"]
    assert [one.quality for one in cuff] == [Quality.STORED | Quality.QUESTIONABLE, Quality.GOOD]
