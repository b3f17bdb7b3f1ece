"""The table of physiological alarm conditions: which value, beyond which limit, for how long, of whom.

`alarm_limits.csv` has a row for each. Limits are those that monitors leave the factory with, where `source`
names one (operators' manuals of Contec CMS8000, Edan M3A, Mindray TM70: "default alarm limits"); delays are
ours: long enough that a single value raises nothing, short beside what a person takes to come. A hospital
judges them. For one patient a limit may be moved within its band, which is ours, too: no band reaches so far
that the condition is off, and what has none (asystole, apnoea) is not moved at all. Those of a cooled box are
nobody's: with no limit for people they speak of boxes alone, each of which has its own range ([alarms.boxes]
of a gateway). Their delay lets a lid be opened without an alarm.

Gateways judge by it; whoever shows a limit, or asks for another, looks here first.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from importlib import resources
from types import MappingProxyType
from typing import Any

from devices.model.metrics import METRICS
from devices.model.observation import Priority

_NS = 1_000_000_000


class PatientClass(StrEnum):
    """For whom limits are: their values differ."""

    ADULT = "adult"
    CHILD = "child"
    NEONATE = "neonate"


@dataclass(frozen=True, slots=True)
class Condition:
    """One row."""

    code: str
    metrics: tuple[str, ...]
    is_below: bool
    """Whether it holds below its limit, or above it."""
    priority: Priority
    delay_ns: int
    """For so long it has to hold before it is an alarm."""
    latches: bool
    """Whether it is shown until somebody has seen it, although it is over."""
    limits: Mapping[PatientClass, Decimal]
    """Without one it speaks of no such patient."""
    bands: Mapping[PatientClass, tuple[Decimal, Decimal]]
    """Between which the limit of one patient may be; without: it is not moved."""
    step: Decimal | None
    """By how much one touch moves it; ours. None: it is not moved."""

    def holds(self, value: Decimal, limit: Decimal) -> bool:
        """Whether `value` is beyond `limit`; the limit itself is not."""
        return value < limit if self.is_below else value > limit

    def allows(self, value: Decimal, patient: PatientClass) -> bool:
        """Whether the limit of a patient of that class may be `value`."""
        band = self.bands.get(patient)
        return band is not None and band[0] <= value <= band[1]


def _condition(row: dict[str, str]) -> Condition:
    return Condition(
        row["code"],
        tuple(row["metrics"].split()),
        {"below": True, "above": False}[row["beyond"]],
        Priority[row["priority"].upper()],
        int(row["delay_s"]) * _NS,
        row["latches"] == "1",
        MappingProxyType({one: Decimal(row[one]) for one in PatientClass if row[one]}),
        MappingProxyType({one: _band(row[f"{one}_band"]) for one in PatientClass if row[f"{one}_band"]}),
        Decimal(row["step"]) if row["step"] else None,
    )


def _band(text: str) -> tuple[Decimal, Decimal]:
    least, most = text.split("-")
    return Decimal(least), Decimal(most)


def _load() -> Mapping[str, Condition]:
    text = resources.files("devices.model").joinpath("alarm_limits.csv").read_text(encoding="utf-8")
    rows = map(_condition, csv.DictReader(text.splitlines()))
    return MappingProxyType({one.code: one for one in rows})


CONDITIONS: Mapping[str, Condition] = _load()
"""By code."""
BOX_LOW, BOX_HIGH = "box-temp-low", "box-temp-high"
BOX_METRICS = CONDITIONS[BOX_HIGH].metrics
"""The temperature inside of a box: of things, for of 5 °C a thermometer of bodies says that it cannot be."""


def movable(patient: PatientClass) -> list[dict[str, Any]]:
    """The limits that may be moved for one patient of that class, as a page shows them: `code`, `unit`,
    `usual` (that of the class), `least`, `most`, `step`."""
    return [_shown(one, patient) for one in CONDITIONS.values() if patient in one.bands]


def _shown(one: Condition, patient: PatientClass) -> dict[str, Any]:
    least, most = map(float, one.bands[patient])
    about = {"code": one.code, "unit": METRICS[one.metrics[0]].unit, "usual": float(one.limits[patient])}
    return {**about, "least": least, "most": most, "step": float(one.step or 1)}
