"""The table of physiological alarm conditions: which value, beyond which limit, for how long, of whom.

`limits.csv` has a row for each. Limits are those that monitors leave the factory with, where `source` names
one (operators' manuals of Contec CMS8000, Edan M3A, Mindray TM70: "default alarm limits"); delays are ours:
long enough that a single value raises nothing, short beside what a person takes to come. A hospital judges
them.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from importlib import resources
from types import MappingProxyType

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

    def holds(self, value: Decimal, limit: Decimal) -> bool:
        """Whether `value` is beyond `limit`; the limit itself is not."""
        return value < limit if self.is_below else value > limit


def _condition(row: dict[str, str]) -> Condition:
    return Condition(
        row["code"],
        tuple(row["metrics"].split()),
        {"below": True, "above": False}[row["beyond"]],
        Priority[row["priority"].upper()],
        int(row["delay_s"]) * _NS,
        row["latches"] == "1",
        MappingProxyType({one: Decimal(row[one]) for one in PatientClass}),
    )


def _load() -> Mapping[str, Condition]:
    text = resources.files("gateway.alarms").joinpath("limits.csv").read_text(encoding="utf-8")
    rows = map(_condition, csv.DictReader(text.splitlines()))
    return MappingProxyType({one.code: one for one in rows})


CONDITIONS: Mapping[str, Condition] = _load()
"""By code."""
BY_METRIC: Mapping[str, tuple[Condition, ...]] = MappingProxyType(
    {
        metric: tuple(one for one in CONDITIONS.values() if metric in one.metrics)
        for metric in {metric for one in CONDITIONS.values() for metric in one.metrics}
    }
)
"""The conditions of which a metric's value speaks."""
