"""The MAX30102: red and infrared light of a finger, 50 samples a second.

    chip = Max30102(i2c)
    reason = chip.start()               # 0, or why it does not work
    reason = chip.read(oximetry.add)    # each 0.1 to 0.5 s; it gives each sample

After a reason that is not 0 the samples do not go on where they were: `Oximetry.restart(reason)`.
Source: MAX30102 data sheet, Maxim 19-7740 rev. 1 (10/18), "Register Maps and Descriptions": interrupt status,
FIFO (0x04 to 0x08), mode, SpO2 and LED configuration (0x09 to 0x0D), part ID.
"""

from firmware.sensors import reasons

ADDRESS = 0x57
RATE_HZ = 50

_STATUS_1, _WRITE_POINTER, _DATA, _FIFO, _PART_ID = 0x00, 0x04, 0x07, 0x08, 0xFF
_POWER_READY = 0x01
_PART = 0x15
_MODE = 0x09
_RESET = 0x40
_DEPTH = 32
_POLLS = 100
_SETTINGS = bytes((0x40, 0x03, 0x2B))
"""From FIFO_CONFIG on: four averaged, no roll-over; red and infrared; 8192 nA, 200 a second, 215 µs."""
_LED = bytes((0x24, 0x24))
"""Red and infrared from 0x0C on: 7.2 mA."""


class Max30102:
    """One chip on `i2c` (an object like MicroPython's machine.I2C)."""

    def __init__(self, i2c, address: int = ADDRESS) -> None:
        self._i2c = i2c
        self._address = address

    def start(self) -> int:
        """Reset and configure the chip. 0, or the reason why there will be no sample."""
        try:
            if self._get(_PART_ID, 1)[0] != _PART:
                return reasons.SENSOR_OFF
            self._put(_MODE, bytes((_RESET,)))
            for _ in range(_POLLS):
                if not self._get(_MODE, 1)[0] & _RESET:
                    return self._configure()
        except OSError:
            return reasons.SENSOR_OFF
        return reasons.FAILED

    def _configure(self) -> int:
        self._get(_STATUS_1, 1)  # reading it takes PWR_RDY back
        self._put(_FIFO, _SETTINGS)
        self._put(0x0C, _LED)
        self._put(_WRITE_POINTER, bytes(3))
        return reasons.GOOD if self._get(_FIFO, 3) == _SETTINGS else reasons.FAILED

    def read(self, add) -> int:
        """Give `add` (red, infrared) for each sample that waits. 0, or why samples are missing.

        After a failure the chip is started anew, by the next call.
        """
        try:
            reason = self._trouble()
            return reason if reason else self._samples(add)
        except OSError:
            return reasons.SENSOR_OFF

    def _trouble(self) -> int:
        """Whether the chip is still the one that was configured: not gone, not reset by its supply."""
        if self._get(_PART_ID, 1)[0] != _PART:
            return reasons.SENSOR_OFF
        if self._get(_STATUS_1, 1)[0] & _POWER_READY or self._get(_FIFO, 3) != _SETTINGS:
            return self.start() or reasons.MEASURING
        return reasons.GOOD

    def _samples(self, add) -> int:
        write, lost, read = self._get(_WRITE_POINTER, 3)
        if lost:
            self._put(_WRITE_POINTER, bytes(3))
            return reasons.OVERFLOW
        for _ in range((write - read) % _DEPTH):
            six = self._get(_DATA, 6)
            if six[0] > 3 or six[3] > 3:
                return reasons.FAILED
            add(six[0] << 16 | six[1] << 8 | six[2], six[3] << 16 | six[4] << 8 | six[5])
        return reasons.GOOD

    def _get(self, register: int, size: int) -> bytes:
        return self._i2c.readfrom_mem(self._address, register, size)

    def _put(self, register: int, data: bytes) -> None:
        self._i2c.writeto_mem(self._address, register, data)
