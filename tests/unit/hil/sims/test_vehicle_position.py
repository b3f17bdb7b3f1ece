"""The simulated satellite receiver and its codec: what is sent is what is heard, and it moves."""

from itertools import pairwise

import pytest

from devices.capture import codecs_of
from devices.codecs import Said
from devices.model.observation import EventKind, Instant, Reading, Waveform
from devices.profiles import profile
from hil.sims.models.vehicle_position import SIMULATORS, Receiver
from hil.sims.patient import Patient
from hil.sims.simulated import Measured

ALL = pytest.mark.parametrize("name", SIMULATORS)


def conversation(name: str, seconds: int, covered: bool = False) -> tuple[list[Said], list[Measured]]:
    sim = Receiver(Patient(3))
    sim.on_patient = not covered
    codec = codecs_of(profile(name).link)[None]
    said: list[Said] = []
    sent: list[Measured] = []
    for second in range(seconds):
        now = Instant(second * 1_000_000_000)
        if (timer := codec.next_timer()) is not None and timer <= now:
            said += codec.handle_timer(timer)
        sent += sim.tick(float(second))
        said += codec.receive_data(sent[-1].payload, now)
    return said + codec.handle_timer(Instant(seconds * 1_000_000_000)), sent


def heard(said: list[Said], metric: str) -> list[float | None]:
    found = [one for one in said if isinstance(one, Reading) and one.metric == metric]
    return [None if one.value is None else float(one.value) for one in found]


@ALL
def test_every_value_that_is_sent_arrives_once(name: str) -> None:
    said, sent = conversation(name, 30)
    for metric in profile(name).metrics:
        assert heard(said, metric) == [one.values[metric] for one in sent]
    assert {one.kind for one in said if not isinstance(one, Reading | Waveform)} == {EventKind.DEVICE_CLOCK}


def test_it_moves_as_fast_as_it_says() -> None:
    said, _ = conversation("nmea-gnss", 60)
    latitudes = [one for one in heard(said, "latitude") if one is not None]
    speeds = [one for one in heard(said, "vehicle_speed") if one is not None]
    steps = [abs(b - a) * 111_200 * 3.6 for a, b in pairwise(latitudes)]
    assert max(steps) <= max(speeds) + 1
    assert max(steps) > 5


def test_a_covered_antenna_gives_no_position() -> None:
    said, sent = conversation("nmea-gnss", 3, covered=True)
    for metric in ("latitude", "longitude", "altitude", "vehicle_speed", "vehicle_course", "gnss_hdop"):
        assert heard(said, metric) == [None] * 3
    assert heard(said, "gnss_satellites") == [0.0] * 3
    assert all(one.values["latitude"] is None for one in sent)


def test_it_does_not_listen() -> None:
    assert Receiver(Patient(1)).heard(b"$PUBX", 0.0) == []
