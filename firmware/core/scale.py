"""Numbers of a sensor as the integers that travel: exact, without floating point; and whether they can be.

scaled(13_107, 200, 65_535)        # a sensor's 16 bits for 0 to 20.0, in tenths: 40
judged(974, (500, 1000, 0, 1000))  # (974, 0): the four limits of a metric in firmware/core/table.py
"""

GOOD = 0
IMPLAUSIBLE = 128
"""`Quality.IMPLAUSIBLE` of devices/model/observation.py."""
REJECTED = 8
"""`NoValue.REJECTED`."""


def scaled(raw: int, numerator: int, denominator: int, offset: int = 0) -> int:
    """`raw` × `numerator` / `denominator` + `offset`, to the nearest integer; a half goes away from zero."""
    number = 2 * (raw * numerator + offset * denominator)
    if denominator < 0:
        number, denominator = -number, -denominator
    rounded = (abs(number) + denominator) // (2 * denominator)
    return rounded if number >= 0 else -rounded


def judged(value: int, limits: tuple) -> tuple:
    """(value, quality) or (None, reason), by the limits: plausible from, to (or None), possible from, to."""
    low, high, least, most = limits
    if not least <= value <= most:
        return None, REJECTED
    if (low is not None and value < low) or (high is not None and value > high):
        return value, IMPLAUSIBLE
    return value, GOOD
