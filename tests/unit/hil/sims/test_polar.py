"""The simulated strap with its ECG speaks as an H10 does, and its codecs understand it."""

from devices.codecs import Host, Said
from devices.codecs.polar_ecg import linked
from devices.codecs.polar_pmd import CONTROL, DATA, ecg_frame
from devices.model.observation import Instant, Reading, Waveform
from devices.profiles import BleLink, profile
from hil.sims.models.polar import SAMPLES, EcgStrap
from hil.sims.patient import Patient
from hil.sims.simulated import RadioSim, simulators

SECOND = 1_000_000_000
NOW = Instant(100 * SECOND)


def shaken_hands(strap: EcgStrap) -> dict[str, object]:
    codecs = dict(linked(Host()))
    control = codecs[CONTROL]
    while command := control.data_to_send():
        assert control.receive_data(strap.answered(command), NOW) == []
    return {DATA: codecs[DATA]}


def test_the_handshake_starts_the_stream() -> None:
    strap = EcgStrap(Patient(3))
    shaken_hands(strap)
    assert strap.streaming


def test_the_strap_answers_as_an_h10_does() -> None:
    strap = EcgStrap(Patient(3))
    said = [strap.answered(bytes.fromhex(command)).hex(" ") for command in (
        "0100", "0200", "02000001820001010e00", "02000001820001010e00", "0300", "0300", "0105", "0900",
    )]  # fmt: skip
    assert said == [
        "f0 01 00 00 00 00 01 82 00 01 01 0e 00",
        "f0 02 00 05",
        "f0 02 00 00 00 00",
        "f0 02 00 06",
        "f0 03 00 00 00 00",
        "f0 03 00 06",
        "f0 01 05 03",
        "f0 09 00 01",
    ]


def test_every_metric_of_the_profile_arrives() -> None:
    strap, one = simulators()["polar-h10-ecg"](Patient(3)), profile("polar-h10-ecg")
    assert isinstance(strap, EcgStrap)
    assert isinstance(one.link, BleLink)
    codecs = one.link.codecs(Host())
    rate = strap.services[0].characteristics[0]
    said: list[Said] = []
    said += codecs[rate.uuid].receive_data(strap.rate(50.0).payload, NOW)
    said += codecs[DATA].receive_data(ecg_frame(50 * SECOND, strap.microvolts(50.0)), NOW)
    told = {one.metric for one in said if isinstance(one, Reading | Waveform)}
    assert told == set(one.metrics)


def test_the_ecg_has_an_r_wave_at_each_beat() -> None:
    patient = Patient(3)
    strap = EcgStrap(patient)
    end = 60.0
    samples = strap.microvolts(end)
    for beat in patient.beats(end - SAMPLES / 130 + 0.05, end - 0.05):
        index = SAMPLES - 1 - round((end - beat) * 130)
        assert max(samples[max(0, index - 1) : index + 2]) > 1000


def test_off_the_patient_there_are_no_beats() -> None:
    strap = EcgStrap(Patient(3))
    strap.on_patient = False
    assert max(strap.microvolts(60.0)) <= 300
    assert isinstance(strap, RadioSim)
