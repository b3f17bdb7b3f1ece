"""Simulated personal health devices and the manager: every metric arrives, nothing is answered early."""

import pytest

from devices.codecs.phd import PhdManager
from devices.model.observation import DeviceEvent, EventKind, Instant, NoValue, Quality, Reading
from devices.profiles import profile
from hil.sims.models.phd import SIMULATORS, PhdSim
from hil.sims.patient import Patient

NAMES = sorted(SIMULATORS)


def sim_of(name: str) -> PhdSim:
    sim = SIMULATORS[name](Patient(3))
    assert isinstance(sim, PhdSim)
    return sim


def talk(sim: PhdSim, codec: PhdManager, seconds: range, journal: bool = True) -> list[object]:
    said: list[object] = []
    for second in seconds:
        now = Instant(second * 1_000_000_000)
        waiting = [measured.payload for measured in sim.tick(float(second))]
        while waiting:
            said += codec.receive_data(waiting.pop(0), now)
            if journal and codec.awaits_journal():
                codec.journalled(now)
            waiting += [measured.payload for measured in sim.heard(codec.data_to_send(), float(second))]
    return said


@pytest.mark.parametrize("name", NAMES)
def test_every_metric_of_the_profile_arrives_and_is_of_now(name: str) -> None:
    said = talk(sim_of(name), PhdManager(), range(1, 15))
    readings = [one for one in said if isinstance(one, Reading)]
    in_one_unit = {metric for metric in profile(name).metrics if not metric.endswith("_molar")}
    assert {one.metric for one in readings} == in_one_unit
    assert all(one.value is not None and one.quality is Quality.GOOD for one in readings)
    assert len({one.at for one in readings}) > 1


@pytest.mark.parametrize("name", NAMES)
def test_off_the_patient_there_is_no_value(name: str) -> None:
    sim = sim_of(name)
    sim.on_patient = False
    readings = [one for one in talk(sim, PhdManager(), range(1, 15)) if isinstance(one, Reading)]
    assert readings
    assert {one.reason for one in readings} == {NoValue.NOT_AVAILABLE}


def test_a_device_tells_who_it_is() -> None:
    said = talk(sim_of("phd-thermometer"), PhdManager(), range(1, 5))
    events = [one for one in said if isinstance(one, DeviceEvent)]
    assert {"manufacturer", "model", "serial"} <= set(
        next(one.detail for one in events if one.kind is EventKind.IDENTITY and len(one.detail) > 1)
    )
    assert [dict(one.detail) for one in events if one.kind is EventKind.BATTERY] == [{"percent": 87}]


def test_a_measurement_that_is_not_answered_is_not_taken_for_delivered() -> None:
    sim, codec = sim_of("phd-pulse-oximeter"), PhdManager()
    said = talk(sim, codec, range(1, 12), journal=False)
    numbers = [one for one in said if isinstance(one, Reading) and one.metric == "spo2"]
    associations = [one for one in said if isinstance(one, DeviceEvent) and len(one.detail) == 1]
    assert len(numbers) <= len([one for one in associations if one.kind is EventKind.IDENTITY])


def test_a_device_begins_again_when_nobody_answers() -> None:
    sim = sim_of("phd-pulse-oximeter")
    first = [measured.payload for second in range(10) for measured in sim.tick(float(second))]
    assert len(first) == 4
    assert len(set(first)) == 1
    readings = [one for one in talk(sim, PhdManager(), range(12, 20)) if isinstance(one, Reading)]
    assert readings
