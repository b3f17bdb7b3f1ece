"""Odometry and load: exact, over counters that wrap; no load where there is none."""

from math import floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.robot.wheels import Wheels, load
from firmware.sensors import reasons


@given(st.integers(-1400, 1400), st.integers(-1400, 1400), st.integers(0, 65535))
def test_a_wheel_s_speed_is_measured_over_wrapping_counters(left: int, right: int, start: int) -> None:
    wheels, at = Wheels(2000), [float(start), float(start)]
    for turn in range(101):
        wheels.update(floor(at[0]) & 0xFFFF, floor(at[1]) & 0xFFFF, turn * 10)
        at = [at[0] + left * 0.02, at[1] + right * 0.02]
    assert abs(wheels.speeds[0] - left) <= 6  # a count is 5 mm/s
    assert abs(wheels.speeds[1] - right) <= 6  # a count is 5 mm/s
    assert abs(wheels.travelled - abs(left + right) / 2) <= 3 or (left < 0) != (right < 0)


def test_backwards_is_travelled_too() -> None:
    wheels = Wheels(2000)
    for turn, count in enumerate((0, 2000, 0)):
        wheels.update(count, count, turn * 1000)
    assert wheels.travelled == 2000


def test_turning_on_the_spot_travels_nowhere() -> None:
    wheels = Wheels(2000)
    wheels.update(0, 0, 0)
    wheels.update(500, -500 & 0xFFFF, 500)
    assert wheels.travelled == 0
    assert wheels.speeds == (500, -500)
    assert wheels.ways == (0, 250, -250)


@given(st.integers(-8_000_000, 8_000_000))
def test_a_load_is_its_code_less_the_zero(code: int) -> None:
    grams, reason = load(code, 1000, 40_000)
    assert reason == reasons.GOOD
    assert grams == pytest.approx((code - 1000) / 40, abs=0.51)


@pytest.mark.parametrize(("code", "reason"), [(None, 2), (0x7FFFFF, 5), (-0x800000, 5)])
def test_a_cell_that_is_off_or_overloaded_has_no_load(code: int | None, reason: int) -> None:
    assert load(code, 0, 40_000) == (None, reason)
