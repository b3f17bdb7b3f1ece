"""What people assessed, and the scores, as FHIR R4 Observations."""

from collections.abc import Iterable, Mapping
from typing import Any

from controller.handover.case import Assessed, Case
from controller.handover.coded import (
    Json,
    absent,
    concept,
    full,
    loinc,
    notes,
    people,
    quantity,
    time,
)
from controller.handover.words import Words
from devices.model.scores_bedside import Gcs

_PARTS = (("eye", "9267-6", "Eye opening"), ("verbal", "9270-0", "Verbal"), ("motor", "9268-4", "Motor"))
_NOT_TESTABLE = absent("not-performed", "not testable")


def age(case: Case, about: Mapping[str, Any]) -> Iterable[Json]:
    """The age that the crew estimated: nobody invents a date of birth from it."""
    if case.who.age is not None:
        yield full(
            resourceType="Observation",
            status="final",
            code=loinc("Age", "30525-0"),
            effectiveDateTime=time(case.begun_ms),
            valueQuantity=quantity(case.who.age, "a"),
            note=notes("As the crew estimated it"),
            **about,
        )


def assessments(case: Case, about: Mapping[str, Any]) -> Iterable[Json]:
    """One for each entry of a person."""
    return (_assessed(one, about) for one in case.assessments)


def _assessed(one: Assessed, about: Mapping[str, Any]) -> Json:
    of = {"consciousness": _consciousness, "oxygen": _oxygen, "scale": _scale, "gcs": _gcs}
    return full(
        resourceType="Observation",
        status="final",
        effectiveDateTime=time(one.at_ms),
        performer=people([one.by]),
        **about,
        **of[one.kind](one.value),
    )


def _consciousness(value: Mapping[str, Any]) -> Json:
    return {
        "code": concept("Consciousness (ACVPU)"),
        "valueCodeableConcept": concept(Words("en").named("scores.acvpu", value["acvpu"])),
    }


def _oxygen(value: Mapping[str, Any]) -> Json:
    code, flow = concept("Supplemental oxygen"), value.get("l_min")
    given = {"code": loinc("Inhaled oxygen flow rate", "3151-8")}
    if not value["on"]:
        return {"code": code, "valueBoolean": False}
    told = {"dataAbsentReason": absent("unknown", "flow not told")} if flow is None else _flow(flow)
    return {"code": code, "valueBoolean": True, "component": [given | told]}


def _flow(l_min: float) -> Json:
    return {"valueQuantity": quantity(l_min, "L/min")}


def _scale(value: Mapping[str, Any]) -> Json:
    return {"code": concept("SpO2 scale of NEWS2"), "valueInteger": value["spo2"]}


def _gcs(value: Mapping[str, Any]) -> Json:
    gcs = Gcs(value["eye"], value["verbal"], value["motor"])
    parts = [
        {"code": loinc(words, code), **_points(value[name], _NOT_TESTABLE)} for name, code, words in _PARTS
    ]
    total = _points(gcs.total, absent("not-performed", f"{gcs.text}: not all testable, there is no sum"))
    return {"code": loinc("Glasgow Coma Scale", "9269-2"), **total, "component": parts}


def _points(value: int | None, why_not: Json) -> Json:
    if value is None:
        return {"dataAbsentReason": why_not}
    return {"valueQuantity": quantity(value, "{score}")}


def scores(case: Case, about: Mapping[str, Any]) -> Iterable[Json]:
    """NEWS2 with the reason for each point, and the shock index, as they are at the end of the case."""
    if case.score is None:
        return
    made = {"status": "final", "effectiveDateTime": time(case.score["at_ms"]), **about}
    yield full(resourceType="Observation", **_news2(case.score["news2"]), **made)
    if shock := case.score["shock_index"]:
        yield full(
            resourceType="Observation",
            code=concept("Shock index: pulse by systolic pressure"),
            valueQuantity=quantity(shock["value"], "1"),
            **made,
        )


def _news2(news2: Mapping[str, Any]) -> Json:
    total, least = news2["total"], news2["least"]
    lacking = ", ".join(news2["missing"])
    incomplete = absent("unknown", f"incomplete, {least} or more: {lacking} do not count")
    words = f"Risk of what is known: {news2['risk']}. SpO2 scale {news2['scale']}."
    return {
        "code": concept("NEWS2 (Royal College of Physicians, 2017)"),
        **({"dataAbsentReason": incomplete} if total is None else {"valueInteger": total}),
        "component": [_part(part) for part in news2["parts"]],
        "note": notes(words),
    }


def _part(part: Mapping[str, Any]) -> Json:
    code = concept(f"Points for {part['parameter']}")
    if part["points"] is None:
        return {"code": code, "dataAbsentReason": absent("unknown", part["lack"])}
    because = f"{part['value']}" + (f" ({part['reason']})" if part["reason"] else "")
    return {"code": code, "valueInteger": part["points"], "interpretation": [concept(because)]}
