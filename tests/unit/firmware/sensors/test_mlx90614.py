"""The MLX90614's driver against its simulated memory: a temperature that its PEC proves, or a reason."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.sensors import reasons
from firmware.sensors.mlx90614 import ADDRESS, Mlx90614, pec
from hil.chips import mlx90614 as simulated
from hil.chips.i2c import Bus, Fault


@given(st.integers(-7000, 38000), st.integers(-4000, 12500))
def test_a_temperature_is_read_to_a_hundredth_of_a_degree_of_its_resolution(looked_at: int, own: int) -> None:
    chip = simulated.Mlx90614(own / 100, looked_at / 100)
    driver = Mlx90614(Bus({ADDRESS: chip}))
    for (value, reason), true in ((driver.object(), looked_at), (driver.ambient(), own)):
        assert reason == reasons.GOOD or reason == reasons.REJECTED
        assert value is None or abs(value - true) <= 1


def test_the_packet_error_code_is_that_of_the_specification() -> None:
    assert pec(b"123456789") == 0xF4  # CRC-8/SMBUS of the CRC catalogue
    assert pec(bytes((0xB4, 0x07, 0xB5, 0xD2, 0x3A))) == 0x30  # the data sheet's example of a read word


def test_a_wrong_code_takes_the_value_away() -> None:
    chip = simulated.Mlx90614()
    chip.wrong_code = True
    assert Mlx90614(Bus({ADDRESS: chip})).object() == (None, reasons.FAILED)


def test_the_chip_s_own_error_flag_takes_the_value_away() -> None:
    chip = simulated.Mlx90614()
    chip.failed = True
    assert Mlx90614(Bus({ADDRESS: chip})).object() == (None, reasons.INVALID)


@pytest.mark.parametrize("fault", [Fault.UNPLUGGED, Fault.DATA_HIGH, Fault.CLOCK_LOW])
def test_a_bus_that_gives_errors_is_a_sensor_that_is_off(fault: Fault) -> None:
    bus = Bus({ADDRESS: simulated.Mlx90614()})
    bus.fault = fault
    assert Mlx90614(bus).object() == (None, reasons.SENSOR_OFF)


def test_data_that_is_stuck_low_is_no_absolute_zero() -> None:
    bus = Bus({ADDRESS: simulated.Mlx90614()})
    bus.fault = Fault.DATA_LOW
    assert Mlx90614(bus).object() == (None, reasons.FAILED)


def test_noise_never_becomes_another_temperature() -> None:
    bus = Bus({ADDRESS: simulated.Mlx90614(object_at=36.42)}, noise=0.5)
    bus.fault = Fault.NOISE
    told = {Mlx90614(bus).object() for _ in range(3000)}
    assert (None, reasons.FAILED) in told
    assert {value for value, _ in told} - {None, 3641, 3642, 3643} == set()
