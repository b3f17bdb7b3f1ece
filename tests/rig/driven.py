"""What the rig's tests have in common: a value that is driven, and what a figure of this rig is worth."""

import time
from collections.abc import Sequence

from hil.rig.ledger import Got
from hil.rig.rig import Rig
from hil.rig.site import until
from tests.rig.alarms import LOOK_S


def drive_new(rig: Rig, value: int) -> tuple[float, float]:
    """Drive a value that was not there before. When that was, and when it was in the ledger."""
    row = rig.ledger.mark().reading
    at = rig.player.drive(value)

    def came() -> bool:
        return any(hundredths(one) == value for one in rig.ledger.values(row))

    until(f"{value} is in the ledger", came, every_s=LOOK_S)
    return at, time.monotonic()


def hundredths(one: Got) -> int | None:
    """What the driven sensor gave; None: no value."""
    return None if one.value is None else round(one.value * 100)


def worth(rig: Rig) -> str:
    """Whether a figure is that of a real board."""
    kinds = {"emulated": "EMULATED: no board's timing", "simulated": "SIMULATED: no board's timing"}
    return next((kinds[one] for one in rig.features if one in kinds), "on a bench")


def held(played: Sequence[int], at: Sequence[float], second: float) -> float:
    """What was played at that second of the monotonic clock, °C: each value until the next."""
    begun = [value for value, when in zip(played, at, strict=True) if when <= second]
    return (begun[-1] if begun else played[0]) / 100
