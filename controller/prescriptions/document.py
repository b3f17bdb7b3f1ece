"""A prescription as the FHIR R4 MedicationRequest that is signed (HL7 FHIR R4, 4.0.1).

It stands for itself: patient and prescriptions are named by their identifiers, not by addresses; the medicine
and the hints that were overridden, each with its reason, are contained. It is made of the draft alone, so
that it is the same whenever it is made; how it comes to the patient is not part of it.
"""

from decimal import Decimal
from typing import Any

from controller.handover.coded import TERMS, UCUM, coding, concept, full, notes, person, text, time
from controller.prescriptions.model import Coded, Issue, Medicine, Prescription, Quantity, Timing, number
from controller.prescriptions.timing import TIMES

Json = dict[str, Any]
DAY = {"value": 1, "unit": "d", "system": UCUM, "code": "d"}


def document(rx: Prescription) -> Json:
    """The prescription as it is signed, hence active."""
    wanted = rx.wanted
    return full(
        resourceType="MedicationRequest",
        meta={"versionId": str(rx.revision)},
        contained=[medicine(wanted.medicine), *_issues(rx)],
        identifier=[{"value": rx.number}],
        status="active",
        intent="order",
        category=[_category(wanted.setting)],
        priority=None if wanted.priority == "routine" else wanted.priority,
        medicationReference={"reference": "#medicine", "display": text(wanted.medicine.code.display)},
        subject=subject(rx),
        authoredOn=time(rx.authored_ms),
        requester=person(rx.prescriber),
        reasonCode=[concept(wanted.reason)] if text(wanted.reason) else None,
        note=notes(wanted.note),
        dosageInstruction=[_dosage(rx)],
        dispenseRequest=_request(rx),
        substitution={"allowedBoolean": wanted.substitution},
        priorPrescription=reference("MedicationRequest", rx.replaces),
        detectedIssue=[{"reference": f"#{one['id']}"} for one in _issues(rx)],
    )


def subject(rx: Prescription) -> Json:
    """Whose it is, as it was signed."""
    return full(type="Patient", identifier={"value": rx.subject}, display=text(rx.name))


def reference(kind: str, name: str) -> Json | None:
    """To a resource by its identifier; "": there is none."""
    return {"type": kind, "identifier": {"value": name}} if name else None


def code(one: Coded) -> Json:
    """A CodeableConcept."""
    return concept(one.display, coding(one.system, one.code, text(one.display)))


def quantity(held: Quantity) -> Json:
    """A Quantity, exact."""
    return {"value": number(held.value), "unit": held.unit, "system": UCUM, "code": held.unit}


def medicine(held: Medicine) -> Json:
    """The contained Medication."""
    parts = [
        full(
            itemCodeableConcept=code(one.substance),
            extension=[_strength(one.strength)] if text(one.strength) else None,
        )
        for one in held.ingredients
    ]
    form = concept(held.form) if text(held.form) else None
    return full(resourceType="Medication", id="medicine", code=code(held.code), form=form, ingredient=parts)


def dosage_text(wanted_dose: Quantity, timing: Timing, route: Coded) -> str:
    """In words, for whoever cannot read codes."""
    return f"{wanted_dose} {route.display}, {_when(timing)}"


def _strength(words: str) -> Json:
    return {"url": "urn:wardlink:ingredient-strength", "valueString": text(words)}


def _category(setting: str) -> Json:
    system = f"{TERMS}medicationrequest-category"
    return concept(setting, coding(system, setting, setting.capitalize()))


def _dosage(rx: Prescription) -> Json:
    wanted = rx.wanted
    timing, at_most = wanted.timing, None
    if timing.rhythm == "as-needed":
        most = Quantity(_times(wanted.dose.value, timing.times), wanted.dose.unit)
        at_most = {"numerator": quantity(most), "denominator": DAY}
    return full(
        text=dosage_text(wanted.dose, timing, wanted.route),
        timing=_timing(rx),
        asNeededCodeableConcept=concept(timing.reason) if timing.rhythm == "as-needed" else None,
        route=code(wanted.route),
        doseAndRate=[{"doseQuantity": quantity(wanted.dose)}],
        maxDosePerPeriod=at_most,
    )


def _timing(rx: Prescription) -> Json:
    wanted = rx.wanted
    bounds: Json = {}
    if wanted.begin_ms is not None:
        end = time(wanted.begin_ms + wanted.days * 86_400_000) if wanted.days else None
        bounds = {"boundsPeriod": full(start=time(wanted.begin_ms), end=end)}
    elif wanted.days:
        bounds = {"boundsDuration": {**DAY, "value": wanted.days}}
    return full(repeat={**bounds, **_repeat(wanted.timing)})


def _repeat(timing: Timing) -> Json:
    match timing.rhythm:
        case "per-day":
            return {"frequency": timing.times, "period": 1, "periodUnit": "d", **_at(TIMES[timing.times])}
        case "every":
            return {"frequency": 1, "period": timing.hours, "periodUnit": "h"}
        case "at":
            return {"frequency": len(timing.at), "period": 1, "periodUnit": "d", **_at(timing.at)}
        case "once":
            return {"count": 1}
        case "as-needed":
            return {"frequency": 1, "period": timing.hours, "periodUnit": "h"} if timing.hours else {}


def _at(times: tuple[str, ...]) -> Json:
    return {"timeOfDay": [f"{one}:00" for one in times]}


def _when(timing: Timing) -> str:
    return {
        "per-day": f"{timing.times} times a day",
        "every": f"every {timing.hours} h",
        "at": f"at {', '.join(timing.at)}",
        "once": "once",
        "as-needed": f"as needed for {timing.reason}: at most {timing.times} times in 24 h, "
        f"at least {timing.hours} h apart",
    }[timing.rhythm]


def _request(rx: Prescription) -> Json:
    wanted = rx.wanted
    supply = {**DAY, "value": wanted.days} if wanted.days else None
    return full(
        numberOfRepeatsAllowed=wanted.repeats,
        quantity=quantity(wanted.quantity),
        expectedSupplyDuration=supply,
    )


def _issues(rx: Prescription) -> list[Json]:
    return [_issue(rx, place, one) for place, one in enumerate(rx.issues, start=1)]


def _issue(rx: Prescription, place: int, one: Issue) -> Json:
    why = {"action": concept(one.why), "date": time(rx.authored_ms), "author": person(rx.prescriber)}
    return full(
        resourceType="DetectedIssue",
        id=f"issue-{place}",
        status="final",
        code=concept(one.code),
        severity=one.severity,
        patient=subject(rx),
        author=_author(one),
        evidence=[{"detail": [concept(one.reference)]}] if text(one.reference) else None,
        detail=text(one.detail),
        mitigation=[why] if text(one.why) else None,
    )


def _author(one: Issue) -> Json | None:
    """The knowledge base that says so, with its edition; None: nobody was asked."""
    said = text(", ".join(filter(None, (one.source, one.edition))))
    return {"type": "Device", "display": said} if said else None


def _times(value: str, times: int) -> str:
    return format(Decimal(value) * times, "f")
