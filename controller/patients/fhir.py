"""Patients and their allergies as FHIR R4 resources (HL7 FHIR R4, 4.0.1: Patient, AllergyIntolerance)."""

from typing import Any

from controller.handover.coded import TERMS, coding, concept, full, person, text, time, urn
from controller.patients.model import Allergy, PatientFacts, Said

Json = dict[str, Any]
_CLINICAL = f"{TERMS}allergyintolerance-clinical"
_VERIFICATION = f"{TERMS}allergyintolerance-verification"
_NO_KNOWN = coding("http://snomed.info/sct", "716186003", "No known allergy")
"""In the value set AllergyIntolerance.code is bound to."""
_ERROR = "entered-in-error"


def patient(facts: PatientFacts) -> Json:
    """A Patient."""
    return full(
        resourceType="Patient",
        id=_id("Patient", facts.identifier),
        meta={"versionId": str(facts.revision)},
        identifier=[{"value": facts.identifier}],
        name=[{"text": text(facts.name)}] if text(facts.name) else None,
        gender=facts.sex,
        birthDate=facts.birth_date,
    )


def allergies(facts: PatientFacts, to_utc_ms: int) -> list[Json]:
    """Each allergy, and that none is known if somebody said so; of one of whom nobody said anything, nothing.

    `to_utc_ms` is what the times of `facts` lack to UTC.
    """
    found = [_allergy(facts, one, to_utc_ms) for one in facts.allergies]
    said = facts.no_known_allergies
    return [*found, _none_known(facts, said, to_utc_ms)] if said else found


def _allergy(facts: PatientFacts, one: Allergy, to_utc_ms: int) -> Json:
    number, is_error = f"allergy-{one.id}", one.status == _ERROR
    codes = [coding(one.system, one.code, text(one.display))] if one.code else []
    return full(
        resourceType="AllergyIntolerance",
        id=_id("AllergyIntolerance", number),
        identifier=[{"value": number}],
        clinicalStatus=None if is_error else {"coding": [coding(_CLINICAL, one.status)]},
        verificationStatus={"coding": [coding(_VERIFICATION, _ERROR)]} if is_error else None,
        criticality=one.criticality,
        code=concept(one.display, *codes),
        patient=_subject(facts),
        recordedDate=time(one.at_ms + to_utc_ms),
        recorder=person(one.by),
        reaction=[{"manifestation": [concept(one.reaction)]}] if text(one.reaction) else None,
    )


def _none_known(facts: PatientFacts, said: Said, to_utc_ms: int) -> Json:
    number = f"no-known-allergy-{facts.identifier}"
    return full(
        resourceType="AllergyIntolerance",
        id=_id("AllergyIntolerance", number),
        identifier=[{"value": number}],
        clinicalStatus={"coding": [coding(_CLINICAL, "active")]},
        code=concept("No known allergy", _NO_KNOWN),
        patient=_subject(facts),
        recordedDate=time(said.at_ms + to_utc_ms),
        recorder=person(said.by),
    )


def _subject(facts: PatientFacts) -> Json:
    return full(type="Patient", identifier={"value": facts.identifier}, display=text(facts.name))


def _id(kind: str, name: str) -> str:
    """As the URN that the Bundle has of it: an identifier of a hospital may be no id of FHIR."""
    return urn(kind, name).removeprefix("urn:uuid:")
