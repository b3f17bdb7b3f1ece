"""Sensors as `Station` reads them: each gives items, number of a metric, integer or None, quality or reason.

oximeter = Oximeter(Max30102(i2c))
station = Station(node, [(200, oximeter.poll), (1000, oximeter.items), (10_000, thermometer(chip))], now_ms)
"""

from array import array

from firmware.sensors import reasons
from firmware.sensors.max30102 import RATE_HZ
from firmware.sensors.oximetry import Oximetry

PULSE_RATE, SPO2, PERFUSION, CUFF, SKIN, ECG = 2, 5, 6, 20, 37, 43
"""Numbers of devices/model/metrics.csv; decimals as in firmware/core/table.py."""
NO_SAMPLE = -32768


class Oximeter:
    """A MAX30102. `said` is what is known (`oximetry.Result`)."""

    def __init__(self, chip) -> None:
        self._chip = chip
        self._oximetry = Oximetry(RATE_HZ)
        self._works = False
        self.said = self._oximetry.result()

    def poll(self) -> list:
        """Take the light that waits in the chip: at least each half second. Gives no items."""
        reason = self._chip.read(self._oximetry.add) if self._works else self._chip.start()
        if reason:
            self._oximetry.restart(reason)
        self._works = reason in (reasons.GOOD, reasons.MEASURING, reasons.OVERFLOW)
        return []

    def items(self) -> list:
        """SpO2, pulse rate and perfusion, or why there is none."""
        said = self.said = self._oximetry.result()
        if said.spo2 is None or said.pulse is None:
            return [SPO2, None, said.reason, PULSE_RATE, None, said.reason, PERFUSION, None, said.reason]
        pulse = (said.pulse + 5) // 10
        return [
            SPO2,
            said.spo2,
            said.quality,
            PULSE_RATE,
            pulse,
            said.quality,
            PERFUSION,
            said.pi,
            said.quality,
        ]


def thermometer(chip) -> object:
    """A function that gives the temperature of the skin that an MLX90614 looks at."""
    return lambda: [SKIN] + list(chip.object())


def gauge(metric: int, read) -> object:
    """A function that gives `metric` by `read`, which gives (value, quality) or (None, reason)."""
    return lambda: [metric] + list(read())


class Ecg:
    """An ADS1292R: `take` at each of its samples, which may be an interrupt; `flush` now and then.

    What nobody fetches in time is not overwritten: the newest are left out, and the block ends there.
    """

    _ROOM = 180

    def __init__(self, chip, rate_mhz: int) -> None:
        self._chip = chip
        self._rate_mhz = rate_mhz
        self._blocks = array("h", [0] * self._ROOM), array("h", [0] * self._ROOM)
        self._filling = self._count = 0

    def take(self, _pin=None) -> None:
        """Read one sample; none is NO_SAMPLE."""
        microvolts = self._chip.read()[0]
        if self._count < self._ROOM:
            if microvolts is None or not -32768 < microvolts < 32768:
                microvolts = NO_SAMPLE
            self._blocks[self._filling][self._count] = microvolts
            self._count += 1

    def flush(self, node, now_ms: int) -> None:
        """Give the node what was taken; its last sample is of now."""
        block, count = self._blocks[self._filling], self._count
        self._filling, self._count = 1 - self._filling, 0
        if count:
            began = now_ms - (count - 1) * 1000000 // self._rate_mhz
            node.sampled(ECG, self._rate_mhz, bytes(memoryview(block)[:count]), began)
