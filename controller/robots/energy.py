"""Whether a robot's charge is enough: for the way to the pick-up, the drop and then a charger, and a reserve.

Ways are in ms (they count waits at lifts and doors), batteries in 0 to 1 of the charge.
"""

import math

from controller.robots.vehicles import Battery

_HOUR_MS = 3_600_000
CHARGE_BELOW = 0.35
"""An idle robot goes to a charger."""
FULL = 0.9
"""It may leave a charger to others."""
HANDLING_MS = 60_000
"""At a station, for somebody to load or unload."""


def taken(battery: Battery, drive_ms: float, stand_ms: float = 0.0) -> float:
    """What of the charge driving and standing take."""
    wh = (battery.drive_w * drive_ms + battery.idle_w * stand_ms) / _HOUR_MS
    return wh / battery.capacity_wh


def reaches(battery: Battery, charge: float, *legs_ms: float) -> bool:
    """Whether the charge is enough for these ways in turn, with handling between, and leaves the reserve."""
    if math.inf in legs_ms:
        return False
    stand = HANDLING_MS * max(0, len(legs_ms) - 1)
    return charge - taken(battery, sum(legs_ms), stand) >= battery.reserve
