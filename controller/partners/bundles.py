"""What FHIR R4 Bundles of partners must be to be taken: a case that is referred, a letter that comes back.

HL7 FHIR R4 (4.0.1): Bundle, ServiceRequest, Consent. What is checked is what this side relies on: whose it
is, by which consent and until when; sizes and depth. The rest is shown, and never acted on by itself.
"""

import base64
import binascii
from collections.abc import Collection, Mapping
from typing import Any

from controller.clock import utc_s_of
from controller.errors import BadBundle

Json = dict[str, Any]
MOST_ENTRIES, DEEPEST = 5000, 32
MOST_TEXT = 20_000
"""Characters of one string."""
MOST_DATA = 1_400_000
"""Characters of one picture in base64 (Attachment.data)."""
_JPEG = b"\xff\xd8\xff"
CASE = frozenset(
    {"ServiceRequest", "Consent", "Provenance", "Patient", "AllergyIntolerance", "Observation"}
    | {"MedicationRequest", "Encounter", "Device", "Procedure", "MedicationAdministration", "DetectedIssue"}
    | {"DiagnosticReport", "ImagingStudy", "Media", "DocumentReference", "Communication"}
    | {"CommunicationRequest"}
)
"""Resources of a case."""
LETTER = frozenset({"Composition", "Patient", "Practitioner", "Organization"})


def check_case(bundle: Any, number: str, patient: str, consent: tuple[str, int]) -> None:
    """A case with this number of the referral, patient, consent and its end (UTC, ms). Raises BadBundle."""
    found = _resources(bundle, "collection", CASE)
    [asked] = _of(found, "ServiceRequest", 1)
    if asked.get("status") != "active" or _value(asked) != number:
        raise BadBundle(f"expected a ServiceRequest {number} that is active: send the referral again")
    _check_patients(found, patient)
    [said] = _of(found, "Consent", 1)
    period = said.get("provision", {}).get("period") if isinstance(said.get("provision"), dict) else None
    end = period.get("end") if isinstance(period, dict) else None
    end_s = utc_s_of(end) if isinstance(end, str) else None
    for one in found:
        if one["resourceType"] == "Media":
            jpeg_of(one)
    if _value(said) != consent[0] or end_s is None or round(end_s * 1000) != consent[1]:
        raise BadBundle(f"expected the Consent {consent[0]} with its end: send the referral again")


def check_letter(bundle: Any, patient: str) -> str:
    """A letter about this patient. Gives its timestamp. Raises BadBundle."""
    found = _resources(bundle, "document", LETTER)
    if not found or found[0]["resourceType"] != "Composition":
        raise BadBundle("expected a Composition first in a document: send the letter again")
    _check_patients(found, patient)
    stamp = bundle.get("timestamp")
    if not isinstance(stamp, str) or utc_s_of(stamp) is None:
        raise BadBundle("expected a letter that says when it was made (Bundle.timestamp)")
    return stamp


def jpeg_of(media: Json) -> bytes:
    """The picture of a Media. Raises BadBundle: it is no JPEG, which nothing else is shown as."""
    content = media.get("content")
    told = content if isinstance(content, dict) else {}
    data = told.get("data")
    try:
        raw = base64.b64decode(data, validate=True) if isinstance(data, str) else b""
    except (binascii.Error, ValueError):
        raw = b""
    if told.get("contentType") != "image/jpeg" or not raw.startswith(_JPEG):
        raise BadBundle("expected a picture as JPEG in base64: send the referral again")
    return raw


def resources(bundle: Mapping[str, Any]) -> list[Json]:
    """Those of a Bundle that was checked."""
    return [entry["resource"] for entry in bundle.get("entry", ())]


def _resources(bundle: Any, kind: str, known: Collection[str]) -> list[Json]:
    entries = bundle.get("entry") if isinstance(bundle, dict) else None
    if not isinstance(bundle, dict) or bundle.get("resourceType") != "Bundle" or bundle.get("type") != kind:
        raise BadBundle(f"expected a FHIR R4 Bundle of type {kind}, got something else")
    if not isinstance(entries, list) or not 0 < len(entries) <= MOST_ENTRIES:
        raise BadBundle(f"expected 1 to {MOST_ENTRIES} entries in the Bundle")
    _check_shape(bundle, 1)
    found = [entry.get("resource") if isinstance(entry, dict) else None for entry in entries]
    good = [one for one in found if isinstance(one, dict) and one.get("resourceType") in known]
    if len(good) < len(found):
        raise BadBundle(f"expected resources of {', '.join(sorted(known))} in the Bundle")
    return good


def _check_shape(value: Any, depth: int, most: int = MOST_TEXT) -> None:
    if depth > DEEPEST:
        raise BadBundle(f"expected a Bundle of at most {DEEPEST} levels: it is not read")
    if isinstance(value, str) and len(value) > most:
        raise BadBundle(f"expected at most {most} characters in one text of a Bundle")
    if isinstance(value, dict):
        for name, one in value.items():
            _check_shape(one, depth + 1, MOST_DATA if name == "data" else MOST_TEXT)
    elif isinstance(value, list):
        for one in value:
            _check_shape(one, depth + 1)


def _check_patients(found: list[Json], patient: str) -> None:
    for one in _of(found, "Patient", 1, 2):
        if _value(one) != patient:
            raise BadBundle("expected one Patient, who is that of the referral: send it again")


def _of(found: list[Json], kind: str, least: int, most: int | None = None) -> list[Json]:
    those = [one for one in found if one["resourceType"] == kind]
    if not least <= len(those) <= (most or least):
        raise BadBundle(f"expected {least} {kind} in the Bundle, got {len(those)}")
    return those


def _value(resource: Json) -> str:
    """Its identifier."""
    told = resource.get("identifier")
    first = told[0] if isinstance(told, list) and told else None
    value = first.get("value") if isinstance(first, dict) else None
    return value if isinstance(value, str) else ""
