"""The ADS1292R: ECG (channel 2) and respiration by impedance (channel 1), 250 samples a second.

    chip = Ads1292r(spi, select)
    reason = chip.start()
    ecg, resp, reason = chip.read()     # at each falling edge of DRDY: microvolts, counts

A frame that its own fixed bits contradict is none: lines that are stuck read as all ones or all zeros.
Source: ADS1292R data sheet, Texas Instruments SBAS502C (2020), "SPI Command Definitions", "Data Output and
Format" (1100, LOFF_STAT, GPIO, 13 zeros, two codes of 24 bits), "Register Map".
"""

from firmware.sensors import reasons

RATE_HZ = 250
REFERENCE_UV = 2420000
GAIN = 6
_RESET, _START, _CONTINUOUS, _STOP_CONTINUOUS = 0x06, 0x08, 0x10, 0x11
_READ, _WRITE = 0x20, 0x40
_ID = 0x73
_FIRST = bytes((0x01, 0xE0, 0x10, 0x00, 0x00, 0x3C, 0x0C))
"""CONFIG1 to LOFF_SENS: 250 a second; reference and lead-off comparators on; lead-off at 95 %, direct
current of 6 nA; gain 6 on both channels; right leg driven by channel 2 and watched; both electrodes of
channel 2 watched."""
_SECOND = bytes((0xF2, 0x03))
"""RESP1 and RESP2: respiration modulated and demodulated at 32 kHz; the right leg's reference from inside."""
_TOP = 0x7FFFFF
_LEADS = 0x1C
"""Of LOFF_STAT: right leg, and both electrodes of channel 2."""


class Ads1292r:
    """`spi` like MicroPython's machine.SPI (mode 1, 500 kHz at most); `select(0)` selects the chip."""

    def __init__(self, spi, select) -> None:
        self._spi = spi
        self._select = select
        self._buffer = bytearray(9)

    def start(self) -> int:
        """Reset, configure, convert. 0, or why there will be no sample."""
        self._send(bytes((_RESET,)))
        self._send(bytes((_STOP_CONTINUOUS,)))
        if self._registers(0, 1)[0] != _ID:
            return reasons.SENSOR_OFF
        self._send(bytes((_WRITE | 1, len(_FIRST) - 1)) + _FIRST)
        self._send(bytes((_WRITE | 9, len(_SECOND) - 1)) + _SECOND)
        if self._registers(1, len(_FIRST)) != _FIRST or self._registers(9, len(_SECOND)) != _SECOND:
            return reasons.FAILED
        self._send(bytes((_START,)))
        self._send(bytes((_CONTINUOUS,)))
        return reasons.GOOD

    def read(self) -> tuple:
        """(ECG in microvolts or None, respiration in counts or None, 0 or why there is no ECG)."""
        nine = self._buffer
        self._select(0)
        self._spi.readinto(nine)
        self._select(1)
        status = nine[0] << 16 | nine[1] << 8 | nine[2]
        if status >> 20 != 0xC or status & 0x1FFF:
            return None, None, reasons.FAILED
        resp, ecg = _code(nine, 3), _code(nine, 6)
        if abs(resp) >= _TOP:
            resp = None
        if status >> 15 & _LEADS:
            return None, resp, reasons.NO_CONTACT
        if abs(ecg) >= _TOP:
            return None, resp, reasons.OVERFLOW
        return microvolts(ecg), resp, reasons.GOOD

    def _registers(self, first: int, count: int) -> bytes:
        self._select(0)
        self._spi.write(bytes((_READ | first, count - 1)))
        found = self._spi.read(count)
        self._select(1)
        return bytes(found)

    def _send(self, data: bytes) -> None:
        self._select(0)
        self._spi.write(data)
        self._select(1)


def microvolts(code: int) -> int:
    """What a code of 24 bits is at the electrodes, to the nearest microvolt."""
    twice = 2 * code * REFERENCE_UV
    whole = _TOP * GAIN
    return (twice + whole) // (2 * whole)


def _code(data: bytearray, at: int) -> int:
    """A number of 24 bits in two's complement, high byte first."""
    number = data[at] << 16 | data[at + 1] << 8 | data[at + 2]
    return number - 0x1000000 if number & 0x800000 else number
