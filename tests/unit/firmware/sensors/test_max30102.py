"""The MAX30102's driver against its simulated registers: samples in order, or a reason."""

from itertools import count

import pytest

from firmware.sensors import reasons
from firmware.sensors.max30102 import ADDRESS, Max30102
from firmware.sensors.oximetry import Oximetry
from hil.chips import max30102 as simulated
from hil.chips.i2c import Bus, Fault
from hil.oximetry.finger import Conditions, Finger

Samples = list[tuple[int, int]]


class Bench:
    """A driver, its chip, and what came of it. The light of sample n is (100000 + n, 120000 + n)."""

    def __init__(self) -> None:
        self.chip = simulated.Max30102((100_000 + n, 120_000 + n) for n in count())
        self.bus = Bus({ADDRESS: self.chip})
        self.driver = Max30102(self.bus)
        self.samples: Samples = []

    def read(self, seconds: float = 0.2) -> int:
        self.chip.pass_time(seconds)
        return self.driver.read(lambda *pair: self.samples.append(pair))


@pytest.fixture
def bench() -> Bench:
    bench = Bench()
    assert bench.driver.start() == reasons.GOOD
    return bench


def test_every_sample_comes_once_and_in_order(bench: Bench) -> None:
    assert [bench.read() for _ in range(50)] == [reasons.GOOD] * 50
    assert bench.samples == [(100_000 + n, 120_000 + n) for n in range(500)]


def test_no_light_is_measured_before_the_chip_is_configured() -> None:
    bench = Bench()
    bench.chip.pass_time(1.0)
    assert bench.driver.start() == reasons.GOOD
    assert bench.read(0.0) == reasons.GOOD
    assert bench.samples == []


def test_samples_that_the_chip_had_to_drop_are_told(bench: Bench) -> None:
    assert bench.read(1.0) == reasons.OVERFLOW
    assert bench.samples == []
    assert bench.read() == reasons.GOOD
    assert bench.samples[0] == (100_050, 120_050)


@pytest.mark.parametrize("fault", [Fault.UNPLUGGED, Fault.DATA_LOW, Fault.DATA_HIGH, Fault.CLOCK_LOW])
def test_a_bus_that_fails_gives_a_reason_and_no_sample(bench: Bench, fault: Fault) -> None:
    bench.bus.fault = fault
    assert bench.read() == reasons.SENSOR_OFF
    assert bench.driver.start() == reasons.SENSOR_OFF
    assert bench.samples == []


def test_after_a_fault_of_the_bus_samples_go_on(bench: Bench) -> None:
    bench.bus.fault = Fault.UNPLUGGED
    bench.read()
    bench.bus.fault = Fault.NONE
    assert bench.read(0.2) == reasons.GOOD
    assert len(bench.samples) == 20


def test_a_chip_whose_supply_failed_is_configured_anew_and_says_that_it_begins(bench: Bench) -> None:
    bench.chip.power_up()
    assert bench.read() == reasons.MEASURING
    assert bench.samples == []
    assert bench.read() == reasons.GOOD
    assert len(bench.samples) == 10


def test_another_chip_at_the_address_is_none() -> None:
    class Other(simulated.Max30102):
        def read(self, register: int, size: int) -> bytes:
            return bytes(size) if register == 0xFF else super().read(register, size)

    bus = Bus({ADDRESS: Other(iter([]))})
    assert Max30102(bus).start() == reasons.SENSOR_OFF


def test_with_a_finger_it_gives_saturation_and_pulse() -> None:
    finger = Finger(Conditions(spo2=92.0, rate=66.0), seed=2)
    chip = simulated.Max30102(finger.samples(50))
    driver, oximetry = Max30102(Bus({ADDRESS: chip})), Oximetry(50)
    assert driver.start() == reasons.GOOD
    for _ in range(60):
        chip.pass_time(0.25)
        assert driver.read(oximetry.add) == reasons.GOOD
    said = oximetry.result()
    assert said.spo2 is not None and abs(said.spo2 - 920) <= 10
    assert said.pulse is not None and abs(said.pulse - 660) <= 10


def test_noise_on_the_bus_never_becomes_a_number() -> None:
    finger = Finger(Conditions(), seed=2)
    chip = simulated.Max30102(finger.samples(50))
    bus = Bus({ADDRESS: chip}, noise=0.05)
    driver, oximetry = Max30102(bus), Oximetry(50)
    driver.start()
    bus.fault = Fault.NOISE
    for _ in range(200):
        chip.pass_time(0.25)
        reason = driver.read(oximetry.add)
        if reason:
            oximetry.restart(reason)
        assert oximetry.result().spo2 is None
