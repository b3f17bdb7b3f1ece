"""How long a battery lasts, from its charge and what each state draws for its part of the time: an estimate.

    life(Charge(230, 0.1, "CR2032 data sheet"), [Load("asleep", 0.003, 0.3, 0.98, "data sheet"), ...])

Charge and currents bring relative uncertainties (expanded, k = 2), which are propagated to first order
(JCGM 100:2008, 5.1.2) as if they knew nothing of each other. What comes from a data sheet was not measured,
and the measurement says so. Self-discharge, temperature and age are not in it.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from hil.errors import BadMeasurement
from hil.evidence.measurement import Measurement

_MEASURED = "measured"


@dataclass(frozen=True, slots=True)
class Charge:
    """What a battery gives down to the voltage at which the node stops, in mAh."""

    mah: float
    relative: float
    """Its uncertainty as a part of it (k = 2)."""
    source: str


@dataclass(frozen=True, slots=True)
class Load:
    """A state: its mean current in mA, and `duty`, the part of the time that is spent in it."""

    state: str
    ma: float
    relative: float
    """The current's uncertainty as a part of it (k = 2)."""
    duty: float
    source: str
    """"measured", or whose data sheet."""
    duty_uncertainty: float = 0.0
    """Absolute (k = 2)."""


def life(
    charge: Charge, loads: Sequence[Load], name: str = "battery life", lower_h: float | None = None
) -> Measurement:
    """The hours. Raises BadMeasurement when the states do not share out all of the time."""
    duties = math.fsum(one.duty for one in loads)
    if not math.isclose(duties, 1.0, abs_tol=1e-6) or any(one.duty < 0 or one.ma < 0 for one in loads):
        raise BadMeasurement(f"{name}: expected states that share out the time, not {duties:g} of it")
    current = math.fsum(one.duty * one.ma for one in loads)
    if current <= 0 or charge.mah <= 0:
        raise BadMeasurement(
            f"{name}: expected a charge and a current, not {charge.mah} mAh and {current} mA"
        )
    hours = charge.mah / current
    of_current = math.hypot(
        *(one.duty * one.ma * one.relative for one in loads),
        *(one.ma * one.duty_uncertainty for one in loads),
    )
    relative = math.hypot(charge.relative, of_current / current)
    return Measurement(
        name, hours, "h", lower_h, None, hours * relative, len(loads), note=_note(charge, loads)
    )


def _note(charge: Charge, loads: Sequence[Load]) -> str:
    """Where the numbers come from."""
    parts = ", ".join(f"{one.state} {one.ma:g} mA for {one.duty:.3%}" for one in loads)
    sources = dict.fromkeys(one.source for one in (charge, *loads) if one.source != _MEASURED)
    unmeasured = f"; not measured here, but from: {', '.join(sources)}" if sources else ""
    return f"estimate: {charge.mah:g} mAh; {parts}{unmeasured}"
