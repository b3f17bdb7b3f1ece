"""The simulated IntelliVue monitor talks to its codec, on the network and on the serial line."""

from datetime import datetime
from itertools import pairwise

import pytest

from devices.codecs import Codec, Said
from devices.codecs.intellivue import association, message, values
from devices.codecs.intellivue.monitor import Monitor
from devices.codecs.intellivue.serial_frame import SerialMonitor
from devices.model.observation import DeviceEvent, EventKind, Instant, Reading, Waveform
from devices.profiles import profile
from hil.sims.models.intellivue import IntellivueMonitor, SerialIntellivueMonitor
from hil.sims.patient import Patient
from hil.sims.simulated import Measured, WireSim

BOTH = pytest.mark.parametrize(
    ("name", "make", "codec"),
    [
        ("philips-intellivue", IntellivueMonitor, Monitor),
        ("philips-intellivue-rs232", SerialIntellivueMonitor, SerialMonitor),
    ],
)


def talk(sim: WireSim, codec: Codec, start_s: float, seconds: float) -> tuple[list[Said], list[Measured]]:
    """As the link and the ward do: what is owed is sent at once, timers run, the monitor ticks."""
    said: list[Said] = []
    sent: list[Measured] = []
    for turn in range(int(seconds / sim.period_s)):
        time_s = start_s + turn * sim.period_s
        now = Instant(int(time_s * 1_000_000_000))
        answers = sim.tick(time_s)
        while True:
            for one in answers:
                said += codec.receive_data(one.payload, now)
            sent += answers
            due = codec.next_timer()
            if due is not None and due <= now:
                said += codec.handle_timer(now)
            if not (owed := codec.data_to_send()):
                break
            answers = sim.heard(owed, time_s)
    return said, sent


@BOTH
def test_every_metric_of_the_profile_arrives(name: str, make: type[WireSim], codec: type[Codec]) -> None:
    said, _ = talk(make(Patient(3)), codec(), 10, 6)  # type: ignore[call-arg]
    arrived = {one.metric for one in said if isinstance(one, Waveform)}
    arrived |= {one.metric for one in said if isinstance(one, Reading) and one.value is not None}
    assert arrived == set(profile(name).metrics)
    assert {one.kind for one in said if isinstance(one, DeviceEvent)} == {
        EventKind.IDENTITY,
        EventKind.DEVICE_CLOCK,
    }


def test_what_arrives_is_what_was_sent() -> None:
    said, sent = talk(IntellivueMonitor(Patient(3)), Monitor(), 10, 60)
    for metric in ("hr", "spo2", "nibp_sys", "st_ii", "temp_core", "pi"):
        got = [one.value for one in said if isinstance(one, Reading) and one.metric == metric]
        expected = [one.values[metric] for one in sent if metric in one.values]
        assert [float(value) for value in got if value is not None] == pytest.approx(expected)
        assert len(got) == len(expected) > 0


def test_waveforms_arrive_sample_by_sample() -> None:
    said, sent = talk(IntellivueMonitor(Patient(3)), Monitor(), 10, 6)
    waves = [one for one in said if isinstance(one, Waveform) and one.metric == "ecg_ii"]
    got = [n for one in waves for n in memoryview(one.samples).cast("h")]
    assert got == [n for one in sent for n in one.values.get("ecg_ii", [])]  # type: ignore[union-attr]
    assert max(got) - min(got) > 500


@BOTH
def test_off_the_patient_there_is_no_value_and_no_sample(
    name: str, make: type[WireSim], codec: type[Codec]
) -> None:
    sim, host = make(Patient(3)), codec()  # type: ignore[call-arg]
    talk(sim, host, 10, 6)
    sim.on_patient = False
    said, sent = talk(sim, host, 16, 6)
    assert {one.metric for one in said if isinstance(one, Reading)} >= {"hr", "spo2", "abp_sys"}
    assert all(one.value is None for one in said if isinstance(one, Reading))
    assert all(value is None or set(value) == {None} for one in sent for value in one.values.values())  # type: ignore[arg-type]


