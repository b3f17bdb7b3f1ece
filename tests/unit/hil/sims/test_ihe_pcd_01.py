"""The simulated PCD-01 monitor and the codec, in memory: every metric arrives, as it was sent."""

from itertools import pairwise

from devices.codecs import Said
from devices.codecs.hl7.pcd01 import NUMERICS, WAVEFORMS, Pcd01
from devices.model.metrics import by_name
from devices.model.observation import Instant, Quality, Reading, Waveform, later
from devices.profiles.ihe_pcd_01 import PROFILE
from hil.sims.models.ihe_pcd_01 import SIMULATORS, Monitor
from hil.sims.patient import Patient
from hil.sims.simulated import Measured


def talk(sim: Monitor, seconds: int) -> tuple[list[Measured], list[Said]]:
    codec = Pcd01()
    sent: list[Measured] = []
    said: list[Said] = []
    for second in range(seconds):
        measured = sim.tick(second)
        sent += measured
        for one in measured:
            said += codec.receive_data(one.payload, later(Instant(0), second + 1000))
            codec.journalled(Instant(0))
        sim.heard(codec.data_to_send(), second)
    return sent, said


def test_the_profile_has_its_simulator() -> None:
    assert set(SIMULATORS) == {PROFILE.name}


def test_every_metric_of_the_profile_arrives_with_the_value_that_was_sent() -> None:
    sent, said = talk(Monitor(Patient(3)), 1)
    numbers = {one.metric: one.value for one in said if isinstance(one, Reading)}
    told = {name: value for one in sent for name, value in one.values.items() if name in NUMERICS}
    assert {name: float(value) for name, value in numbers.items() if value is not None} == told
    waves = {one.metric: list(memoryview(one.samples).cast("h")) for one in said if isinstance(one, Waveform)}
    assert waves == {name: value for one in sent for name, value in one.values.items() if name in WAVEFORMS}
    assert set(numbers) | set(waves) == set(PROFILE.metrics)


def test_its_values_are_plausible() -> None:
    _, said = talk(Monitor(Patient(3)), 3)
    for one in said:
        if isinstance(one, Reading) and one.value is not None:
            assert by_name(one.metric).is_plausible(one.value)


def test_without_a_patient_there_are_no_values() -> None:
    sim = Monitor(Patient(3))
    sim.on_patient = False
    _, said = talk(sim, 2)
    assert {one.value for one in said if isinstance(one, Reading)} == {None}
    assert not [one for one in said if isinstance(one, Waveform)]


def test_a_cuff_pressure_is_told_once_a_minute() -> None:
    _, said = talk(Monitor(Patient(3)), 65)
    pressures = [one for one in said if isinstance(one, Reading) and one.metric == "nibp_sys"]
    assert all(one.quality == Quality.GOOD for one in pressures)
    assert len({one.at for one in pressures}) == 2


def test_its_waves_follow_each_other_without_a_gap() -> None:
    _, said = talk(Monitor(Patient(3)), 5)
    pleth = [one for one in said if isinstance(one, Waveform) and one.metric == "pleth"]
    assert [after.at - before.end for before, after in pairwise(pleth)] == [0] * 4
