"""Prescriptions and what became of them as FHIR R4 resources (HL7 FHIR R4, 4.0.1).

A prescription that is signed is given as it was signed, but for its status. `to_utc_ms` is what the
controller's time lacks to UTC.
"""

import base64
import json
from typing import Any

from controller.handover.coded import coding, concept, full, notes, people, person, text, time
from controller.prescriptions.delivered import Delivery
from controller.prescriptions.dispensed import Dispense
from controller.prescriptions.document import code, document, medicine, quantity, reference, subject
from controller.prescriptions.given import Given
from controller.prescriptions.model import Prescription, Quantity
from controller.prescriptions.signatures import Kept
from controller.prescriptions.states import DispenseState, GivenState
from controller.prescriptions.tasks import Task

Json = dict[str, Any]
_AUTHOR = {
    "system": "urn:iso-astm:E1762-95:2013",
    "code": "1.2.840.10065.1.12.1.1",
    "display": "Author's Signature",
}
_REASONED = frozenset(
    {DispenseState.ON_HOLD, DispenseState.STOPPED, DispenseState.DECLINED, DispenseState.CANCELLED}
)
"""Why it is so: MedicationDispense.statusReason is of these alone."""


def medication_request(rx: Prescription, kept: Kept | None) -> Json:
    """The prescription as it stands."""
    made = json.loads(kept.document) if kept else document(rx)
    return {**made, "id": rx.number, "status": str(rx.state)}


def task(one: Task, rx: Prescription, to_utc_ms: int) -> Json:
    """The pharmacy's work."""
    return full(
        resourceType="Task",
        id=f"rx-task-{one.id}",
        identifier=[{"value": f"rx-task-{one.id}"}],
        basedOn=[reference("MedicationRequest", rx.number)],
        status=str(one.state),
        statusReason=concept(one.why) if text(one.why) else None,
        intent="order",
        code=concept("fulfill", coding("http://hl7.org/fhir/CodeSystem/task-code", "fulfill")),
        focus=reference("MedicationRequest", rx.number),
        **{"for": subject(rx)},
        authoredOn=time(one.asked_ms + to_utc_ms),
        lastModified=time(one.changed_ms + to_utc_ms),
        requester=person(one.asked_by),
        owner=person(one.owner),
    )


def medication_dispense(one: Dispense, rx: Prescription, to_utc_ms: int) -> Json:
    """What is handed out."""
    ready_ms, why = one.completed_ms, one.substituted_why
    performers = people([one.prepared_by, one.checked_by])
    substitution = {"wasSubstituted": bool(why)} | ({"reason": [concept(why)]} if text(why) else {})
    return full(
        resourceType="MedicationDispense",
        id=one.number,
        contained=[medicine(rx.wanted.medicine)],
        identifier=[{"value": one.number}],
        status=str(one.state),
        statusReasonCodeableConcept=concept(one.why) if one.state in _REASONED and text(one.why) else None,
        medicationReference={"reference": "#medicine", "display": text(rx.wanted.medicine.code.display)},
        subject=subject(rx),
        performer=[{"actor": who} for who in performers],
        authorizingPrescription=[reference("MedicationRequest", rx.number)],
        quantity=quantity(Quantity(one.value, one.unit)),
        whenPrepared=None if ready_ms is None else time(ready_ms + to_utc_ms),
        note=notes(*(f"GTIN {p.gtin} batch {p.batch} until {p.expiry}: {p.value}" for p in one.packs)),
        substitution=substitution if one.packs else None,
    )


def supply_delivery(one: Delivery, rx: Prescription, dispense: str, to_utc_ms: int) -> Json:
    """How it comes to the patient. FHIR lets it refer to no MedicationDispense: it has its number, too."""
    ended = None if one.ended_ms is None else time(one.ended_ms + to_utc_ms)
    kind = "http://terminology.hl7.org/CodeSystem/supply-item-type"
    return full(
        resourceType="SupplyDelivery",
        id=one.number,
        identifier=[{"value": one.number}, {"value": dispense}],
        status=str(one.state),
        patient=subject(rx),
        type=concept("medication", coding(kind, "medication", "Medication")),
        suppliedItem={"itemCodeableConcept": code(rx.wanted.medicine.code)},
        occurrenceDateTime=ended or time(one.started_ms + to_utc_ms),
        destination={"display": text(one.destination)} if text(one.destination) else None,
    )


def medication_administration(one: Given, rx: Prescription, to_utc_ms: int) -> Json:
    """What was given, or why not."""
    why = [concept(one.why)] if text(one.why) else None
    not_done = one.state is GivenState.NOT_DONE
    dose = {"route": code(rx.wanted.route), "dose": quantity(Quantity(one.value, one.unit))}
    pack = f"GTIN {one.gtin} batch {one.batch}" if one.gtin else ""
    return full(
        resourceType="MedicationAdministration",
        id=one.number,
        contained=[medicine(rx.wanted.medicine)],
        identifier=[{"value": one.number}],
        status=str(one.state),
        statusReason=why if not_done else None,
        medicationReference={"reference": "#medicine", "display": text(rx.wanted.medicine.code.display)},
        subject=subject(rx),
        effectiveDateTime=time(one.given_ms + to_utc_ms),
        performer=[{"actor": who} for who in people([one.by, one.witness or None])],
        request=reference("MedicationRequest", rx.number),
        note=notes(pack, "" if not_done else one.why, *alone_of(one, to_utc_ms)),
        dosage=None if not_done else dose,
    )


def alone_of(one: Given, to_utc_ms: int) -> list[str]:
    """In words, that nobody else saw it given, and who looked at it afterwards."""
    if not one.alone:
        return []
    why = f"{one.alone} ({one.alone_why})" if one.alone_why else one.alone
    at = "" if one.seen_ms is None else time(one.seen_ms + to_utc_ms)
    seen = f"seen afterwards by {one.seen_by}, {at}, who is no witness" if one.seen_by else ""
    return [f"given without a witness: {why}", seen]


def provenance(rx: Prescription, kept: Kept) -> Json:
    """Who signed it, with what: the JWS is over the canonical JSON (RFC 8785) of what was signed."""
    who, at = person(kept.by), time(kept.utc_ms)
    signature = {
        "type": [_AUTHOR],
        "when": at,
        "who": who,
        "targetFormat": "application/fhir+json",
        "sigFormat": "application/jose",
        "data": base64.b64encode(kept.signature.encode()).decode(),
    }
    return full(
        resourceType="Provenance",
        id=f"{rx.number}-signed",
        target=[reference("MedicationRequest", rx.number)],
        recorded=at,
        agent=[{"who": who}],
        signature=[signature],
    )
