"""The case of a patient who is referred, as a FHIR R4 Bundle (collection): copies that say whose they are.

HL7 FHIR R4 (4.0.1): ServiceRequest, Consent (by which it goes, until when), Provenance (which site, when),
Patient, AllergyIntolerance, Observation, MedicationRequest; results, signed reports and pictures (papers.py);
DocumentReference of what was concluded before;
and of who lies on a bed what was measured there.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from controller.handover.coded import (
    TERMS,
    UNITS,
    Json,
    coding,
    concept,
    full,
    loinc,
    person,
    quantity,
    text,
    time,
    urn,
)
from controller.partners.model import Consent
from controller.partners.papers import Study, studies_of
from controller.patients import fhir
from controller.patients.measures import MEASURES
from controller.patients.model import PatientFacts

_FROM_COURSE = frozenset({"Observation", "Device", "Encounter", "Patient"})
"""What of a hand-over goes along."""
_SNOMED = "http://snomed.info/sct"


@dataclass(frozen=True, slots=True)
class Known:
    """What this site knows of the patient."""

    facts: PatientFacts
    medicines: tuple[Json, ...]
    """MedicationRequests."""
    course: Json | None
    """The hand-over's document of who lies on a bed (controller/handover/fhir.py)."""
    papers: tuple[Json, ...] = ()
    """Laboratory results and signed reports (papers.py)."""
    documents: tuple[Json, ...] = ()
    """DocumentReferences of what was concluded before, those that were chosen."""
    studies: tuple[Study, ...] = ()
    """Those of which pictures go along."""


@dataclass(frozen=True, slots=True)
class Asking:
    """The referral that it goes with. `site`: the name of this one."""

    number: str
    reason: str
    by: str
    site: str
    partner: str
    utc_ms: int


def case_of(known: Known, asking: Asking, consent: Consent, to_utc_ms: int) -> Json:
    """The Bundle. `to_utc_ms` is what the times of `known` lack to UTC."""
    facts = known.facts
    subject = {"reference": urn("Patient", facts.identifier), "display": text(facts.name)}
    found = [
        _request(asking, subject),
        _consent(asking, consent, subject),
        fhir.patient(facts),
        *fhir.allergies(facts, to_utc_ms),
        *_measured(facts, subject, to_utc_ms),
        *known.medicines,
        *({"subject": subject, **one} for one in known.papers),
        *known.documents,
        *studies_of(known.studies, subject),
    ]
    entries = [{"fullUrl": _url(one, place), "resource": one} for place, one in enumerate(found)]
    entries += _course(known.course)
    entries.append({"fullUrl": urn("Provenance", asking.number), "resource": _provenance(asking, entries)})
    return {
        "resourceType": "Bundle",
        "identifier": {"value": asking.number},
        "type": "collection",
        "timestamp": time(asking.utc_ms),
        "entry": entries,
    }


def _url(resource: Json, place: int) -> str:
    if resource["resourceType"] == "Patient":
        return urn("Patient", resource["identifier"][0]["value"])
    return urn(resource["resourceType"], "referral", place, str(resource.get("id", "")))


def _request(asking: Asking, subject: Json) -> Json:
    return full(
        resourceType="ServiceRequest",
        identifier=[{"value": asking.number}],
        status="active",
        intent="order",
        code=concept("Patient referral", coding(_SNOMED, "3457005", "Patient referral")),
        subject=subject,
        authoredOn=time(asking.utc_ms),
        requester={"display": f"{text(asking.by)} ({text(asking.site)})"},
        performer=[{"display": text(asking.partner)}],
        reasonCode=[concept(asking.reason)] if text(asking.reason) else None,
    )


def _consent(asking: Asking, consent: Consent, subject: Json) -> Json:
    privacy = coding(f"{TERMS}consentscope", "patient-privacy", "Privacy Consent")
    return full(
        resourceType="Consent",
        identifier=[{"value": consent.number}],
        status="active",
        scope={"coding": [privacy]},
        category=[loinc("Patient Consent", "59284-0")],
        patient=subject,
        dateTime=time(consent.at_ms),
        organization=[{"display": text(asking.site)}],
        policyRule=concept(consent.text),
        provision={
            "type": "permit",
            "period": {"start": time(consent.at_ms), "end": time(consent.until_ms)},
        },
    )


def _measured(facts: PatientFacts, subject: Json, to_utc_ms: int) -> Iterable[Json]:
    for kind in MEASURES:
        one = getattr(facts, kind)
        if one is None:
            continue
        code = MEASURES[kind].loinc
        yield full(
            resourceType="Observation",
            status="final",
            code=loinc(kind, code),
            subject=subject,
            effectiveDateTime=time(one.at_ms + to_utc_ms),
            performer=[person(one.by)] if person(one.by) else None,
            valueQuantity=quantity(one.value, UNITS.get(code, one.unit)),
        )


def _course(document: Json | None) -> list[Json]:
    """Its own patient comes along, since what was measured refers to it."""
    entries = document["entry"] if document else []
    return [one for one in entries if one["resource"]["resourceType"] in _FROM_COURSE]


def _provenance(asking: Asking, entries: list[Json]) -> Json:
    return {
        "resourceType": "Provenance",
        "target": [{"reference": entry["fullUrl"]} for entry in entries],
        "recorded": time(asking.utc_ms),
        "agent": [{"who": {"display": f"{text(asking.by)} ({text(asking.site)})"}}],
    }
