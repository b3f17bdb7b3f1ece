"""The base moves only while everything allows it, whatever the host says or does not say."""

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.codecs import robot_base_wire as keys
from devices.codecs.node import wire
from firmware.robot.base import Base

STILL = (0, 0), (0, 0, 0), (1200, 0)


class Motors:
    """What the base does to its motors; None: their current is cut."""

    def __init__(self) -> None:
        self.running: tuple[int, int] | None = (9, 9)

    def drive(self, left: int, right: int) -> None:
        self.running = left, right

    def stop(self) -> None:
        self.running = None


class Rig:
    """A base whose clock and senses the test has in its hand."""

    def __init__(self) -> None:
        self.now = 1000
        self.motors = Motors()
        self.base = Base(self.motors, 3, self.now)
        self.button = self.left = self.right = False
        self.number = 0

    def drive(self, left: int = 300, right: int = 300, number: int | None = None) -> None:
        self.number = self.number + 1 if number is None else number
        self.say({wire.KIND: keys.DRIVE, wire.SEQUENCE: self.number, keys.LEFT: left, keys.RIGHT: right})

    def say(self, item: dict[int, object]) -> None:
        self.base.receive(wire.frame(cbor2.dumps(item)), self.now)

    def release(self, stops: int) -> None:
        self.say({wire.KIND: keys.RELEASE, keys.STOPS: stops})

    def wait(self, ms: int) -> None:
        for _ in range(ms // 10):
            self.now += 10
            self.base.sense((self.button, self.left, self.right), *STILL, self.now)

    def state(self) -> dict[int, int]:
        self.now += keys.STATE_MS
        told = self.told()
        assert told
        return told

    def told(self) -> dict[int, int] | None:
        frame = self.base.to_send(self.now)
        return cbor2.loads(wire.body(wire.unstuffed(frame[:-1]))) if frame else None

    @property
    def moves(self) -> bool:
        return self.motors.running is not None


@pytest.fixture
def rig() -> Rig:
    return Rig()


def test_a_base_that_begins_has_its_motors_off(rig: Rig) -> None:
    assert not rig.moves


def test_it_drives_as_it_is_told(rig: Rig) -> None:
    rig.drive(300, -200)
    assert rig.motors.running == (300, -200)


def test_half_a_second_of_silence_stops_it_and_the_next_order_goes_on(rig: Rig) -> None:
    rig.drive()
    rig.wait(keys.SILENCE_MS - 10)
    assert rig.moves
    rig.wait(10)
    assert not rig.moves
    rig.drive()
    assert rig.moves


def test_orders_that_keep_coming_keep_it_moving(rig: Rig) -> None:
    for _ in range(20):
        rig.drive()
        rig.wait(200)
        assert rig.moves


def test_the_button_stops_it_in_the_interrupt_without_any_turn_of_the_loop(rig: Rig) -> None:
    rig.drive()
    rig.base.button()
    assert not rig.moves


def test_a_button_pressed_while_the_motors_are_being_started_stops_them(rig: Rig) -> None:
    class Interrupted(Motors):
        def drive(self, left: int, right: int) -> None:
            rig.base.button()
            super().drive(left, right)

    rig.motors = Interrupted()
    rig.base = Base(rig.motors, 3, rig.now)
    rig.drive()
    assert not rig.moves


def test_the_stop_is_latched_after_the_button_is_out_again_and_no_order_ends_it(rig: Rig) -> None:
    rig.drive()
    rig.button = True
    rig.wait(20)
    rig.button = False
    rig.wait(20)
    rig.drive()
    rig.wait(100)
    assert not rig.moves
    assert rig.state()[keys.FLAGS] & 1


def test_a_release_ends_it_and_the_motors_still_wait_for_a_new_order(rig: Rig) -> None:
    rig.drive()
    rig.base.button()
    rig.release(1)
    rig.wait(10)
    assert not rig.moves
    rig.drive()
    assert rig.moves


def test_no_release_ends_it_while_the_button_is_pressed(rig: Rig) -> None:
    rig.button = True
    rig.wait(20)
    rig.release(1)
    rig.button = False
    rig.wait(20)
    rig.drive()
    assert not rig.moves


def test_a_release_of_an_earlier_stop_does_not_end_a_later_one(rig: Rig) -> None:
    rig.base.button()
    rig.release(1)
    rig.base.button()
    rig.release(1)
    rig.drive()
    assert not rig.moves
    rig.release(2)
    rig.drive()
    assert rig.moves


def test_the_host_can_latch_the_stop_too(rig: Rig) -> None:
    rig.drive()
    rig.say({wire.KIND: keys.STOP})
    rig.drive()
    assert not rig.moves


def test_it_is_not_driven_against_a_bumper_and_may_back_off(rig: Rig) -> None:
    rig.drive()
    rig.left = True
    rig.wait(10)
    assert not rig.moves
    rig.drive(100, -100)
    assert not rig.moves
    rig.drive(-100, -100)
    assert rig.motors.running == (-100, -100)


@pytest.mark.parametrize(("left", "right"), [(1501, 0), (0, -1501), (None, 0), ("fast", 0), (b"", 0)])
def test_an_order_that_is_none_or_too_fast_is_not_obeyed(rig: Rig, left: object, right: object) -> None:
    rig.say({wire.KIND: keys.DRIVE, wire.SEQUENCE: 1, keys.LEFT: left, keys.RIGHT: right})
    assert not rig.moves


def test_an_order_that_was_overtaken_is_not_obeyed(rig: Rig) -> None:
    rig.drive(100, 100, number=8)
    rig.drive(900, 900, number=7)
    assert rig.motors.running == (100, 100)


def test_orders_may_be_numbered_over_the_end(rig: Rig) -> None:
    rig.drive(number=0xFFFFFFFF)
    rig.drive(50, 50, number=0)
    assert rig.motors.running == (50, 50)


def test_the_state_says_what_is_so(rig: Rig) -> None:
    rig.button = rig.right = True
    rig.base.sense((True, False, True), (120, 130), (777, -3, 1557), (None, 2), rig.now)
    state = rig.state()
    names = [name for bit, name in enumerate(keys.STATES) if state[keys.FLAGS] >> bit & 1]
    assert names == ["emergency-stop", "button-pressed", "bumper-right", "host-silent", "moving"]
    told = [state[key] for key in (keys.TRAVELLED, keys.LEFT, keys.RIGHT, keys.LOAD, keys.REASON, keys.STOPS)]
    assert told == [777, 120, 130, None, 2, 1]
    assert (state[keys.LEFT_WAY], state[keys.RIGHT_WAY]) == (-3, 1557)


def test_a_change_is_told_at_once(rig: Rig) -> None:
    rig.wait(10)
    assert rig.base.to_send(rig.now)
    assert not rig.base.to_send(rig.now + 10)
    rig.base.button()
    assert rig.base.to_send(rig.now + 10)


@given(st.binary(max_size=600))
def test_no_bytes_but_an_order_move_it(data: bytes) -> None:
    rig = Rig()
    rig.base.receive(data, rig.now)
    rig.wait(20)
    assert not rig.moves


@given(
    st.lists(
        st.sampled_from(["drive", "button", "out", "stop", "release", "bump", "free", "wait"]), max_size=40
    )
)
def test_whatever_happens_it_never_moves_while_the_stop_is_latched(steps: list[str]) -> None:
    rig, state = Rig(), {keys.FLAGS: 0, keys.STOPS: 0}
    for step in steps:
        if step == "drive":
            rig.drive()
        elif step in ("button", "out"):
            rig.button = step == "button"
        elif step == "stop":
            rig.say({wire.KIND: keys.STOP})
        elif step == "release":
            rig.release(state[keys.STOPS])
        elif step in ("bump", "free"):
            rig.left = step == "bump"
        rig.wait(10)
        state = rig.told() or state
        assert not (rig.moves and state[keys.FLAGS] & 0b0_1111)
