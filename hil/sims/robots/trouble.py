"""What can be done to a simulated robot: one word a line into its plug, as a person would do it.

    echo e-stop > data/plugs/robot-1

`blocked` and `clear`: something stands in its way; `dead` and `alive`: it is off, without a goodbye, and on
again, when it has forgotten its order; `e-stop` and `released`; `battery-low` and `battery-full`; `lost` and
`found`: whether it knows where it is; `taken-over` and `handed-back`: a person drives it.
"""

from enum import StrEnum

from hil.errors import BadOrder


class Trouble(StrEnum):
    """What a robot can be told."""

    BLOCKED = "blocked"
    CLEAR = "clear"
    DEAD = "dead"
    ALIVE = "alive"
    E_STOP = "e-stop"
    RELEASED = "released"
    BATTERY_LOW = "battery-low"
    BATTERY_FULL = "battery-full"
    LOST = "lost"
    FOUND = "found"
    TAKEN_OVER = "taken-over"
    HANDED_BACK = "handed-back"


LOW, FULL = 0.08, 1.0
"""Charges after `battery-low` and `battery-full`."""


def trouble(word: str) -> Trouble:
    """The one that is called so. Raises BadOrder."""
    try:
        return Trouble(word.strip())
    except ValueError:
        raise BadOrder(f"{word.strip()!r} is no trouble; there are: {', '.join(Trouble)}") from None
