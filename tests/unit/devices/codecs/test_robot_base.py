"""The codec of the robot base: what it says, and that nothing moves it but `drive`."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.codecs.robot_base import RobotBase
from devices.model.observation import DeviceEvent, EventKind, Instant, Reading, later
from hil.sims.models.robot_base import Robot
from hil.sims.patient import Patient


class Talk:
    """A base and its codec on one line, in steps of 20 ms."""

    def __init__(self) -> None:
        self.robot, self.codec = Robot(Patient(2)), RobotBase()
        self.time_s = 5.0
        self.readings: dict[str, Decimal | None] = {}
        self.status: dict[str, int] = {}
        self.loads: list[object] = []

    @property
    def now(self) -> Instant:
        return Instant(int(self.time_s * 1e9))

    def go_on(self, seconds: float, line: bool = True) -> None:
        for _ in range(round(seconds / 0.02)):
            self.time_s += 0.02
            due = self.codec.next_timer()
            if due is not None and due <= self.now:
                self.codec.handle_timer(self.now)
            sent = self.codec.data_to_send()
            told = self.robot.heard(sent if line else b"", self.time_s) + self.robot.tick(self.time_s)
            for one in told:
                self._take(self.codec.receive_data(one.payload, self.now))

    def _take(self, said: list[object]) -> None:
        for one in said:
            if isinstance(one, Reading):
                self.readings[one.metric] = one.value
            elif isinstance(one, DeviceEvent) and one.kind == EventKind.STATUS:
                self.status |= {name: int(value) for name, value in one.detail.items()}
            elif isinstance(one, DeviceEvent) and one.kind == EventKind.UNMAPPED:
                self.loads.append(one.detail.get("value", one.detail.get("text")))


@pytest.fixture
def talk() -> Talk:
    talk = Talk()
    talk.go_on(1.0)
    return talk


def test_nobody_drives_it_by_listening(talk: Talk) -> None:
    assert talk.codec.data_to_send() == b""
    assert talk.status == {"host-silent": 1}
    assert talk.readings == {"odometer": 0, "vehicle_speed": 0}


def test_it_drives_for_as_long_as_it_is_to_and_tells_how_far(talk: Talk) -> None:
    talk.codec.drive(500, 500, talk.now)
    talk.go_on(4.0)
    assert talk.readings["vehicle_speed"] == pytest.approx(Decimal("1.8"), abs=Decimal("0.05"))
    assert talk.readings["odometer"] == pytest.approx(Decimal("0.002"), abs=Decimal("0.00011"))
    assert talk.status["moving"] == 1
    talk.codec.rest()
    talk.go_on(1.0)
    assert talk.readings["vehicle_speed"] == 0
    assert talk.status["host-silent"] == 1


def test_a_line_that_breaks_stops_it(talk: Talk) -> None:
    talk.codec.drive(500, 500, talk.now)
    talk.go_on(1.0)
    talk.go_on(0.7, line=False)
    assert talk.robot.motors.speeds == (0, 0)


def test_its_button_stops_it_and_only_a_release_lets_it_go_on(talk: Talk) -> None:
    talk.codec.drive(500, 500, talk.now)
    talk.go_on(1.0)
    talk.robot.button = True
    talk.go_on(0.1)
    assert talk.status["emergency-stop"] == 1
    talk.robot.button = False
    talk.go_on(1.0)
    assert talk.robot.motors.speeds == (0, 0)
    talk.codec.release()
    talk.go_on(1.0)
    assert talk.status["emergency-stop"] == 0
    assert talk.robot.motors.speeds == (500, 500)


def test_the_host_s_stop_ends_the_driving_too(talk: Talk) -> None:
    talk.codec.drive(500, 500, talk.now)
    talk.go_on(1.0)
    talk.codec.stop()
    talk.go_on(0.1)
    talk.codec.release()
    talk.go_on(1.0)
    assert talk.robot.motors.speeds == (0, 0)


def test_its_load_is_told_when_it_changes_and_when_there_is_none(talk: Talk) -> None:
    talk.robot.parcel_g = 2500
    talk.go_on(1.0)
    talk.robot.on_patient = False
    talk.go_on(1.0)
    assert talk.loads == [1000, 2500, "sensor-off"]


def test_more_than_it_obeys_is_refused(talk: Talk) -> None:
    with pytest.raises(ValueError, match="1500 mm/s"):
        talk.codec.drive(1600, 0, talk.now)


def test_speeds_are_sent_again_five_times_a_second(talk: Talk) -> None:
    talk.codec.drive(100, 100, talk.now)
    assert talk.codec.next_timer() == later(talk.now, 0.2)


@given(st.binary(max_size=400))
def test_any_bytes_are_endured_and_say_nothing(data: bytes) -> None:
    said = RobotBase().receive_data(data, Instant(0))
    assert all(isinstance(one, DeviceEvent) and one.kind == EventKind.BAD_BYTES for one in said)
