"""The memory of an MLX90614, read over SMBus. Source: Melexis 3901090614 rev. 13 (2019)."""

_ADDRESS = 0x5A
_AMBIENT, _OBJECT = 0x06, 0x07


class Mlx90614:
    """A chip at `ambient` degrees Celsius that looks at something of `object_at`.

    `failed`: its own error flag (bit 15) is set. `wrong_code`: its packet error code is not right.
    """

    def __init__(self, ambient: float = 25.0, object_at: float = 36.4) -> None:
        self.ambient = ambient
        self.object_at = object_at
        self.failed = False
        self.wrong_code = False

    def read(self, register: int, size: int) -> bytes:
        """See `Chip`: low byte, high byte, PEC of the whole transfer; what is read after it is all ones."""
        celsius = {_AMBIENT: self.ambient, _OBJECT: self.object_at}.get(register)
        raw = 0xFFFF if celsius is None else round((celsius + 273.15) / 0.02)
        word = (raw & 0x7FFF | 0x8000 * self.failed).to_bytes(2, "little")
        code = _pec(bytes((_ADDRESS << 1, register, _ADDRESS << 1 | 1)) + word)
        return (word + bytes((code ^ self.wrong_code,)) + b"\xff" * size)[:size]

    def write(self, register: int, data: bytes) -> None:
        """See `Chip`: its EEPROM is not written by anybody here."""
        raise OSError(f"nobody writes {data.hex()} to {register:#x}")


def _pec(data: bytes) -> int:
    """CRC-8 (SMBus 3.0, 5.4): the rest of the division of the bits, as one number, by x^8 + x^2 + x + 1."""
    number, divisor = int.from_bytes(data, "big") << 8, 0x107
    while number.bit_length() > 8:
        number ^= divisor << (number.bit_length() - divisor.bit_length())
    return number
