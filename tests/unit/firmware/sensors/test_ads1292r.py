"""The ADS1292R's driver against its simulated SPI: microvolts, or a reason."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.sensors import reasons
from firmware.sensors.ads1292r import Ads1292r
from hil.chips import ads1292r as simulated
from hil.chips.ads1292r import Line


def started() -> tuple[simulated.Ads1292r, Ads1292r]:
    chip = simulated.Ads1292r()
    driver = Ads1292r(chip, chip.select)
    assert driver.start() == reasons.GOOD
    return chip, driver


@given(st.integers(-400_000, 400_000), st.integers(-8_000_000, 8_000_000))
def test_what_is_at_the_electrodes_is_read_to_the_microvolt(microvolts: int, respiration: int) -> None:
    chip, driver = started()
    chip.microvolts, chip.respiration = microvolts, respiration
    ecg, resp, reason = driver.read()
    assert reason == reasons.GOOD
    assert abs(ecg - microvolts) <= 1
    assert resp == respiration


def test_an_input_beyond_the_converter_is_no_sample() -> None:
    chip, driver = started()
    for microvolts in (500_000, -500_000):
        chip.microvolts = microvolts
        assert driver.read() == (None, 0, reasons.OVERFLOW)


@pytest.mark.parametrize(("electrode", "reason"), [(0x10, 3), (0x08, 3), (0x04, 3), (0x02, 0), (0x01, 0)])
def test_an_electrode_of_the_ecg_that_is_off_takes_the_ecg_away(electrode: int, reason: int) -> None:
    chip, driver = started()
    chip.leads_off = electrode
    assert driver.read()[2] == reason


@pytest.mark.parametrize("line", [Line.LOW, Line.HIGH])
def test_a_line_that_is_stuck_is_neither_a_chip_nor_a_flat_ecg(line: Line) -> None:
    chip, driver = started()
    chip.line = line
    assert driver.read() == (None, None, reasons.FAILED)
    assert driver.start() == reasons.SENSOR_OFF


def test_a_chip_that_does_not_keep_its_configuration_is_not_trusted() -> None:
    class Forgetful(simulated.Ads1292r):
        def _store(self, first: int, data: bytes) -> None:
            super()._store(first, data[:-1])

    chip = Forgetful()
    assert Ads1292r(chip, chip.select).start() == reasons.FAILED


def test_a_chip_that_was_reset_gives_no_sample_until_it_is_started_again() -> None:
    chip, driver = started()
    chip.__init__()
    assert driver.read() == (None, None, reasons.FAILED)
    assert driver.start() == reasons.GOOD
    assert driver.read() == (0, 0, reasons.GOOD)
