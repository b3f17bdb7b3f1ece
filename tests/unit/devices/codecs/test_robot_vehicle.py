"""The serial base as a vehicle: with the base's own program and wheels that turn, in simulated time."""

import json
import math
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import cbor2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.codecs import Host, Said, Wheeled
from devices.codecs import robot_base_wire as keys
from devices.codecs.node import wire
from devices.codecs.robot_vehicle import RobotVehicle
from devices.codecs.vda5050.action import Action, InstantActions
from devices.codecs.vda5050.errors import Vda5050Error
from devices.codecs.vda5050.messages import decode, encode
from devices.codecs.vda5050.order import Order
from devices.codecs.vda5050.state import State
from devices.codecs.vda5050.topics import Topic
from devices.codecs.vda5050.words import ActionStatus, EStop, OperatingMode
from devices.model.observation import DeviceEvent, EventKind, Instant
from firmware.robot.base import Base
from hil.sims.models.robot_base import Robot
from hil.sims.patient import Patient
from tests.support.robot_wheels import WHEEL_BASE_MM, TrueMotors, actions, at, order

_STEP_S = 0.02


class Track:
    """A base, its vehicle, and the line between them; the truth is what its wheels rolled."""

    def __init__(self, knows_time: bool = True) -> None:
        self.robot, self.motors = Robot(Patient(2)), TrueMotors()
        self.robot.motors = self.motors
        self.robot.parcel_g = 0
        self.time_s = 5.0
        start = datetime(2026, 1, 1, tzinfo=UTC)
        host = Host(lambda at: start + timedelta(microseconds=at // 1000) if knows_time else None)
        self.vehicle = RobotVehicle(host, Wheeled("robot-2", WHEEL_BASE_MM))
        self.said: list[Said] = []
        self.hears = self.speaks = True
        """Whether the gateway hears the base, and the base the gateway."""

    @property
    def now(self) -> Instant:
        return Instant(round(self.time_s * 1e9))

    def go_on(self, seconds: float) -> None:
        for _ in range(round(seconds / _STEP_S)):
            self.time_s += _STEP_S
            due = self.vehicle.next_timer()
            if due is not None and due <= self.now:
                self.said += self.vehicle.handle_timer(self.now)
            owed = self.vehicle.data_to_send()
            told = self.robot.heard(owed if self.speaks else b"", self.time_s) + self.robot.tick(self.time_s)
            for one in told if self.hears else []:
                self.said += self.vehicle.receive_data(one.payload, self.now)

    def until(self, is_so: Any, most_s: float = 60.0) -> None:
        ends = self.time_s + most_s
        while not is_so():
            assert self.time_s < ends, f"waited in vain: {self.state}"
            self.go_on(0.1)

    def give(self, message: Order | InstantActions) -> bool:
        topic = "order" if isinstance(message, Order) else "instantActions"
        return self.vehicle.order(topic, encode(message).decode(), self.now)

    def place(self, x: float = 0.0, y: float = 0.0, theta: float = 0.0) -> None:
        where = {"x": x, "y": y, "theta": theta, "mapId": "ward", "lastNodeId": "A"}
        assert self.give(actions("initPosition", **where))
        self.go_on(0.5)

    def events(self, kind: EventKind) -> list[Mapping[str, str | int]]:
        return [one.detail for one in self.said if isinstance(one, DeviceEvent) and one.kind == kind]

    @property
    def state(self) -> State:
        """The last that was told whole."""
        told = [str(one["json"]) for one in self.events(EventKind.VEHICLE) if one["topic"] == "state"]
        message = decode(Topic.STATE, told[-1].encode())
        assert isinstance(message, State)
        return message

    @property
    def is_still(self) -> bool:
        return self.robot.motors.speeds == (0, 0)

    def action(self, action_id: str) -> ActionStatus:
        return next(one.action_status for one in self.state.action_states if one.action_id == action_id)


@pytest.fixture
def track() -> Track:
    track = Track()
    track.go_on(1.0)
    return track


@pytest.fixture
def placed(track: Track) -> Track:
    track.place()
    return track


def test_until_a_person_says_where_it_stands_it_takes_no_order(track: Track) -> None:
    position = track.state.agv_position
    assert position
    assert (position.position_initialized, position.localization_score) == (False, 0)
    assert track.state.operating_mode is OperatingMode.MANUAL
    assert track.give(order([at("A"), at("B", 1.0)]))
    track.go_on(3.0)
    assert track.is_still
    assert [one.error_type for one in track.state.errors] == ["orderError"]
    track.place()
    assert track.state.operating_mode is OperatingMode.AUTOMATIC
    assert track.state.agv_position
    assert track.state.agv_position.position_initialized


def test_it_drives_an_order_to_its_end_by_the_way_that_its_wheels_rolled(placed: Track) -> None:
    assert placed.give(order([at("A"), at("B", 1.0), at("C", 1.0, 1.0), at("D", 0.0, 1.0, math.pi)]))
    placed.until(lambda: placed.state.last_node_id == "D" and not placed.state.driving)
    assert (placed.state.order_id, placed.state.node_states) == ("o-1", ())
    x, y, theta = placed.motors.pose
    assert math.hypot(x - 0.0, y - 1.0) < 0.1
    assert abs(math.remainder(theta - math.pi, math.tau)) < 0.15
    position = placed.state.agv_position
    assert position
    assert position.deviation_range
    assert position.localization_score
    assert math.hypot(position.x - x, position.y - y) < position.deviation_range
    assert 0.05 < position.deviation_range < 0.5
    assert 0.5 < position.localization_score < 0.95
    assert placed.is_still
    assert placed.events(EventKind.VEHICLE_AT)
    assert placed.events(EventKind.BATTERY) == []


def test_it_stands_at_the_end_of_its_base_and_goes_on_when_that_is_extended(placed: Track) -> None:
    way = [at("A"), at("B", 0.6), at("C", 1.2)]
    assert placed.give(order(way, released=2))
    placed.until(lambda: placed.state.last_node_id == "B" and not placed.state.driving)
    placed.go_on(10.0)
    assert placed.is_still
    assert placed.state.last_node_id == "B"
    assert placed.give(order(way[1:], update=1, first=2))
    placed.until(lambda: placed.state.last_node_id == "C")


def test_its_stop_button_stops_it_and_it_goes_on_only_when_a_person_released_it(placed: Track) -> None:
    assert placed.give(order([at("A"), at("B", 2.0)]))
    placed.go_on(1.5)
    assert not placed.is_still
    placed.robot.button = True
    placed.go_on(0.1)
    assert placed.is_still
    placed.go_on(0.5)
    assert placed.state.safety_state.e_stop is EStop.MANUAL
    assert placed.give(actions("releaseStop"))
    placed.go_on(2.0)
    assert placed.is_still
    placed.robot.button = False
    placed.go_on(2.0)
    assert placed.state.safety_state.e_stop is EStop.REMOTE
    assert placed.is_still
    assert placed.give(actions("releaseStop", number=2))
    placed.until(lambda: placed.state.last_node_id == "B")
    assert placed.state.safety_state.e_stop is EStop.NONE


def test_what_it_hits_stops_it_for_good_and_is_an_error(placed: Track) -> None:
    assert placed.give(order([at("A"), at("B", 2.0)]))
    placed.go_on(1.5)
    placed.robot.bumper_left = True
    placed.go_on(1.0)
    assert placed.is_still
    assert [one.error_type for one in placed.state.errors] == ["bumper"]
    placed.robot.bumper_left = False
    placed.go_on(3.0)
    assert placed.is_still
    assert placed.state.errors == ()
    assert placed.state.safety_state.e_stop is EStop.REMOTE


def test_a_cancelled_order_ends_where_it_is(placed: Track) -> None:
    assert placed.give(order([at("A"), at("B", 2.0)]))
    placed.go_on(1.5)
    assert placed.give(actions("cancelOrder"))
    placed.go_on(0.3)
    assert placed.is_still
    placed.go_on(1.0)
    assert placed.state.node_states == ()
    assert placed.action("cancelOrder-1") is ActionStatus.FINISHED


def test_a_pause_holds_it_and_its_end_lets_it_go_on(placed: Track) -> None:
    assert placed.give(order([at("A"), at("B", 1.0)]))
    placed.go_on(1.0)
    assert placed.give(actions("startPause"))
    placed.go_on(3.0)
    assert placed.is_still
    assert placed.state.paused
    assert placed.give(actions("stopPause"))
    placed.until(lambda: placed.state.last_node_id == "B")


@pytest.mark.parametrize("way", ["hears", "speaks"])
def test_a_line_that_is_cut_either_way_stops_it_within_a_second(placed: Track, way: str) -> None:
    assert placed.give(order([at("A"), at("B", 5.0)]))
    placed.go_on(1.5)
    assert not placed.is_still
    setattr(placed, way, False)
    placed.go_on(1.1)
    assert placed.is_still
    if way == "hears":
        assert not placed.give(order([at("A"), at("B", 5.0)], order_id="o-2"))
        assert placed.give(actions("cancelOrder"))
        placed.go_on(5.0)
        assert not placed.give(actions("startPause"))


def test_a_base_that_began_anew_has_forgotten_where_it_stands(placed: Track) -> None:
    assert placed.give(order([at("A"), at("B", 5.0)]))
    placed.go_on(1.5)
    placed.robot._base = Base(placed.motors, 2, round(placed.time_s * 1000))
    placed.go_on(2.0)
    assert placed.is_still
    assert placed.state.operating_mode is OperatingMode.MANUAL


def test_a_pick_ends_when_something_lies_on_it_and_a_drop_when_it_was_taken(placed: Track) -> None:
    pick = Action(action_type="pick", action_id="p")
    drop = Action(action_type="drop", action_id="d")
    assert placed.give(order([at("A", actions=(pick,)), at("B", 0.5, actions=(drop,))]))
    placed.go_on(3.0)
    assert placed.is_still
    assert (placed.action("p"), placed.state.loads) == (ActionStatus.RUNNING, ())
    placed.robot.parcel_g = 800
    placed.until(lambda: placed.state.last_node_id == "B" and placed.action("d") is ActionStatus.RUNNING)
    assert placed.action("p") is ActionStatus.FINISHED
    assert placed.state.loads
    assert placed.state.loads[0].weight == 0.8
    placed.go_on(30.0)  # nobody takes it
    assert placed.action("d") is ActionStatus.RUNNING
    placed.robot.parcel_g = 0
    placed.until(lambda: placed.action("d") is ActionStatus.FINISHED)
    assert placed.state.loads == ()
    assert [one.get("value") for one in placed.events(EventKind.UNMAPPED)][-2:] == [800, 0]


def test_without_its_load_cell_a_pick_fails(placed: Track) -> None:
    placed.robot.on_patient = False
    placed.go_on(1.0)
    assert placed.give(order([at("A", actions=(Action(action_type="pick", action_id="p"),))]))
    placed.go_on(2.0)
    assert placed.action("p") is ActionStatus.FAILED
    assert placed.state.loads is None


def test_what_is_for_another_vehicle_is_not_taken(placed: Track) -> None:
    text = encode(order([at("A"), at("B", 1.0)])).decode()
    with pytest.raises(Vda5050Error):
        placed.vehicle.order("order", text.replace("robot-2", "robot-3"), placed.now)


def test_who_does_not_know_the_time_drives_it_nowhere_and_still_hears_it() -> None:
    track = Track(knows_time=False)
    track.go_on(1.0)
    assert track.events(EventKind.VEHICLE) == []
    assert not track.give(order([at("A"), at("B", 1.0)]))
    assert [one for one in track.said if isinstance(one, DeviceEvent)]


def test_it_says_what_it_is_when_it_is_asked(placed: Track) -> None:
    assert placed.give(actions("factsheetRequest"))
    placed.go_on(0.5)
    [told] = [one for one in placed.events(EventKind.VEHICLE) if one["topic"] == "factsheet"]
    content = json.loads(str(told["json"]))
    assert content["typeSpecification"]["agvKinematic"] == "DIFF"
    assert content["serialNumber"] == "robot-2"


@pytest.mark.parametrize("theta", [math.pi, -math.pi, 7.0])
def test_it_may_be_placed_in_any_direction(track: Track, theta: float) -> None:
    track.place(theta=theta)
    position = track.state.agv_position
    assert position
    assert position.position_initialized
    assert abs(math.remainder(position.theta - theta, math.tau)) < 0.001


_STATES = st.fixed_dictionaries(
    {
        wire.KIND: st.just(keys.STATE),
        **dict.fromkeys((wire.SEQUENCE, wire.AT_MS, keys.TRAVELLED), st.integers(0, 2**32 - 1)),
        wire.BOOT: st.integers(0, 1),
        keys.FLAGS: st.integers(0, 255),
        **dict.fromkeys((keys.LEFT, keys.RIGHT), st.integers(-32768, 32767)),
        **dict.fromkeys((keys.LEFT_WAY, keys.RIGHT_WAY), st.integers(-(2**32), 2**32) | st.none()),
        keys.LOAD: st.none() | st.integers(-1_000_000, 1_000_000),
        keys.REASON: st.integers(0, 300),
        keys.STOPS: st.integers(0, 9),
    }
)


@settings(max_examples=40, deadline=None)
@given(told=st.lists(_STATES, max_size=12))
def test_whatever_a_base_tells_is_endured_and_can_be_said(told: list[dict[int, int | None]]) -> None:
    track = Track()
    track.go_on(1.0)
    track.place()
    assert track.give(order([at("A", actions=(Action(action_type="pick", action_id="p"),)), at("B", 9.0)]))
    for one in told:
        track.time_s += 0.2
        track.said += track.vehicle.receive_data(wire.frame(cbor2.dumps(one)), track.now)
        track.said += track.vehicle.handle_timer(track.now)
    assert not [one for one in track.events(EventKind.BAD_BYTES) if one.keys() - {"range"}]
    assert track.state
