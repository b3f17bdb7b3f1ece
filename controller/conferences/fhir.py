"""What conferences concluded of a patient as FHIR R4 DocumentReferences (HL7 FHIR R4, 4.0.1).

One holds the document that all who agree have signed, byte for byte, and one the words of each who differs.
"""

import base64
import hashlib
import json
from typing import Any

from controller.conferences.document import SYSTEM
from controller.conferences.record import OnRecord, Opinion
from controller.handover.coded import full, loinc, people, text, time

Json = dict[str, Any]
_DOCUMENT = "application/fhir+json"


def document_references(one: OnRecord) -> list[Json]:
    """Of one conclusion; none of one that nobody signed."""
    agreed = [each for each in one.opinions if each.stand == "agrees"]
    differing = [each for each in one.opinions if each.stand == "differs"]
    authors = [each.actor for each in agreed]
    made = [_reference(one, agreed[0], authors)] if agreed else []
    return [*made, *(_reference(one, each, [each.actor]) for each in differing)]


def _reference(one: OnRecord, opinion: Opinion, authors: list[str]) -> Json:
    document = json.loads(opinion.document)
    composition, patient = (_of(document, kind) for kind in ("Composition", "Patient"))
    name, content = document["identifier"]["value"], opinion.document.encode()
    attachment = {
        **{"contentType": _DOCUMENT, "data": base64.b64encode(content).decode()},
        # The element's own algorithm (R4).
        "hash": base64.b64encode(hashlib.sha1(content).digest()).decode(),
        "title": composition["title"],
    }
    whose = {"value": text(patient["identifier"][0]["value"])}
    called = text(patient.get("name", [{}])[0].get("text", ""))
    return full(
        resourceType="DocumentReference",
        id=name.replace("/", "-").replace(":", "-")[:64],
        identifier=[{"system": SYSTEM, "value": name}],
        status="current",
        docStatus=composition["status"],
        type=loinc("Consult note", "11488-4"),
        subject=full(type="Patient", identifier=whose, display=called),
        date=time(one.utc_ms),
        author=people(authors),
        description=text(one.question),
        content=[{"attachment": attachment}],
    )


def _of(document: Json, kind: str) -> Json:
    """The first resource of that kind: a conclusion has one (document.py)."""
    return next(e["resource"] for e in document["entry"] if e["resource"]["resourceType"] == kind)
