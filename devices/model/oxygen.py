"""How long the oxygen of a cylinder lasts.

Boyle's law: what a cylinder holds is its water volume times its pressure; by the textbook, less a reserve
that is never counted on, divided by the flow (AAOS, Emergency Care and Transportation of the Sick and
Injured: duration of flow = (gauge pressure − safe residual pressure of 200 psi) × cylinder constant / flow).
"""

from typing import NamedTuple

RESERVE_BAR = 14.0
"""200 psi."""


class Endurance(NamedTuple):
    """`litres` that can be used, at ambient pressure; `minutes` at the present flow, None: nobody knows."""

    litres: float
    minutes: float | None


def endurance(pressure_bar: float, water_l: float, flow_l_min: float | None) -> Endurance:
    """Of a cylinder of `water_l` litres of water. `flow_l_min` None: it is not known, or too old."""
    litres = max(pressure_bar - RESERVE_BAR, 0.0) * water_l
    return Endurance(litres, litres / flow_l_min if flow_l_min is not None and flow_l_min > 0 else None)
