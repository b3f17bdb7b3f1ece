"""Sensors that give a voltage: the transfer functions of their data sheets, and what is no measurement."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.sensors import reasons
from firmware.sensors.analogue import FULL, battery, cuff_pressure, ecg


def number(part: float) -> int:
    return round(part * FULL)


@given(st.floats(0, 330))
def test_the_cuff_s_pressure_is_that_of_the_transfer_function(mmhg: float) -> None:
    volts_of_supply = 0.018 * mmhg / 7.50062 + 0.04
    value, reason = cuff_pressure(number(volts_of_supply))
    assert reason == reasons.GOOD
    assert value == pytest.approx(mmhg * 10, abs=0.6)


def test_the_open_cuff_s_own_zero_is_taken_off() -> None:
    assert cuff_pressure(number(0.018 * 100 / 7.50062 + 0.045), cuff_pressure(number(0.045))[0])[0] == 1000


@pytest.mark.parametrize(("part", "reason"), [(0.0, 2), (0.009, 2), (0.995, 5), (1.0, 5), (0.012, 6)])
def test_a_broken_or_shorted_wire_is_no_pressure(part: float, reason: int) -> None:
    assert cuff_pressure(number(part)) == (None, reason)


@given(st.integers(-15_000, 15_000))
def test_the_ecg_is_what_is_at_the_electrodes(microvolts: int) -> None:
    at_converter = (microvolts * 100 + 1_650_000) / 3_300_000
    value, reason = ecg(number(at_converter), leads_off=False)
    assert reason == reasons.GOOD
    assert abs(value - microvolts) <= 1


def test_an_ecg_without_electrodes_or_beyond_the_converter_is_none() -> None:
    assert ecg(number(0.5), leads_off=True) == (None, reasons.NO_CONTACT)
    assert ecg(0, leads_off=False) == (None, reasons.OVERFLOW)
    assert ecg(FULL, leads_off=False) == (None, reasons.OVERFLOW)


@pytest.mark.parametrize(
    ("volts", "percent"), [(3.2, 0), (3.3, 0), (3.7, 25), (3.85, 60), (4.18, 100), (4.25, 100)]
)
def test_a_cell_s_voltage_tells_its_charge(volts: float, percent: int) -> None:
    value, reason = battery(number(volts / 6.6))
    assert reason == reasons.GOOD
    assert abs(value - percent) <= 1


@pytest.mark.parametrize("volts", [0.0, 2.4, 4.5, 6.6])
def test_no_cell_has_such_a_voltage(volts: float) -> None:
    assert battery(number(volts / 6.6)) == (None, reasons.FAILED)


@given(st.integers(0, FULL), st.integers(0, FULL))
def test_a_fuller_cell_never_shows_less(one: int, other: int) -> None:
    low, high = battery(min(one, other))[0], battery(max(one, other))[0]
    assert low is None or high is None or low <= high
