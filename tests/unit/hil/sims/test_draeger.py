"""Simulated Draeger devices and their codec, both halves in memory."""

import pytest

from devices.capture import codecs_of
from devices.codecs import Said
from devices.model.metrics import METRICS
from devices.model.observation import DeviceEvent, EventKind, Instant, Reading, Waveform
from devices.profiles import profile
from hil.sims.patient import Patient
from hil.sims.simulated import WireSim, simulators

MODELS = [
    "draeger-evita-4",
    "draeger-evita-xl",
    "draeger-v500",
    "draeger-primus",
    "draeger-fabius",
    "draeger-perseus",
    "draeger-atlan",
]


def sim_of(name: str) -> WireSim:
    return simulators()[name](Patient(3))  # type: ignore[return-value]


def conversation(name: str, sim: WireSim, seconds: int) -> tuple[list[Said], list[dict[str, object]]]:
    """What the codec says in `seconds`, and what the simulator meant."""
    codec = codecs_of(profile(name).link)[None]
    said: list[Said] = []
    meant: list[dict[str, object]] = []
    for tenth in range(seconds * 10):
        now = Instant(tenth * 100_000_000)
        for one in [*sim.heard(codec.data_to_send(), tenth / 10), *sim.tick(tenth / 10)]:
            said += codec.receive_data(one.payload, now)
            meant.append(dict(one.values))
        if (timer := codec.next_timer()) is not None and timer <= now:
            said += codec.handle_timer(now)
    return said, meant


@pytest.mark.parametrize("name", MODELS)
def test_every_metric_of_the_profile_arrives(name: str) -> None:
    said, _ = conversation(name, sim_of(name), 12)
    numbers = {one.metric for one in said if isinstance(one, Reading) and one.value is not None}
    waves = {one.metric for one in said if isinstance(one, Waveform)}
    assert numbers | waves == set(profile(name).metrics)
    assert waves == {metric for metric in profile(name).metrics if METRICS[metric].is_waveform}
    assert not [one for one in said if isinstance(one, DeviceEvent) and one.kind == EventKind.BAD_BYTES]


def test_what_arrives_is_what_was_meant() -> None:
    said, meant = conversation(MODELS[0], sim_of(MODELS[0]), 12)
    got = [
        float(one.value)
        for one in said
        if isinstance(one, Reading) and one.metric == "vent_pip" and one.value
    ]
    assert got == [values["vent_pip"] for values in meant if "vent_pip" in values]
    assert len(got) >= 4


def test_every_sample_arrives() -> None:
    said, meant = conversation(MODELS[0], sim_of(MODELS[0]), 12)
    waves = [one for one in said if isinstance(one, Waveform) and one.metric == "flow_wave"]
    got = [n for wave in waves for n in memoryview(wave.samples).cast("h")]
    sent = [values["flow_wave"][0] for values in meant if "flow_wave" in values]  # type: ignore[index]
    assert got == sent[: len(got)]
    assert len(got) >= 450


def test_without_a_patient_there_are_no_values_but_an_alarm() -> None:
    sim = sim_of(MODELS[3])
    sim.on_patient = False
    said, _ = conversation(MODELS[3], sim, 8)
    readings = [one for one in said if isinstance(one, Reading)]
    assert readings
    assert not [one for one in readings if one.value is not None]
    alarms = [
        one.detail["text"]
        for one in said
        if isinstance(one, DeviceEvent) and one.kind == EventKind.DEVICE_ALARM
    ]
    assert alarms == ["PAW LOW"]
