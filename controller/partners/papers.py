"""What of a patient's record goes along with a referral: laboratory results, signed reports, pictures.

    papers = await papers_of(store, "4711", since_us, to_utc_us)
    case = [*papers, *studies_of(studies, subject)]

HL7 FHIR R4 (4.0.1): Observation (laboratory), DiagnosticReport as it was signed, ImagingStudy, Media. A
picture is a rendered frame (JPEG), a copy as everything else: nobody looks into our archive.
"""

import base64
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from controller.handover.coded import TERMS, coding, concept, full, text, time
from controller.store import Store

Json = dict[str, Any]
JPEG = "image/jpeg"
MOST_RESULTS, MOST_REPORTS = 200, 20
MOST_STUDIES, MOST_PICTURES, MOST_DOCUMENTS = 5, 24, 10
"""Of one referral, the pictures of all studies together."""
LARGEST_PICTURES = 2_400_000
"""Bytes of all pictures of a referral; a message is of 4 MiB at most, and base64 takes a third more."""
RESULTS_DAYS = 30
_RESULTS = f"""SELECT id, at_us, detail FROM device_event WHERE kind = 'lab-result'
AND json_extract(detail, '$.patient') = ? AND json_extract(detail, '$.control') IS NULL AND at_us >= ?
ORDER BY at_us DESC, id DESC LIMIT {MOST_RESULTS}"""
_REPORTS = f"""SELECT document FROM imaging_report JOIN imaging_order ON imaging_order.id = imaging_order
JOIN stay ON stay.id = imaging_order.stay WHERE stay.identifier = ? AND signature IS NOT NULL
AND version = (SELECT max(version) FROM imaging_report AS other
  WHERE other.imaging_order = imaging_report.imaging_order)
ORDER BY imaging_report.at_ms DESC LIMIT {MOST_REPORTS}"""
_DCM = "http://dicom.nema.org/resources/ontology/DCM"
_LABORATORY = coding(f"{TERMS}observation-category", "laboratory", "Laboratory")


@dataclass(frozen=True, slots=True)
class Study:
    """A study of which pictures go along. `jpegs`: some of its `count` frames, in their order."""

    uid: str
    modality: str
    words: str
    day: str
    """YYYY-MM-DD; "": it does not say."""
    count: int
    jpegs: Sequence[bytes]


async def papers_of(store: Store, patient: str, since_us: int, to_utc_us: int) -> tuple[Json, ...]:
    """Results since then, and the newest signed version of each report, as FHIR. `to_utc_us` is what the
    controller's time lacks to UTC. Raises StoreError."""
    results = await store.read(_RESULTS, (patient, since_us))
    reports = await store.read(_REPORTS, (patient,))
    made = [
        _result(row["id"], (row["at_us"] + to_utc_us) // 1000, json.loads(row["detail"])) for row in results
    ]
    return (*(one for one in made if one), *(json.loads(row["document"]) for row in reports))


def studies_of(studies: Iterable[Study], subject: Json) -> list[Json]:
    """Each study, which says how many images it has, and after it the pictures that go along."""
    return [resource for one in studies for resource in (_study(one, subject), *_pictures(one, subject))]


def chosen(count: int, most: int) -> list[int]:
    """Places of `most` of `count` frames: all, or spread evenly from the first to the last."""
    if count <= most:
        return list(range(count))
    if most <= 1:
        return [count // 2] if most else []
    return [round(place * (count - 1) / (most - 1)) for place in range(most)]


def _result(number: int, at_ms: int, told: Json) -> Json | None:
    """None: there is no value."""
    value, unit = told.get("value"), str(told.get("unit") or "")
    if value in (None, ""):
        return None
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    words = str(told.get("text") or told.get("code") or "?")
    loinc = str(told.get("loinc") or "")
    flags = told.get("flags") or []
    interpretation = [concept(str(one)) for one in (flags if isinstance(flags, list) else [flags])]
    return full(
        resourceType="Observation",
        identifier=[{"value": f"result-{number}"}],
        status="final",
        category=[concept("Laboratory", _LABORATORY)],
        code=concept(words, *([coding("http://loinc.org", loinc)] if loinc else [])),
        effectiveDateTime=time(at_ms),
        valueQuantity=full(value=value, unit=text(unit)) if is_number else None,
        valueString=None if is_number else text(f"{value} {unit}"),
        interpretation=interpretation,
        referenceRange=[{"text": text(str(told["range"]))}] if told.get("range") else None,
    )


def _study(one: Study, subject: Json) -> Json:
    return full(
        resourceType="ImagingStudy",
        identifier=[{"system": "urn:dicom:uid", "value": f"urn:oid:{one.uid}"}],
        status="available",
        modality=[coding(_DCM, one.modality)] if one.modality else None,
        subject=subject,
        started=one.day,
        numberOfInstances=one.count,
        description=text(one.words),
    )


def _pictures(one: Study, subject: Json) -> list[Json]:
    count = len(one.jpegs)
    return [
        full(
            resourceType="Media",
            identifier=[{"system": "urn:dicom:uid", "value": f"urn:oid:{one.uid}"}],
            status="completed",
            subject=subject,
            content={
                "contentType": JPEG,
                "data": base64.b64encode(jpeg).decode(),
                "title": text(f"{one.words or one.modality} {place}/{count}"),
            },
        )
        for place, jpeg in enumerate(one.jpegs, 1)
    ]
