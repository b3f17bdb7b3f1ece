"""From simulated chips through the node's station to the gateway's codec: numbers, or why there is none."""

from collections.abc import Iterator
from decimal import Decimal

import pytest

from devices.codecs.node.vitals import NodeVitals
from devices.model.observation import Instant, NoValue, Quality, Reading, Waveform
from firmware.core.node import Node
from firmware.core.ring import Ring
from firmware.core.station import Station
from firmware.core.table import TABLE
from firmware.hal.flash import BlockFlash
from firmware.sensors import ads1292r, analogue, max30102, mlx90614, readers, reasons
from hil.chips.ads1292r import Ads1292r, Line
from hil.chips.i2c import Bus, Fault
from hil.chips.max30102 import Max30102
from hil.chips.mlx90614 import Mlx90614
from hil.oximetry.finger import Conditions, Finger
from tests.unit.firmware.hal.test_flash import Nor


class Bedside:
    """A node with an oximeter, a thermometer and an ECG, and the gateway's codec beside it."""

    def __init__(self) -> None:
        self.light = Max30102(self._light())
        self.skin = Mlx90614(object_at=34.11)
        self.heart = Ads1292r()
        self.bus = Bus({max30102.ADDRESS: self.light, mlx90614.ADDRESS: self.skin})
        driver = ads1292r.Ads1292r(self.heart, self.heart.select)
        assert driver.start() == reasons.GOOD
        self.ecg = readers.Ecg(driver, 250_000)
        self.node = Node(Ring(BlockFlash(Nor(4), 0, 4), 256, 5), {}, 0)
        oximeter = readers.Oximeter(max30102.Max30102(self.bus))
        sensors = [
            (200, oximeter.poll),
            (1000, oximeter.items),
            (1000, readers.thermometer(mlx90614.Mlx90614(self.bus))),
            (1000, readers.gauge(readers.CUFF, lambda: analogue.cuff_pressure(0))),
        ]
        self.station = Station(self.node, sensors, 0)
        self.codec = NodeVitals()
        self.now = 0
        self.readings: dict[str, Reading] = {}
        self.waves: list[Waveform] = []

    def _light(self) -> Iterator[tuple[int, int]]:
        yield from Finger(Conditions(spo2=91.0, rate=84.0), 2, 600).samples(50)

    def go_on(self, seconds: int) -> None:
        for _ in range(seconds * 5):
            self.now += 200
            self.light.pass_time(0.2)
            for _ in range(50):
                self.ecg.take()
            self.ecg.flush(self.node, self.now)
            self.station.turn(self.now)
            self._exchange()

    def _exchange(self) -> None:
        frame = self.node.to_send(self.now)
        while frame:
            now = Instant(self.now * 1_000_000)
            for one in self.codec.receive_data(frame, now):
                if isinstance(one, Reading):
                    self.readings[one.metric] = one
                elif isinstance(one, Waveform):
                    self.waves.append(one)
            self.codec.journalled(now)
            self.node.receive(self.codec.data_to_send(), self.now)
            frame = self.node.to_send(self.now)


@pytest.fixture
def bedside() -> Bedside:
    bedside = Bedside()
    bedside.go_on(15)
    return bedside


def test_saturation_pulse_and_temperature_arrive(bedside: Bedside) -> None:
    values = {name: one.value for name, one in bedside.readings.items()}
    assert values["spo2"] == pytest.approx(Decimal(91), abs=Decimal(1))
    assert values["pr_spo2"] == pytest.approx(Decimal(84), abs=Decimal(2))
    assert values["temp_skin"] == Decimal("34.11")
    assert bedside.readings["spo2"].quality == Quality.GOOD


def test_a_cuff_that_is_not_plugged_in_is_an_absent_value(bedside: Bedside) -> None:
    assert bedside.readings["cuff_pressure"].reason == NoValue.SENSOR_OFF


@pytest.mark.parametrize(
    "fault", [Fault.UNPLUGGED, Fault.DATA_LOW, Fault.DATA_HIGH, Fault.CLOCK_LOW, Fault.NOISE]
)
def test_a_bus_that_fails_takes_every_number_of_its_chips_away_within_seconds(
    bedside: Bedside, fault: Fault
) -> None:
    bedside.bus.fault = fault
    bedside.go_on(3)
    assert bedside.readings["spo2"].value is None
    assert bedside.readings["pr_spo2"].value is None
    assert bedside.readings["temp_skin"].value in (None, Decimal("34.11"))
    if fault is not Fault.NOISE:
        assert bedside.readings["temp_skin"].value is None


def test_when_the_bus_works_again_the_numbers_come_back(bedside: Bedside) -> None:
    bedside.bus.fault = Fault.DATA_LOW
    bedside.go_on(2)
    bedside.bus.fault = Fault.NONE
    bedside.go_on(15)
    assert bedside.readings["spo2"].value == pytest.approx(Decimal(91), abs=Decimal(1))


def test_the_ecg_arrives_in_microvolts_and_a_stuck_line_as_no_sample(bedside: Bedside) -> None:
    bedside.heart.microvolts = 1234
    bedside.waves.clear()
    bedside.go_on(1)
    assert {one.metric for one in bedside.waves} == {"ecg_ii"}
    assert set(memoryview(b"".join(one.samples for one in bedside.waves)).cast("h")) == {1234}
    assert sum(len(one) for one in bedside.waves) == 250
    bedside.heart.line = Line.LOW
    bedside.waves.clear()
    bedside.go_on(1)
    assert set(memoryview(b"".join(one.samples for one in bedside.waves)).cast("h")) == {readers.NO_SAMPLE}


def test_numbers_and_decimals_are_those_of_the_table() -> None:
    decimals = {
        readers.SPO2: 1,
        readers.PULSE_RATE: 0,
        readers.PERFUSION: 2,
        readers.CUFF: 1,
        readers.SKIN: 2,
    }
    assert {number: TABLE[number][0] for number in decimals} == decimals
    assert TABLE[readers.ECG][0] == 3
