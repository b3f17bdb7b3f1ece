"""The MLX90614: temperature by infrared, without contact. Every word is proved by its PEC.

    value, reason = Mlx90614(i2c).object()      # 3642: 36.42 °C

Source: MLX90614 data sheet, Melexis 3901090614 rev. 13 (2019), "SMBus compatible 2-wire protocol" (read word,
PEC), "RAM" (addresses, the error flag), "Temperature calculation" (raw × 0.02 K).
"""

from firmware.sensors import reasons

ADDRESS = 0x5A
_AMBIENT, _OBJECT = 0x06, 0x07
_ERROR = 0x80
_ZERO_CELSIUS = 27315
_LEAST, _MOST = {_AMBIENT: -4000, _OBJECT: -7000}, {_AMBIENT: 12500, _OBJECT: 38000}
"""What the chip can measure, in hundredths of a degree (operating and object range)."""


def pec(data: bytes) -> int:
    """The packet error code of SMBus 3.0 (5.4.1.1): CRC-8 with the polynomial 07."""
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc << 1 ^ 0x07 if crc & 0x80 else crc << 1) & 0xFF
    return crc


class Mlx90614:
    """One chip on `i2c` (an object like MicroPython's machine.I2C), of at most 100 kHz."""

    def __init__(self, i2c, address: int = ADDRESS) -> None:
        self._i2c = i2c
        self._address = address

    def object(self) -> tuple:
        """(hundredths of a degree Celsius, 0) of what it looks at, or (None, reason)."""
        return self._temperature(_OBJECT)

    def ambient(self) -> tuple:
        """(hundredths of a degree Celsius, 0) of the chip itself, or (None, reason)."""
        return self._temperature(_AMBIENT)

    def _temperature(self, command: int) -> tuple:
        try:
            low, high, code = self._i2c.readfrom_mem(self._address, command, 3)
        except OSError:
            return None, reasons.SENSOR_OFF
        address = self._address << 1
        if pec(bytes((address, command, address | 1, low, high))) != code:
            return None, reasons.FAILED
        if high & _ERROR:
            return None, reasons.INVALID
        hundredths = 2 * (high << 8 | low) - _ZERO_CELSIUS
        if not _LEAST[command] <= hundredths <= _MOST[command]:
            return None, reasons.REJECTED
        return hundredths, reasons.GOOD
