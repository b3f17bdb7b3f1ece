"""Sensors that give a voltage: AD8232 (ECG), MPX5050 (cuff pressure), the battery. Arithmetic only.

Each takes the converter's number of 16 bits (MicroPython's read_u16) and gives (value, 0) or (None,
reason). A number at the converter's end is a broken wire or a short circuit as often as it is a
measurement: it is none.
"""

from firmware.core.scale import scaled
from firmware.sensors import reasons

FULL = 65535
_END = 655
"""A hundredth of the range at each end, where converters do not measure."""

_CELL = (
    (3300, 0),
    (3600, 8),
    (3700, 25),
    (3750, 40),
    (3800, 52),
    (3900, 68),
    (4000, 82),
    (4100, 93),
    (4180, 100),
)
"""Millivolts of a resting lithium-polymer cell, and percent. Typical; the load lowers it by about 50 mV."""
_CELL_LEAST, _CELL_MOST = 2500, 4400


def ecg(number: int, leads_off: bool, supply_mv: int = 3300, gain: int = 100) -> tuple:
    """Microvolts at the electrodes, by the AD8232.

    Gain 100 and a middle of half the supply. `leads_off`: LO+ or LO- is high. Source: AD8232 data sheet
    (Analog Devices), "Leads Off Detection", "Reference Buffer", "Instrumentation Amplifier".
    """
    if leads_off:
        return None, reasons.NO_CONTACT
    if not _END < number < FULL - _END:
        return None, reasons.OVERFLOW
    return scaled(2 * number - FULL, supply_mv * 1000, 2 * FULL * gain), reasons.GOOD


def cuff_pressure(number: int, zero: int = 0) -> tuple:
    """Tenths of a millimetre of mercury, by the MPX5050; `zero` is what it showed in the open cuff.

    V = supply × (0.018 × kPa + 0.04), whatever the supply: the converter has to have the same one (through
    the same divider). Source: MPX5050 data sheet (NXP), "Transfer Function"; 1 kPa = 7.50062 mmHg.
    """
    if number < _END:
        return None, reasons.SENSOR_OFF
    if number > FULL - _END:
        return None, reasons.OVERFLOW
    pressure = scaled(1000 * number - 40 * FULL, 750062, 18 * FULL * 10000) - zero
    if pressure < -100:
        return None, reasons.UNDERFLOW
    return pressure, reasons.GOOD


def battery(number: int, reference_mv: int = 3300, divider: int = 2) -> tuple:
    """Percent of a lithium-polymer cell behind a divider by `divider`; None for what no cell can have."""
    millivolts = scaled(number, reference_mv * divider, FULL)
    if not _CELL_LEAST <= millivolts <= _CELL_MOST or number > FULL - _END:
        return None, reasons.FAILED
    below = _CELL[0]
    for point in _CELL:
        if millivolts <= point[0]:
            rise = point[0] - below[0]
            return (
                below[1] + (point[1] - below[1]) * (millivolts - below[0]) // rise if rise else 0
            ), reasons.GOOD
        below = point
    return 100, reasons.GOOD
