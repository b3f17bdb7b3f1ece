"""Visits by video as FHIR R4 resources (HL7 FHIR R4, 4.0.1: Appointment, Encounter, Consent, Composition,
DocumentReference). `to_utc_ms` is what the controller's time lacks to UTC.
"""

import base64
import hashlib
import json
from typing import Any

from controller.handover.coded import TERMS, concept, full, loinc, people, period, text, time
from controller.telemedicine.model import Consent, Visit
from controller.telemedicine.notes.document import VIRTUAL, number
from controller.telemedicine.notes.model import SummaryVersion
from controller.telemedicine.notes.words import TITLE
from controller.telemedicine.states import VisitState

Json = dict[str, Any]
_APPOINTMENT = {VisitState.IN_PROGRESS: "checked-in"}
"""AppointmentStatus has no word for one that is being held."""
_ENCOUNTER = {
    VisitState.IN_PROGRESS: "in-progress",
    VisitState.FULFILLED: "finished",
    VisitState.ENTERED_IN_ERROR: "entered-in-error",
}
_DOCUMENT = "application/fhir+json"


def appointment(visit: Visit, to_utc_ms: int) -> Json:
    """What was agreed upon."""
    plan = visit.plan
    who = [{"actor": subject(visit), "status": "accepted"}]
    who += [{"actor": one, "status": "accepted"} for one in people([plan.host])]
    return full(
        resourceType="Appointment",
        id=visit.number,
        meta={"versionId": str(visit.revision)},
        identifier=[{"value": visit.number}],
        status=_APPOINTMENT.get(visit.state, str(visit.state)),
        reasonCode=[concept(plan.reason)] if text(plan.reason) else None,
        start=time(plan.start_ms),
        end=time(plan.start_ms + plan.minutes * 60_000),
        minutesDuration=plan.minutes,
        created=time(visit.booked_ms + to_utc_ms),
        participant=who,
    )


def encounter(visit: Visit, to_utc_ms: int) -> Json | None:
    """The visit as it was held; None: it has not begun."""
    if visit.began_ms is None or visit.state not in _ENCOUNTER:
        return None
    ended = None if visit.ended_ms is None else visit.ended_ms + to_utc_ms
    return full(
        resourceType="Encounter",
        id=visit.number,
        identifier=[{"value": visit.number}],
        status=_ENCOUNTER[visit.state],
        subject=subject(visit),
        participant=[{"individual": one} for one in people([visit.plan.host])],
        appointment=[{"type": "Appointment", "identifier": {"value": visit.number}}],
        period=period(visit.began_ms + to_utc_ms, ended),
        reasonCode=[concept(visit.plan.reason)] if text(visit.plan.reason) else None,
        **{"class": VIRTUAL},
    )


def consent(visit: Visit, place: int, one: Consent, now_ms: int, to_utc_ms: int) -> Json:
    """What the patient said of one thing; `place`: which of what was said in this visit it is, from 1 on."""
    name = f"{visit.number}-consent-{place}"
    words = base64.b64encode(one.text.encode()).decode()
    return full(
        resourceType="Consent",
        id=name,
        identifier=[{"value": name}],
        status="rejected" if one.said == "deny" else "active" if one.holds(now_ms) else "inactive",
        scope={"coding": [{"system": f"{TERMS}consentscope", "code": "patient-privacy"}]},
        category=[loinc("Consent Document", "59284-0")],
        patient=subject(visit),
        dateTime=time(one.at_ms + to_utc_ms),
        performer=people([one.by]),
        sourceAttachment={"contentType": "text/plain", "language": _tag(one.language), "data": words},
        policyRule=concept(one.scope),
        provision={
            "type": "permit" if one.said == "permit" else "deny",
            "period": period(one.at_ms + to_utc_ms, one.until_ms + to_utc_ms),
        },
    )


def composition(version: SummaryVersion, visit: Visit) -> Json:
    """The first part of a signed summary; what its document holds beside it is named by identifiers."""
    made = json.loads(_content(version))["entry"][0]["resource"]
    held = {"type": "Encounter", "identifier": {"value": visit.number}}
    sections = [_alone(one) for one in made["section"]]
    whole = {"id": _id(version), "subject": subject(visit), "encounter": held}
    return {**made, **whole, "section": sections}


def document_reference(version: SummaryVersion, visit: Visit) -> Json:
    """The whole signed document, as it was signed."""
    content = _content(version).encode()
    digest = base64.b64encode(hashlib.sha1(content).digest()).decode()  # the element's own algorithm (R4)
    title, language = TITLE[version.summary.plain.language], _tag(version.summary.plain.language)
    data = base64.b64encode(content).decode()
    attachment = {"contentType": _DOCUMENT, "language": language, "data": data, "hash": digest}
    return full(
        resourceType="DocumentReference",
        id=_id(version),
        identifier=[{"value": number(version)}],
        status="current",
        docStatus="amended" if version.summary.replaces else "final",
        type=loinc("Summary of episode note", "34133-9"),
        subject=subject(visit),
        date=time(version.utc_ms),
        author=people([version.by]),
        content=[{"attachment": {**attachment, "title": title}}],
        context={"encounter": [{"type": "Encounter", "identifier": {"value": visit.number}}]},
    )


def subject(visit: Visit) -> Json:
    """Whose it is."""
    return full(type="Patient", identifier={"value": visit.identifier}, display=text(visit.name))


def _content(version: SummaryVersion) -> str:
    if version.signed is None:
        raise ValueError(f"expected a version that is signed, got {version.version}")
    return version.signed.document


def _alone(section: Json) -> Json:
    """Without references into the document."""
    return full(**{**section, "entry": [one for one in section.get("entry", ()) if "identifier" in one]})


def _id(version: SummaryVersion) -> str:
    return f"{version.summary.number}-summary-{version.version}"


def _tag(language: str) -> str:
    """BCP 47."""
    return {"zh": "zh-CN"}.get(language, language)
