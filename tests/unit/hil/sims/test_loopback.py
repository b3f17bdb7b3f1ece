"""Every simulator that can talk in memory gives its profile's codec every metric that the profile names."""

import pytest

from devices.model.observation import DeviceEvent, EventKind, Reading, Waveform
from devices.profiles import VehicleLink, profile, profiles
from hil.sims.loopback import can_converse, converse
from hil.sims.patient import Patient
from hil.sims.simulated import simulators

ABLE = [name for name, make in simulators().items() if can_converse(make(Patient(1)))]
EVERY = pytest.mark.parametrize("name", ABLE)
_S = 70.0
"""Long enough for what a device measures once a minute."""


def test_every_model_has_a_simulator() -> None:
    at_brokers = {name for name, one in profiles().items() if isinstance(one.link, VehicleLink)}
    assert set(profiles()) - set(simulators()) == at_brokers  # robots: hil/sims/robots


@EVERY
def test_every_metric_of_the_profile_arrives_and_nothing_is_bad(name: str) -> None:
    talk = converse(profile(name).link, simulators()[name](Patient(1)), _S)
    came = {one.metric for one in talk.said if isinstance(one, Waveform)}
    came |= {one.metric for one in talk.said if isinstance(one, Reading) and one.value is not None}
    bad = [one for one in talk.said if isinstance(one, DeviceEvent) and one.kind == EventKind.BAD_BYTES]
    assert bad == []
    in_one_unit = {metric for metric in profile(name).metrics if not metric.endswith("_molar")}
    assert in_one_unit - came == set()
    assert came <= set(profile(name).metrics)


@EVERY
def test_a_sensor_that_is_off_its_patient_gives_no_number_that_looks_alive(name: str) -> None:
    sim = simulators()[name](Patient(1))
    sim.on_patient = False
    talk = converse(profile(name).link, sim, 10.0)
    alive = {one.metric for one in talk.said if isinstance(one, Reading) and one.value is not None}
    assert alive & {"hr", "spo2", "pr_spo2", "pi"} == set()
