"""A reading as a FHIR R4 Observation by the vital signs profiles: the same in documents, notes and exports.

    observation(Reading("spo2", 97.0, None, utc_ms), device={"display": "ox-1"}, subject=…)
    pressure([systolic, diastolic, mean], device=…)      # one Observation with components

HL7 FHIR R4 (4.0.1): Observation; observation-vitalsigns, -bp.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

from controller.handover.coded import (
    HL7,
    LOINC,
    MAGIC,
    TERMS,
    Json,
    coding,
    concept,
    full,
    metric_concept,
    no_value,
    quantity,
    time,
)
from controller.handover.words import Words
from devices.model.metrics import METRICS
from devices.model.spelled import quality_names

PRESSURES = (("nibp_sys", "nibp_dia", "nibp_map"),)
"""Systolic, diastolic, mean of one measurement: one Observation."""
PANEL = "85354-9"
"""LOINC of a blood pressure with its parts."""
TOGETHER_MS = 1000
"""Parts of one measurement are not further apart."""
_VITAL = concept("vital signs", coding(f"{TERMS}observation-category", "vital-signs"))


class Reading(NamedTuple):
    """`value` in the metric's unit, or None for `reason`; `at_ms` is UTC."""

    metric: str
    value: float | None
    reason: int | None
    at_ms: int


def observation(one: Reading, *, status: str = "final", **members: Any) -> Json:
    """Of one reading; `members`: what more it has."""
    profile = _profile(one.metric)
    return full(
        resourceType="Observation",
        meta={"profile": [profile]} if profile else None,
        status=status,
        category=[_VITAL] if profile else None,
        code=_what(one.metric),
        effectiveDateTime=time(one.at_ms),
        **members,
        **_value(one),
    )


def pressure(parts: Sequence[Reading], *, status: str = "final", **members: Any) -> Json:
    """Of systolic, diastolic and, if there is one, mean of one measurement."""
    return full(
        resourceType="Observation",
        meta={"profile": [f"{HL7}bp"]},
        status=status,
        category=[_VITAL],
        code=concept("Blood pressure, cuff", coding(LOINC, PANEL)),
        effectiveDateTime=time(max(one.at_ms for one in parts)),
        component=[{"code": _what(one.metric), **_value(one)} for one in parts],
        **members,
    )


def doubts(*qualities: int, more: Sequence[str] = ()) -> list[Json]:
    """`interpretation`: each flaw that is told of a value, once, in the words of its flag."""
    said = list(dict.fromkeys([name for one in qualities if one for name in quality_names(one)] + [*more]))
    return [concept(", ".join(said))] if said else []


def name_of(metric: str) -> str:
    """The metric's English name."""
    return Words("en").named("metric", metric)


@cache
def _profile(name: str) -> str:
    """The profile that it keeps to; "": it is no vital sign."""
    metric = METRICS[name]
    is_vital = metric.loinc is not None or name in MAGIC
    return HL7 + MAGIC.get(name, ("vitalsigns", ""))[0] if is_vital else ""


@cache
def _what(name: str) -> Json:
    return metric_concept(METRICS[name], name_of(name))


def _value(one: Reading) -> Json:
    if one.value is None:
        return {"dataAbsentReason": no_value(one.reason)}
    return {"valueQuantity": quantity(one.value, METRICS[one.metric].unit)}
