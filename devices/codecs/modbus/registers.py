"""Modbus: what registers mean. A device's map is data: it stands in its profile.

Register("o2_flow", Question(unit=2, function=HOLDING, address=0x3A, count=2), "L/min", Decimal("0.001"))
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import Enum, auto
from fractions import Fraction

from devices.codecs.modbus.frames import Question
from devices.model.metrics import by_name
from devices.model.observation import NoValue
from devices.model.units import converted


class Form(Enum):
    """How a value is put into registers; each register is two bytes, the high one first."""

    UNSIGNED = auto()
    SIGNED = auto()
    FLOAT = auto()
    """IEEE 754 binary32, in two registers."""


@dataclass(frozen=True, slots=True)
class Register:
    """One value: the metric it is, where it is, and how it is told."""

    metric: str
    question: Question
    unit: str
    """UCUM, of the value after scaling."""
    scale: Decimal = Decimal(1)
    """How much of the unit one count is; negative where the device counts the other way."""
    form: Form = Form.UNSIGNED
    low_first: bool = False
    """Whether the register with the low part comes first."""
    none: frozenset[int] = frozenset()
    """Contents (unsigned) that mean that there is no value."""

    def decode(self, data: bytes) -> Decimal | NoValue:
        """The value, in the metric's unit, that the registers say."""
        raw = int.from_bytes(self._ordered(data), "big")
        if raw in self.none:
            return NoValue.NOT_AVAILABLE
        number = self._number(raw, 8 * len(data))
        if isinstance(number, NoValue):
            return number
        return converted(number * self.scale, self.unit, by_name(self.metric).unit)

    def encode(self, value: Decimal) -> bytes:
        """The registers that say a value of the metric's unit, or what comes next to it. Not for FLOAT."""
        told = converted(value, by_name(self.metric).unit, self.unit)
        size = 2 * self.question.count
        raw = round(told / self.scale).to_bytes(size, "big", signed=self.form is Form.SIGNED)
        return self._ordered(raw)

    def _ordered(self, data: bytes) -> bytes:
        """The registers, or the other way round."""
        if not self.low_first:
            return data
        return b"".join(data[at : at + 2] for at in range(len(data) - 2, -1, -2))

    def _number(self, raw: int, bits: int) -> Decimal | NoValue:
        match self.form:
            case Form.FLOAT:
                return _binary32(raw)
            case Form.SIGNED if raw >> (bits - 1):
                return Decimal(raw - (1 << bits))
            case _:
                return Decimal(raw)


def _binary32(raw: int) -> Decimal | NoValue:
    """The number, to the 7 digits that it has; NaN and the infinities are none."""
    exponent, fraction = raw >> 23 & 0xFF, raw & 0x7FFFFF
    if exponent == 0xFF:
        return NoValue.INVALID
    mantissa = fraction | (0x800000 if exponent else 0)
    exact = mantissa * Fraction(2) ** (max(exponent, 1) - 150)
    value = Decimal(exact.numerator) / Decimal(exact.denominator)
    if not value:
        return Decimal(0)
    rounded = round(value, max(0, 6 - value.adjusted())).normalize()
    plain = rounded.quantize(Decimal(1)) if rounded == rounded.to_integral_value() else rounded
    return -plain if raw >> 31 else plain
