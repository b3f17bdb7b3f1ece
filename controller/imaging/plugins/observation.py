"""A finding as a FHIR R4 Observation: preliminary, from a device, for review by a physician."""

from typing import Final

from controller.handover.coded import Json, coding, concept, full, quantity, text, time
from controller.imaging.plugins.findings import Kept
from controller.imaging.plugins.model import REVIEW, Code, Measure

_SYSTEMS: Final = {
    "SCT": "http://snomed.info/sct",
    "LN": "http://loinc.org",
    "v3-ObservationInterpretation": "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation",
}
_CATEGORY: Final = "http://terminology.hl7.org/CodeSystem/observation-category"
_DICOM: Final = "urn:dicom:uid"
URGENCIES: Final = ("routine", "soon", "urgent", "at once")


def observation(kept: Kept, to_utc_ms: int) -> Json:
    """`to_utc_ms` is what times lack to UTC."""
    finding, is_result = kept.finding, kept.kind == "lab-result"
    confidence = (
        "" if finding.confidence is None else f" Right in {100 * finding.confidence:.0f} % when measured."
    )
    seen = _coded(finding.code)
    measured = _coded(finding.evidence[0].what) if is_result and finding.evidence else seen
    return full(
        resourceType="Observation",
        id=f"finding-{kept.id}",
        contained=[_device(finding.model, finding.version)],
        identifier=[{"value": f"finding-{kept.id}"}],
        status="preliminary",
        category=[concept("", coding(_CATEGORY, "laboratory" if is_result else "procedure"))],
        code=measured,
        subject={"type": "Patient", "identifier": {"value": kept.patient}},
        effectiveDateTime=time(kept.at_us // 1000 + to_utc_ms),
        valueString=text(finding.what),
        interpretation=[seen] if is_result else None,
        note=[{"text": f"{REVIEW} Urgency: {URGENCIES[finding.urgency]}.{confidence}"}],
        device={"reference": "#program"},
        derivedFrom=[_study(kept.study)] if kept.study else None,
        component=[_component(one) for one in finding.evidence],
    )


def _device(model: str, version: str) -> Json:
    return {
        "resourceType": "Device",
        "id": "program",
        "deviceName": [{"name": text(model), "type": "model-name"}],
        "version": [{"value": text(version)}],
    }


def _study(uid: str) -> Json:
    return {"type": "ImagingStudy", "identifier": {"system": _DICOM, "value": f"urn:oid:{uid}"}}


def _component(measure: Measure) -> Json:
    return {"code": _coded(measure.what), "valueQuantity": quantity(measure.value, measure.unit)}


def _coded(code: Code) -> Json:
    system = _SYSTEMS.get(code.system)
    return concept(code.meaning, *([coding(system, code.value, code.meaning)] if system else []))
