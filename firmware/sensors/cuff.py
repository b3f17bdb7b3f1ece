"""The cuff's pressure against what its sensor shows of an open cuff: the zero.

    cuff = Cuff(told)                 # told(text): what an engineer has to know
    value, said = cuff.add(number)    # each half second, the converter's 16 bits

A zero is taken at boot, and once after each deflation, when the pressure has been still for five seconds and
near ambient: within the offset of the data sheet, and within its stability of the first zero of this boot. So
a cuff that is pressed by twice the offset, or by more than the stability once there was a zero, never becomes
the zero. Before there is one, numbers are questionable: the sensor may be off by its offset. What stays still
where neither an open cuff nor an inflated one can be is no number (INVALID), and told.

Source: MPX5050 data sheet (Freescale, rev. 11, 2010), table 1: minimum pressure offset 0.088 to 0.313 V,
typically 0.200 V, offset stability 0.5 % of 4.5 V; 90 mV/kPa.
"""

from firmware.sensors import reasons
from firmware.sensors.analogue import cuff_pressure

OFFSET = 94
"""Tenths of a millimetre of mercury: 0.113 V at 90 mV/kPa."""
STABILITY = 19
"""The same: 22.5 mV."""
INFLATED = 300
"""Above it there is a cuff that is inflated."""
_STILL = 10
"""Readings in a row: five seconds."""
_SPREAD = 10
"""Between the lowest and the highest of them."""


class Cuff:
    """`zero`: what is taken off, in tenths of a millimetre of mercury; None: no open cuff was seen yet."""

    def __init__(self, told) -> None:
        self.zero = None
        self._first = None
        self._told = told
        self._is_due = True
        self._is_wrong = False
        self._window = []

    def add(self, number: int) -> tuple:
        """(tenths of a millimetre of mercury, quality) or (None, reason)."""
        shown, reason = cuff_pressure(number)
        if shown is None:
            self._window = []
            return None, reason
        self._window = self._window[1 - _STILL :] + [shown]
        if shown > INFLATED:
            self._is_due = True
        if len(self._window) == _STILL and max(self._window) - min(self._window) <= _SPREAD:
            self._rest(sum(self._window) // _STILL)
        elif abs(shown) <= OFFSET or shown > INFLATED:
            self._is_wrong = False
        if self._is_wrong:
            return None, reasons.INVALID
        return (shown, reasons.QUESTIONABLE) if self.zero is None else (shown - self.zero, reasons.GOOD)

    def _rest(self, shown: int) -> None:
        """It is still at `shown`."""
        wrong = OFFSET < abs(shown) <= INFLATED
        if wrong and not self._is_wrong:
            self._told("the cuff rests at " + str(shown) + " tenths of mm[Hg]: let its air out, or change it")
        self._is_wrong = wrong
        if wrong or shown > INFLATED or not self._is_due:
            return
        if self._first is None:
            self._first = shown
        if abs(shown - self._first) <= STABILITY:
            self.zero = shown
            self._is_due = False
