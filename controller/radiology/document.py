"""A version of a report as the FHIR R4 DiagnosticReport that is signed (HL7 FHIR R4, 4.0.1).

It stands for itself: patient, order and study are named by their identifiers, not by addresses.
"""

from typing import Any

from controller.handover.coded import TERMS, coding, concept, full, loinc, notes, people, text, time
from controller.radiology.model import ImagingOrder, Written

DICOM_UID = "urn:dicom:uid"
"""The system of UIDs of DICOM (HL7 FHIR R4, ImagingStudy.identifier)."""

_OF_OBSERVATIONS = frozenset({"registered", "preliminary", "final", "amended", "corrected"})
"""What both ObservationStatus and DiagnosticReportStatus have of it."""

Json = dict[str, Any]


def document(order: ImagingOrder, version: int, written: Written, by: str, issued_ms: int) -> Json:
    """The report; `issued_ms` is UTC."""
    findings = text(written.findings)
    return full(
        resourceType="DiagnosticReport",
        meta={"versionId": str(version)},
        contained=[_findings(order, written, by)] if findings else None,
        identifier=[{"value": order.accession}],
        basedOn=[{"type": "ServiceRequest", "identifier": {"value": order.accession}}],
        status=str(written.state),
        category=[concept("Radiology", coding(f"{TERMS}v2-0074", "RAD", "Radiology"))],
        code=loinc(what(order), "18748-4"),
        subject=subject(order),
        issued=time(issued_ms),
        resultsInterpreter=people([by]),
        result=[{"reference": "#findings"}] if findings else None,
        imagingStudy=[{"type": "ImagingStudy", "identifier": study_identifier(order.study)}],
        conclusion=text(written.conclusion),
        conclusionCode=[concept("critical result")] if written.critical else None,
    )


def subject(order: ImagingOrder) -> Json:
    """Whose it is."""
    return full(type="Patient", identifier={"value": order.identifier}, display=text(order.name))


def study_identifier(study: str) -> Json:
    """A Study Instance UID as an Identifier."""
    return {"system": DICOM_UID, "value": f"urn:oid:{study}"}


def what(order: ImagingOrder) -> str:
    """What was asked for, in words."""
    return f"{order.wanted.modality} {order.wanted.part}".strip()


def _findings(order: ImagingOrder, written: Written, by: str) -> Json:
    state = str(written.state)
    return full(
        resourceType="Observation",
        id="findings",
        status=state if state in _OF_OBSERVATIONS else "amended",
        code=loinc("Radiology study observation (narrative)", "18782-3"),
        subject=subject(order),
        performer=people([by]),
        valueString=text(written.findings),
        note=notes("critical result") if written.critical else None,
    )
