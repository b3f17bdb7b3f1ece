"""How warm a delivery was, in FHIR R4: Observations contained in its SupplyDelivery, which refers to them.

SupplyDelivery has no element for what was observed of it: an extension of our own has the references. How it
stands is the standard's extension event-statusReason, "to-judge" and why.
"""

from typing import Any

from controller.handover.coded import HL7, TERMS, UCUM, coding, concept, full, number, period, text
from controller.prescriptions.cold.desk import Told

Json = dict[str, Any]
EXTENSION = "urn:wardlink:fhir:observed-on-the-way"
_TEMPERATURE, _OUTSIDE, _GAPS = "ambient_temp", "minutes-outside", "minutes-unknown"


def cold_members(told: Told | None, to_utc_ms: int) -> Json:
    """`contained` and `extension` of a SupplyDelivery; nothing where it has no need to be cold."""
    if told is None or not told.cold.boxes:
        return {}
    cold, record, state = told
    begin_ms, ended_ms = cold.boxes[0].from_ms, cold.ended_ms
    when = period(begin_ms + to_utc_ms, None if ended_ms is None else ended_ms + to_utc_ms)
    gaps_ms = sum(one.to_ms - one.from_ms for one in record.gaps)
    found: list[tuple[str, str, float | None, str, str]] = [
        ("lowest", _TEMPERATURE, record.lowest, "Cel", "lowest temperature in the cooled box"),
        ("highest", _TEMPERATURE, record.highest, "Cel", "highest temperature in the cooled box"),
        ("outside", _OUTSIDE, _minutes(record.outside_ms), "min", "time outside of the range"),
        ("gaps", _GAPS, _minutes(gaps_ms), "min", "time without a record"),
    ]
    low, high = map(float, cold.allowed)
    within = [{"low": _quantity(low, "Cel"), "high": _quantity(high, "Cel")}]
    contained = [
        _observation(name, (code, words), (value, unit), when, within if unit == "Cel" else [])
        for name, code, value, unit, words in found
    ]
    why = " ".join((str(state), *sorted(cold.all_doubts(record)), cold.why))
    reason = {"url": f"{HL7}event-statusReason", "valueCodeableConcept": concept(text(why))}
    refers = [{"url": EXTENSION, "valueReference": {"reference": f"#{one['id']}"}} for one in contained]
    return {"contained": contained, "extension": [reason, *refers]}


def _observation(
    name: str, what: tuple[str, str], measured: tuple[float | None, str], when: Json, within: list[Json]
) -> Json:
    code, words = what
    value, unit = measured
    unknown = concept("unknown", coding(f"{TERMS}data-absent-reason", "unknown", "Unknown"))
    return full(
        resourceType="Observation",
        id=name,
        status="final" if "end" in when else "preliminary",
        code={"coding": [{"system": "urn:wardlink:metric", "code": code}], "text": words},
        effectivePeriod=when,
        valueQuantity=None if value is None else _quantity(value, unit),
        dataAbsentReason=unknown if value is None else None,
        referenceRange=within,
    )


def _quantity(value: float, unit: str) -> Json:
    return {"value": number(value), "unit": unit, "system": UCUM, "code": unit}


def _minutes(ms: int) -> float:
    return round(ms / 60_000, 1)
