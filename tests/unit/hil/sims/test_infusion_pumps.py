"""Simulated pumps and their codecs: every metric arrives, and the pump's own enquiry is answered."""

from decimal import Decimal

import pytest

from devices.codecs.fresenius import metric
from devices.codecs.fresenius_frame import encode
from devices.model.metrics import METRICS
from devices.model.observation import DeviceEvent, EventKind, Instant, Reading
from devices.profiles import SerialLink, profile
from hil.sims.models.infusion_pumps import SIMULATORS, AlarisSim, FreseniusSim
from hil.sims.patient import Patient

NAMES = sorted(SIMULATORS)


def talk(sim: AlarisSim | FreseniusSim, name: str, seconds: int) -> list[object]:
    link = profile(name).link
    assert isinstance(link, SerialLink)
    codec = link.codec()
    said: list[object] = []
    for step in range(seconds * 10):
        time_s = 10 + step / 10
        now = Instant(int(time_s * 1e9))
        while (due := codec.next_timer()) is not None and due <= now:
            said += codec.handle_timer(now)
            if codec.next_timer() == due:
                break
        spoken = sim.tick(time_s)
        while spoken:
            for measured in spoken:
                said += codec.receive_data(measured.payload, now)
            spoken = sim.heard(codec.data_to_send(), time_s)
        spoken = sim.heard(codec.data_to_send(), time_s)
        for measured in spoken:
            said += codec.receive_data(measured.payload, now)
    return said


def sim_of(name: str) -> AlarisSim | FreseniusSim:
    sim = SIMULATORS[name](Patient(3))
    assert isinstance(sim, AlarisSim | FreseniusSim)
    return sim


@pytest.mark.parametrize("name", NAMES)
def test_every_metric_of_the_profile_arrives_and_nothing_is_bad(name: str) -> None:
    said = talk(sim_of(name), name, 12)
    readings = [one for one in said if isinstance(one, Reading)]
    assert {one.metric for one in readings} == set(profile(name).metrics)
    assert all(one.value is not None for one in readings)
    assert EventKind.BAD_BYTES not in {one.kind for one in said if isinstance(one, DeviceEvent)}
    assert len([one for one in readings if one.metric == "pump_rate"]) >= 8


@pytest.mark.parametrize("name", NAMES)
def test_a_pump_off_the_patient_stands_still_and_says_so(name: str) -> None:
    sim = sim_of(name)
    sim.on_patient = False
    said = talk(sim, name, 12)
    assert {one.value for one in said if isinstance(one, Reading) and one.metric == "pump_rate"} == {0}
    alarms = [one for one in said if isinstance(one, DeviceEvent) and one.kind is EventKind.DEVICE_ALARM]
    assert alarms
    assert all(one.detail["active"] == 1 for one in alarms)


def test_a_rate_of_zero_is_no_implausible_rate() -> None:
    metrics = [METRICS[metric(module, "rate")] for module in range(1, 6)]
    assert [one.is_plausible(Decimal(0)) for one in metrics] == [True] * 5


def test_a_fresenius_base_keeps_its_sessions_while_the_host_lives_and_no_longer() -> None:
    sim = FreseniusSim(Patient(3))
    talk(sim, "fresenius-orchestra", 20)
    assert b"\x021C;" in b"".join(one.payload for one in sim.heard(encode("1", "LE;drame"), 30.1))
    sim.tick(60.0)
    assert b"0D" in sim.heard(encode("1", "LE;drame"), 60.1)[-1].payload


def test_no_pump_obeys_a_command() -> None:
    fresenius = FreseniusSim(Patient(3))
    for address in ("0", "1"):
        fresenius.heard(encode(address, "DC"), 1.0)
    assert b"I;01" in fresenius.heard(encode("1", "PR;0010"), 1.0)[-1].payload
