"""What is measured of a patient and entered by hand: units, and what cannot be.

Outside of a range nothing is entered: it is the wrong unit, or a slip of the decimal point.
The ranges hold whatever was ever found in a living person:
- weight: 212 g at birth (National University Hospital, Singapore, 2021) to 635 kg (Guinness World Records);
- height: 24 cm (the same child) to 272 cm (Guinness World Records);
- creatinine: to 6524 umol/L (73.8 mg/dL: Case Rep Nephrol 2021, 6048919), and never less than a laboratory
  can tell from nothing (about 5 umol/L).
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from controller.errors import OrderError
from controller.patients.model import Kind


@dataclass(frozen=True, slots=True)
class Measure:
    """`least` and `most` are in `unit` (UCUM), of which one is `parts` of what is kept."""

    unit: str
    parts: int
    least: float
    most: float
    loinc: str


MEASURES: Final[Mapping[Kind, Measure]] = {
    "weight": Measure("kg", 1000, 0.2, 700, "29463-7"),
    "height": Measure("cm", 10, 20, 280, "8302-2"),
    "creatinine": Measure("umol/L", 1000, 5, 7000, "14682-9"),
}


def kept(kind: Kind, value: float) -> int:
    """`value` in the small unit that is kept: g, mm, nmol/L. Raises OrderError."""
    of = MEASURES[kind]
    if not (math.isfinite(value) and of.least <= value <= of.most):
        raise OrderError(
            f"expected {kind} from {of.least:g} to {of.most:g} {of.unit}, got {value:g}: look at the unit"
        )
    return round(value * of.parts)


def shown(kind: Kind, value: int) -> float:
    """What was kept, in the unit of MEASURES."""
    return value / MEASURES[kind].parts
