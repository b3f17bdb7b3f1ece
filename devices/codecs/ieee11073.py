"""The two decimal floats of medical devices: SFLOAT (16 bits) and FLOAT (32 bits).

Both are mantissa × 10^exponent with two's complement parts, the exponent in the high bits: 4 + 12 bits and
8 + 24 bits. Five mantissas with exponent 0 are no numbers but say why there is none.
Source: IEEE 11073-20601:2019, annex F.2 (float and special values); Bluetooth SIG, Personal Health Devices
Transcoding White Paper 1.6, section 2.2.2. RonanB96/bluetooth-sig-python (0.6.0) has a biased exponent, which
the paper's examples and every device's bytes contradict.
"""

from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from devices.model.observation import NoValue

Number = Decimal | NoValue
"""A number, exact; or the reason why there is none."""


@dataclass(frozen=True)
class _Format:
    mantissa_bits: int
    exponent_bits: int

    @cached_property
    def specials(self) -> dict[int, NoValue]:
        top = 1 << self.mantissa_bits - 1
        return {
            top - 2: NoValue.OVERFLOW,  # +INFINITY
            top - 1: NoValue.NOT_AVAILABLE,  # NaN
            top: NoValue.NOT_AT_THIS_RESOLUTION,  # NRes
            top + 1: NoValue.RESERVED,
            top + 2: NoValue.UNDERFLOW,  # -INFINITY
        }

    @property
    def size(self) -> int:
        return (self.mantissa_bits + self.exponent_bits) // 8

    def decode(self, data: bytes) -> Number:
        if len(data) != self.size:
            raise ValueError(f"expected {self.size} bytes, got {len(data)}")
        bits = int.from_bytes(data, "little")
        if bits in self.specials:
            return self.specials[bits]
        exponent = _signed(bits >> self.mantissa_bits, self.exponent_bits)
        return Decimal(_signed(bits & (1 << self.mantissa_bits) - 1, self.mantissa_bits)).scaleb(exponent)

    def encode(self, value: Number) -> bytes:
        if isinstance(value, NoValue):
            bits = {reason: bits for bits, reason in self.specials.items()}.get(value)
            if bits is None:
                raise ValueError(f"{value.name} has no special value in IEEE 11073-20601")
            return bits.to_bytes(self.size, "little")
        bits = self._bits(value)
        if bits is None or bits in self.specials:
            raise ValueError(f"{value} cannot be told exactly with a mantissa of {self.mantissa_bits} bits")
        return bits.to_bytes(self.size, "little")

    def _bits(self, value: Decimal) -> int | None:
        sign, digits, exponent = value.as_tuple()
        if not isinstance(exponent, int):
            return None
        mantissa = int("".join(map(str, digits))) * (-1 if sign else 1)
        low, high = _range(self.exponent_bits)
        if not mantissa:
            exponent = min(max(exponent, low), high)
        while mantissa and mantissa % 10 == 0 and (not self._fits(mantissa) or exponent < low):
            mantissa, exponent = mantissa // 10, exponent + 1
        while exponent > high and self._fits(mantissa * 10):
            mantissa, exponent = mantissa * 10, exponent - 1
        if not self._fits(mantissa) or not low <= exponent <= high:
            return None
        low_part = mantissa % (1 << self.mantissa_bits)
        return (exponent % (1 << self.exponent_bits)) << self.mantissa_bits | low_part

    def _fits(self, mantissa: int) -> bool:
        low, high = _range(self.mantissa_bits)
        return low <= mantissa <= high


def _range(width: int) -> tuple[int, int]:
    """Least and greatest number of `width` bits in two's complement."""
    return -(1 << width - 1), (1 << width - 1) - 1


def _signed(bits: int, width: int) -> int:
    return bits - (1 << width) if bits >> width - 1 else bits


_SFLOAT = _Format(mantissa_bits=12, exponent_bits=4)
_FLOAT = _Format(mantissa_bits=24, exponent_bits=8)


def decode_sfloat(data: bytes) -> Number:
    """The SFLOAT in 2 little-endian bytes. Raises ValueError for another length."""
    return _SFLOAT.decode(data)


def encode_sfloat(value: Number) -> bytes:
    """`value` as 2 little-endian bytes. Raises ValueError if it cannot be told exactly."""
    return _SFLOAT.encode(value)


def decode_float(data: bytes) -> Number:
    """The FLOAT in 4 little-endian bytes. Raises ValueError for another length."""
    return _FLOAT.decode(data)


def encode_float(value: Number) -> bytes:
    """`value` as 4 little-endian bytes. Raises ValueError if it cannot be told exactly."""
    return _FLOAT.encode(value)