def test_the_monitor_s_alarm_begins_and_ends() -> None:
    said, _ = talk(IntellivueMonitor(Patient(3)), Monitor(), 10, 60)
    events = [one for one in said if isinstance(one, DeviceEvent) and one.kind == EventKind.DEVICE_ALARM]
    assert [one.detail["active"] for one in events] == [1, 0]


def test_what_the_monitor_cannot_read_gets_no_answer() -> None:
    monitor = IntellivueMonitor(Patient(3))
    assert monitor.heard(b"\xe1\x00\x00\x02\x00\x01\xff\xff", 10) == []
    assert monitor.heard(b"garbage", 10) == []
    assert monitor.tick(10) == []


def associated(monitor: IntellivueMonitor, time_s: float) -> list[message.Message]:
    """What it answers to a host that associates."""
    answers = [one.payload for one in monitor.heard(association.request(), time_s)]
    return [message.decode(payload) for payload in answers if payload[0] == message.SESSION[0]]


def kinds(sent: list[Measured]) -> list[int]:
    polled = [message.decode(one.payload) for one in sent]
    return [one.kind for one in polled if isinstance(one, message.Polled)]


def test_an_association_is_accepted_and_announced() -> None:
    (created,) = associated(IntellivueMonitor(Patient(3)), 10)
    assert isinstance(created, message.Created)
    assert values.absolute_time(created.attributes[values.ABSOLUTE_TIME]) == datetime(2026, 1, 1, 0, 0, 10)  # noqa: DTZ001


def test_a_poll_is_answered_as_long_as_it_was_asked_for_and_no_longer() -> None:
    monitor = IntellivueMonitor(Patient(3))
    associated(monitor, 10)
    assert monitor.heard(message.extended_poll(1, message.WAVE, 30), 10) == []
    assert kinds(monitor.tick(39.9)) == [message.WAVE]
    assert kinds(monitor.tick(40.1)) == []


def test_numbers_and_alarms_come_every_fourth_time() -> None:
    monitor = IntellivueMonitor(Patient(3))
    associated(monitor, 10)
    for number, kind in enumerate((message.NUMERIC, message.ALARMS), 1):
        monitor.heard(message.extended_poll(number, kind, 30), 10)
    found = [kinds(monitor.tick(10 + n / 4)) for n in range(8)]
    assert found == [[], [], [], [message.NUMERIC, message.ALARMS]] * 2


def test_a_poll_that_is_renewed_is_not_answered_twice() -> None:
    monitor = IntellivueMonitor(Patient(3))
    associated(monitor, 10)
    for number in (1, 2):
        monitor.heard(message.extended_poll(number, message.WAVE, 30), 10)
    assert len(monitor.tick(11)) == 1


def test_a_new_association_or_its_release_ends_the_polls() -> None:
    monitor = IntellivueMonitor(Patient(3))
    for end in (association.request(), association.RELEASE_REQUEST):
        associated(monitor, 10)
        monitor.heard(message.extended_poll(1, message.WAVE, 30), 10)
        assert kinds(monitor.tick(11)) == [message.WAVE]
        monitor.heard(end, 12)
        assert monitor.tick(13) == []


def test_a_release_is_answered() -> None:
    (answer,) = IntellivueMonitor(Patient(3)).heard(association.RELEASE_REQUEST, 10)
    assert answer.payload == association.RELEASE_RESULT


def test_a_host_that_loses_the_monitor_associates_again_and_hears_each_sample_once() -> None:
    monitor, host = IntellivueMonitor(Patient(3)), Monitor()
    before, _ = talk(monitor, host, 10, 6)
    silence = Instant(int(30e9))
    while (due := host.next_timer()) is not None and due <= silence:
        host.handle_timer(max(due, Instant(int(17e9))))
        host.data_to_send()
    after, _ = talk(monitor, host, 30, 6)
    for said in (before, after):
        ecg = [one for one in said if isinstance(one, Waveform) and one.metric == "ecg_ii"]
        assert len(ecg) > 10
        assert all(one.end <= other.at + 100_000 for one, other in pairwise(ecg))
    cuff = [one for one in (*before, *after) if isinstance(one, Reading) and one.metric == "nibp_sys"]
    assert len(cuff) == 1
