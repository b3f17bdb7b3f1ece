"""Simulated Puritan Bennett ventilators and their codecs, both halves in memory."""

import pytest

from devices.capture import codecs_of
from devices.codecs import Said
from devices.model.observation import Instant, NoValue, Reading, Waveform
from devices.profiles import profile
from hil.sims.patient import Patient
from hil.sims.simulated import WireSim, simulators

MODELS = ["puritan-bennett-840", "puritan-bennett-980"]


def sim_of(name: str) -> WireSim:
    return simulators()[name](Patient(3))  # type: ignore[return-value]


def conversation(name: str, sim: WireSim, seconds: int) -> tuple[list[Said], list[dict[str, object]]]:
    """What the codec says in `seconds`, and what the simulator meant."""
    codec = codecs_of(profile(name).link)[None]
    said: list[Said] = []
    meant: list[dict[str, object]] = []
    for tenth in range(seconds * 10):
        now = Instant(tenth * 100_000_000)
        sent = sim.heard(codec.data_to_send(), tenth / 10)
        if tenth % round(sim.period_s * 10) == 0:
            sent += sim.tick(tenth / 10)
        for one in sent:
            said += codec.receive_data(one.payload, now)
            meant.append(dict(one.values))
        if (timer := codec.next_timer()) is not None and timer <= now:
            said += codec.handle_timer(now)
    return said, meant


@pytest.mark.parametrize("name", MODELS)
def test_every_metric_of_the_profile_arrives(name: str) -> None:
    said, _ = conversation(name, sim_of(name), 70)
    good = {one.metric for one in said if isinstance(one, Reading) and one.value is not None}
    assert good == set(profile(name).metrics)


@pytest.mark.parametrize("name", MODELS)
def test_what_arrives_is_what_was_meant(name: str) -> None:
    said, meant = conversation(name, sim_of(name), 10)
    got = [
        float(one.value) for one in said if isinstance(one, Reading) and one.metric == "vent_vt" and one.value
    ]
    assert got == [values["vent_vt"] for values in meant]
    assert len(got) >= 3


def test_without_a_patient_there_are_no_values() -> None:
    sim = sim_of(MODELS[0])
    sim.on_patient = False
    said, _ = conversation(MODELS[0], sim, 5)
    readings = [one for one in said if isinstance(one, Reading)]
    assert readings
    assert {one.reason for one in readings} == {NoValue.NOT_AVAILABLE}


def test_breaths_arrive_whole() -> None:
    name = "puritan-bennett-840-waveforms"
    said, meant = conversation(name, sim_of(name), 20)
    for metric in profile(name).metrics:
        waves = [one for one in said if isinstance(one, Waveform) and one.metric == metric]
        assert [list(memoryview(wave.samples).cast("h")) for wave in waves] == [one[metric] for one in meant]
        assert len(waves) == 5


def test_no_breath_is_told_without_a_patient() -> None:
    sim = sim_of("puritan-bennett-840-waveforms")
    sim.on_patient = False
    assert sim.tick(8.0) == []
