"""How long the oxygen of a cylinder lasts, by the textbook."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.model.oxygen import RESERVE_BAR, endurance

pressures, flows, volumes = st.floats(0, 300), st.floats(0.1, 50), st.floats(0.5, 50)


def test_a_cylinder_of_two_litres_at_200_bar_feeds_a_reservoir_mask_for_25_minutes() -> None:
    left = endurance(200, 2, 15)
    assert left.litres == pytest.approx(372)
    assert left.minutes == pytest.approx(24.8)


def test_the_rule_in_psi_gives_the_same() -> None:
    """AAOS: a D cylinder (0.16 L/psi) of 2000 psi at 10 L/min: (2000 - 200) x 0.16 / 10 = 28.8 min."""
    psi = 0.0689476
    assert endurance(2000 * psi, 0.16 / psi, 10).minutes == pytest.approx(28.8, rel=0.01)


@given(pressures, volumes)
def test_without_a_flow_that_is_known_nobody_knows_how_long(pressure: float, water: float) -> None:
    assert endurance(pressure, water, None).minutes is None
    assert endurance(pressure, water, 0).minutes is None


@given(st.floats(-1, RESERVE_BAR), volumes, flows)
def test_the_reserve_is_never_counted_on(pressure: float, water: float, flow: float) -> None:
    assert endurance(pressure, water, flow) == (0, 0)


@given(pressures, volumes, flows)
def test_what_is_left_is_used_up_in_the_time_that_is_told(pressure: float, water: float, flow: float) -> None:
    left = endurance(pressure, water, flow)
    assert left.minutes is not None
    assert left.minutes * flow == pytest.approx(left.litres)
    assert left.litres <= pressure * water
