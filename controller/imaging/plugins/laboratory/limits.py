"""Limits as data (limits.csv), and units in which analysers tell the same thing.

A site's laboratory has its own: these are to be agreed with it. `source` is where critical limits are from:
rcpath: Royal College of Pathologists, The communication of critical and unexpected pathology results (G158),
as South West London Pathology applies it to adults (swlpath.nhs.uk, grossly abnormal results); barnsley:
Barnsley Hospital NHS Foundation Trust, critical results, inpatients. least, most: outside of them an
instrument or a unit is wrong, not a patient; delta, delta_percent within DELTA_HOURS: both are this project's
own, wide on purpose.
"""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Final

from devices.model.glucose import MG_PER_MMOL

DELTA_HOURS: Final = 72
SOURCES: Final = {
    "rcpath": "Royal College of Pathologists G158, as applied by South West London Pathology",
    "barnsley": "Barnsley Hospital NHS Foundation Trust, critical results",
    "": "Wardlink's own",
}
_SAME: Final = {"meq/l": "mmol/l", "um3": "fl", "k/ul": "10*9/l", "10*3/ul": "10*9/l"} | {
    "m/ul": "10*12/l",
    "10*6/ul": "10*12/l",
}
"""Units that are another by the same number; small letters."""
_FACTORS: Final[Mapping[tuple[str, str], float]] = {
    ("glucose", "mg/dl"): 1 / float(MG_PER_MMOL),
    ("creatinine", "mg/dl"): 88.42,
    ("calcium", "mg/dl"): 1 / 4.008,
    ("magnesium", "mg/dl"): 1 / 2.4305,
    ("phosphate", "mg/dl"): 1 / 3.097,
    ("haematocrit", "l/l"): 100,
} | {(analyte, "g/dl"): 10 for analyte in ("albumin", "protein", "haemoglobin", "mchc")}
"""Times this is in the unit of the limits; molar masses: glucose in devices/model/glucose.py, creatinine
113.1, Ca 40.08, Mg 24.305, P 30.97."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Of one analyte, in `unit`; None: there is none."""

    analyte: str
    unit: str
    critical_low: float | None
    critical_high: float | None
    least: float
    most: float
    delta: float | None
    delta_percent: float | None
    source: str

    def in_unit(self, value: float, unit: str) -> float | None:
        """`value` in the unit of the limits; None: `unit` is not one that is known for it."""
        told = _spelled(unit)
        if told == _spelled(self.unit):
            return value
        factor = _FACTORS.get((self.analyte, told))
        return None if factor is None else value * factor


def limits_of(loinc: str) -> Limits | None:
    """None: there are none for what the code names."""
    return _table().get(loinc)


@cache
def _table() -> Mapping[str, Limits]:
    text = resources.files(__package__ or "").joinpath("limits.csv").read_text(encoding="utf-8")
    return dict(_rows(text))


def _rows(text: str) -> Iterator[tuple[str, Limits]]:
    for row in csv.DictReader(text.splitlines()):
        number = {name: float(value) if value else None for name, value in row.items() if name in _NUMBERS}
        limits = Limits(
            row["analyte"],
            row["unit"],
            number["critical_low"],
            number["critical_high"],
            float(row["least"]),
            float(row["most"]),
            number["delta"],
            number["delta_percent"],
            SOURCES[row["source"]],
        )
        yield from ((code, limits) for code in row["loinc"].split())


_NUMBERS: Final = frozenset({"critical_low", "critical_high", "delta", "delta_percent"})


def _spelled(unit: str) -> str:
    told = unit.strip().lower().replace("^", "*").replace("µ", "u").replace("μ", "u").removeprefix("x")
    told = told.replace("10e", "10*")
    return _SAME.get(told, told)
