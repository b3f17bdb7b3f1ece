"""What the monitor at a patient says, each second, and which alarms must come of it.

The heart's rate is a recording's (hil/sims/recordings); saturation and breathing are synthetic. All get worse
as the plan says. What is due is judged by the table of limits and none of its owner's code.
"""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from importlib import resources
from typing import NamedTuple

from hil.ambulance.plan import OnBoard
from hil.sims.patient import Patient, Wander

METRICS = ("hr", "pr_spo2", "spo2", "rr")
_PULSES = ("hr", "pr_spo2")
"""One heart gives both."""


@dataclass(frozen=True, slots=True)
class Sick:
    """A patient of the plan, as the sensors see them."""

    plan: OnBoard
    body: Patient
    breath: Wander

    @classmethod
    def of(cls, plan: OnBoard) -> "Sick":
        """The body of one on board."""
        return cls(plan, Patient(plan.seed), Wander(plan.seed / 1000, middle=15.0, swing=2.5, knot_s=30))

    def says(self, at_s: float) -> dict[str, Decimal]:
        """Every metric at `at_s` of the run, to one decimal."""
        rate = min(115.0, max(55.0, self.body.heart_rate(at_s + 10)))
        usual = {
            "hr": rate,
            "pr_spo2": rate,
            "spo2": max(94.0, self.body.spo2(at_s)),
            "rr": self.breath.at(at_s),
        }
        for worse in self.plan.worse:
            if worse.from_s <= at_s < worse.to_s:
                for metric in _PULSES if worse.metric in _PULSES else (worse.metric,):
                    usual[metric] = worse.value
        return {metric: Decimal(round(value, 1)).quantize(Decimal("0.1")) for metric, value in usual.items()}


class Limit(NamedTuple):
    """A row of the table of limits: adults'."""

    code: str
    metric: str
    is_below: bool
    delay_s: float
    limit: Decimal

    def holds(self, value: Decimal) -> bool:
        """Whether the value is beyond it."""
        return value < self.limit if self.is_below else value > self.limit


def limits() -> list[Limit]:
    """For what the monitor measures; read from the table, not by its owner's code."""
    text = resources.files("devices.model").joinpath("alarm_limits.csv").read_text(encoding="utf-8")
    return [
        Limit(row["code"], metric, row["beyond"] == "below", float(row["delay_s"]), Decimal(row["adult"]))
        for row in csv.DictReader(text.splitlines())
        for metric in row["metrics"].split()
        if metric in METRICS
    ]


class Due(NamedTuple):
    """An alarm that must be: the condition held from `onset_s`, and for its delay at `due_s`."""

    code: str
    onset_s: float
    due_s: float


Said = Sequence[tuple[float, str, Decimal]]
"""Seconds, metric, value; of one device without a pause."""
GAP_S = 30.0


def due(said: Said) -> Iterator[Due]:
    """Every alarm that must be raised for what was said, once for each stretch beyond its limit."""
    for limit in limits():
        onset: float | None = None
        last, is_told = 0.0, False
        for at_s, metric, value in said:
            if metric != limit.metric:
                continue
            if not limit.holds(value) or (onset is not None and at_s - last >= GAP_S):
                onset, is_told = None, False
            if limit.holds(value):
                onset = at_s if onset is None else onset
                if at_s - onset >= limit.delay_s and not is_told:
                    is_told = True
                    yield Due(limit.code, onset, at_s)
            last = at_s
