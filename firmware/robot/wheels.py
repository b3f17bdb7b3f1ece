"""Odometry of two wheels with counting encoders, and the load cell's arithmetic.

wheels = Wheels(2000)                       # counts a metre
wheels.update(left, right, now_ms)          # the counters, of 16 bits, as they are
wheels.speeds, wheels.ways                  # mm/s; mm travelled, and rolled by each wheel
"""

from firmware.core.scale import scaled
from firmware.sensors import reasons

_WRAP = 0x10000
_WINDOW_MS = 100
_HX711_ENDS = (0x7FFFFF, -0x800000)


class Wheels:
    """`per_metre` counts of the encoders in a metre. Counters wrap; between two updates half way at most."""

    def __init__(self, per_metre: int) -> None:
        self._per_metre = per_metre
        self._last = None
        self._travelled = 0
        self._rolled = [0, 0]
        self._steps = [0, 0]
        self._since = 0
        self.speeds = (0, 0)

    @property
    def travelled(self) -> int:
        """Millimetres of the middle between the wheels, backwards counts too."""
        return self._travelled * 500 // self._per_metre

    @property
    def ways(self) -> tuple:
        """`travelled`, and the millimetres that the left and the right wheel rolled, backwards is less."""
        left, right = [way * 1000 // self._per_metre for way in self._rolled]
        return self.travelled, left, right

    def update(self, left: int, right: int, now_ms: int) -> None:
        """Take the counters."""
        if self._last is None:
            self._last, self._since = (left, right), now_ms
        steps = [_signed(left - self._last[0]), _signed(right - self._last[1])]
        self._last = left, right
        self._travelled += abs(steps[0] + steps[1])
        self._rolled = [self._rolled[0] + steps[0], self._rolled[1] + steps[1]]
        self._steps = [self._steps[0] + steps[0], self._steps[1] + steps[1]]
        passed = now_ms - self._since
        if passed >= _WINDOW_MS:
            per_second = [scaled(one, 1000000, self._per_metre * passed) for one in self._steps]
            self.speeds = per_second[0], per_second[1]
            self._steps, self._since = [0, 0], now_ms


def _signed(steps: int) -> int:
    return (steps + _WRAP // 2) % _WRAP - _WRAP // 2


def load(code: "int | None", zero: int, per_kilogram: int) -> tuple:
    """(grams, 0) of an HX711's code (24 bits, signed), or (None, reason); `code` None: it never was ready.

    Source: HX711 data sheet (Avia), "Serial Interface": the codes at both ends are saturation.
    """
    if code is None:
        return None, reasons.SENSOR_OFF
    if code in _HX711_ENDS:
        return None, reasons.OVERFLOW
    return scaled(code - zero, 1000, per_kilogram), reasons.GOOD
