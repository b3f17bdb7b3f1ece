"""Which waveform goes first: that of the sensor that alarms, otherwise the ECG."""

from devices.model.identity import DeviceId, LocationId
from devices.model.observation import Alert, Instant, Priority, Waveform
from gateway.choice import FORGOTTEN_NS, WaveChoice

MONITOR, OTHER = (DeviceId("monitor"), LocationId("bed-1")), (DeviceId("other"), LocationId("bed-2"))


def wave(metric: str, at: int = 0) -> Waveform:
    return Waveform(metric, Instant(at), 250_000, b"\0\0")


def narrow(*metrics: str) -> WaveChoice:
    choice = WaveChoice(is_narrow=True)
    for metric in metrics:
        choice.is_second(MONITOR, wave(metric))
    return choice


def alert(code: str, priority: Priority = Priority.HIGH, *, active: bool = True) -> Alert:
    return Alert(code, Instant(0), priority, active, {})


def test_on_a_wide_link_no_waveform_waits_for_another() -> None:
    choice = WaveChoice()
    assert not any(choice.is_second(MONITOR, wave(metric)) for metric in ("ecg_i", "pleth"))
    assert choice.first == ()
    assert not choice.holds_second(frozenset({(MONITOR[0], "pleth")}))


def test_the_ecg_goes_first_in_the_lead_that_monitors_show_first() -> None:
    choice = narrow("pleth", "ecg_i", "ecg_ii")
    assert not choice.is_second(MONITOR, wave("ecg_ii"))
    assert choice.is_second(MONITOR, wave("ecg_i"))
    assert choice.is_second(MONITOR, wave("pleth"))
    assert choice.first == (("monitor", "ecg_ii"),)
    assert choice.holds_second(frozenset({(MONITOR[0], "pleth"), (MONITOR[0], "ecg_i")}))
    assert not choice.holds_second(frozenset({(MONITOR[0], "ecg_ii")}))


def test_the_waveform_of_the_sensor_that_alarms_goes_first_until_it_does_no_longer() -> None:
    choice = narrow("ecg_ii", "pleth", "co2_wave")
    choice.heard(MONITOR, alert("spo2-desaturation"))
    assert not choice.is_second(MONITOR, wave("pleth"))
    assert choice.is_second(MONITOR, wave("ecg_ii"))
    choice.heard(MONITOR, alert("spo2-desaturation", active=False))
    assert choice.is_second(MONITOR, wave("pleth"))


def test_of_two_alarms_the_more_urgent_one_has_its_waveform_first() -> None:
    choice = narrow("ecg_ii", "pleth", "co2_wave")
    choice.heard(MONITOR, alert("spo2-low", Priority.MEDIUM))
    choice.heard(MONITOR, alert("apnoea", Priority.HIGH))
    assert not choice.is_second(MONITOR, wave("co2_wave"))


def test_an_alarm_without_a_waveform_and_a_technical_one_leave_the_ecg_first() -> None:
    choice = narrow("ecg_ii")
    choice.heard(MONITOR, alert("spo2-low"))
    choice.heard(MONITOR, alert("device-lost"))
    assert not choice.is_second(MONITOR, wave("ecg_ii"))


def test_each_patient_has_a_waveform_of_their_own_that_goes_first() -> None:
    choice = narrow("ecg_ii", "pleth")
    assert not choice.is_second(OTHER, wave("pleth"))
    assert choice.first == (("monitor", "ecg_ii"), ("other", "pleth"))


def test_without_its_ecg_a_patient_has_another_first_waveform() -> None:
    choice = narrow("ecg_ii", "pleth")
    assert not choice.is_second(MONITOR, wave("pleth", FORGOTTEN_NS + 1))
