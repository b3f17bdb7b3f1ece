"""Simulated Masimo oximeters and their codec talk to each other: what is sent is what is heard."""

import pytest

from devices.capture import codecs_of
from devices.codecs import Said
from devices.model.observation import DeviceEvent, EventKind, Instant, Reading
from devices.profiles import profile
from hil.sims.models.masimo import SIMULATORS
from hil.sims.patient import Patient
from hil.sims.simulated import WireSim

ALL = pytest.mark.parametrize("name", SIMULATORS)
SECONDS = range(100, 110)


def talk(name: str, on_patient: bool = True) -> tuple[dict[str, list[object]], list[Said]]:
    """What was sent by metric, and what was heard."""
    sim: WireSim = SIMULATORS[name](Patient(3))  # type: ignore[assignment]
    codec = codecs_of(profile(name).link)[None]
    sent: dict[str, list[object]] = {}
    said: list[Said] = []
    for second in SECONDS:
        sim.on_patient = on_patient or second == SECONDS[0]
        for measured in sim.tick(float(second)):
            for metric, value in measured.values.items():
                sent.setdefault(metric, []).append(value)
            said += codec.receive_data(measured.payload, Instant(second * 1_000_000_000))
    return sent, said


def values(said: list[Said], metric: str) -> list[object]:
    found = [one for one in said if isinstance(one, Reading) and one.metric == metric]
    return [None if one.value is None else float(one.value) for one in found]


@ALL
def test_every_value_of_every_metric_arrives(name: str) -> None:
    sent, said = talk(name)
    assert set(sent) == set(profile(name).metrics)
    for metric in profile(name).metrics:
        assert values(said, metric) == sent[metric]
        assert None not in values(said, metric)


@ALL
def test_a_sensor_that_is_off_gives_no_values_and_is_told(name: str) -> None:
    sent, said = talk(name, on_patient=False)
    for metric in profile(name).metrics:
        assert values(said, metric) == sent[metric]
        assert values(said, metric)[1:] == [None] * (len(SECONDS) - 1)
    events = [one for one in said if isinstance(one, DeviceEvent)]
    assert [one.detail for one in events if one.kind == EventKind.STATUS] == [{"sensor-off": 1}]


@ALL
def test_it_says_its_time_with_each_line_and_no_byte_is_bad(name: str) -> None:
    _, said = talk(name)
    kinds = [one.kind for one in said if isinstance(one, DeviceEvent)]
    assert kinds.count(EventKind.DEVICE_CLOCK) == len(SECONDS)
    assert EventKind.BAD_BYTES not in kinds


def test_a_rad8_says_its_serial_number() -> None:
    _, said = talk("masimo-rad8")
    events = [one for one in said if isinstance(one, DeviceEvent) and one.kind == EventKind.IDENTITY]
    assert [one.detail for one in events] == [{"serial": "0000093112"}]
