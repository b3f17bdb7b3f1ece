"""The simulated satellite receiver and its codec: what is sent is what is heard, and it moves."""

import re
from itertools import groupby, pairwise

import pytest

from controller.arrivals.globe import Point, distance_m
from controller.arrivals.position import Fix, State, position, track
from devices.capture import codecs_of
from devices.codecs import Said
from devices.model.observation import EventKind, Instant, Reading, Waveform
from devices.profiles import profile
from hil.sims.models.vehicle_position import SIMULATORS, Receiver
from hil.sims.patient import Patient
from hil.sims.routes import routes
from hil.sims.simulated import Measured

ALL = pytest.mark.parametrize("name", SIMULATORS)


CITY, BRIDGE = 1, 2
"""Seeds of patients who are driven along these routes."""


def conversation(
    name: str, seconds: int, covered: bool = False, seed: int = CITY
) -> tuple[list[Said], list[Measured]]:
    sim = Receiver(Patient(seed))
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


def test_under_a_bridge_it_reckons_on_then_has_no_fix_and_finds_the_satellites_again() -> None:
    said, sent = conversation("nmea-gnss", 24, seed=BRIDGE)
    qualities = "".join(re.findall(r"GNGGA,(?:[^,]*,){5}(.)", one.payload.decode())[0] for one in sent)
    assert re.fullmatch(r"1{7}6660{8,9}1{5,6}", qualities)
    assert [value is None for value in heard(said, "latitude")] == [quality != "1" for quality in qualities]
    assert heard(said, "latitude") == [one.values["latitude"] for one in sent]
    assert heard(said, "gnss_hdop").count(2.4) == 4


def test_in_the_tunnel_the_controller_reckons_on_and_the_vehicle_is_inside_of_its_circle() -> None:
    route, told = routes()["city"], list[Fix]()
    states: list[State] = []
    sim = Receiver(Patient(CITY))
    for second in range(160):
        [sent] = sim.tick(float(second))
        values = [sent.values[name] for name in ("latitude", "longitude", "vehicle_speed", "vehicle_course")]
        latitude, longitude, speed, course = (one if isinstance(one, float) else None for one in values)
        if latitude is not None and longitude is not None:
            told.append(Fix(second * 1_000_000, latitude, longitude, speed, course, 0.92))
        where = position(track(told, second * 1_000_000), second * 1_000_000)
        assert where and where.radius_m
        states.append(where.state)
        spot = route.at(float(second))
        assert distance_m(where.point, Point(spot.latitude, spot.longitude)) < where.radius_m
    assert [state for state, _ in groupby(states)] == [State.FIXED, State.RECKONED, State.FIXED]
    assert states.count(State.RECKONED) > 20


def test_at_rest_it_tells_no_course() -> None:
    said, _ = conversation("nmea-gnss", 3)
    assert heard(said, "vehicle_course")[0] is None
    assert heard(said, "vehicle_speed")[0] == 0


def test_a_covered_antenna_gives_no_position() -> None:
    said, sent = conversation("nmea-gnss", 3, covered=True)
    for metric in ("latitude", "longitude", "altitude", "vehicle_speed", "vehicle_course", "gnss_hdop"):
        assert heard(said, metric) == [None] * 3
    assert heard(said, "gnss_satellites") == [0.0] * 3
    assert all(one.values["latitude"] is None for one in sent)


def test_it_does_not_listen() -> None:
    assert Receiver(Patient(1)).heard(b"$PUBX", 0.0) == []
