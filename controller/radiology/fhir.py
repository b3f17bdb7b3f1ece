"""Orders, reports and studies as FHIR R4 searchset Bundles (HL7 FHIR R4, 4.0.1).

A report that is signed is given as it was signed. Studies are those of QIDO-RS (PS3.18, 10.6).
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from controller.handover.coded import coding, concept, full, person, text, time, urn
from controller.imaging.dimse.identifier import values
from controller.radiology.document import document, study_identifier, subject, what
from controller.radiology.model import ImagingOrder, Version

MEDIA = "application/fhir+json"
_DCM = "http://dicom.nema.org/resources/ontology/DCM"

Json = dict[str, Any]
Study = Mapping[str, Any]
"""DICOM JSON of a study or a series."""

(_STUDY, _SERIES, _PATIENT, _NAME, _ACCESSION) = ("0020000D", "0020000E", "00100020", "00100010", "00080050")
(_DATE, _DESCRIPTION, _MODALITIES) = ("00080020", "00081030", "00080061")
(_MODALITY, _NUMBER, _SERIES_DESCRIPTION) = ("00080060", "00200011", "0008103E")
(_OF_STUDY, _IMAGES_OF_STUDY, _IMAGES_OF_SERIES) = ("00201206", "00201208", "00201209")


def bundle(url: str, resources: Iterable[Json]) -> Json:
    """What a search at `url` found."""
    entries = [
        {
            "fullUrl": urn(one["resourceType"], *(_names(one))),
            "resource": one,
            "search": {"mode": "match"},
        }
        for one in resources
    ]
    links = [{"relation": "self", "url": url}]
    return full(resourceType="Bundle", type="searchset", link=links, entry=entries) | {"total": len(entries)}


def service_request(order: ImagingOrder, to_utc_ms: int) -> Json:
    """An order; `to_utc_ms` is what its times lack to UTC."""
    asked = order.wanted
    station = person(asked.station)
    return full(
        resourceType="ServiceRequest",
        id=order.accession,
        meta={"versionId": str(order.revision)},
        identifier=[{"value": order.accession}, study_identifier(order.study)],
        requisition={"value": order.procedure},
        status=str(order.state),
        intent="order",
        category=[concept("Imaging", coding("http://snomed.info/sct", "363679005", "Imaging"))],
        priority=asked.priority,
        code=concept(what(order), coding(_DCM, asked.modality)),
        subject=subject(order),
        occurrenceDateTime=time(asked.scheduled_ms + to_utc_ms),
        authoredOn=time(order.placed_ms + to_utc_ms),
        requester=person(order.placed_by),
        performer=[station] if station else None,
        reasonCode=[concept(asked.reason)] if text(asked.reason) else None,
        bodySite=[concept(asked.part)] if text(asked.part) else None,
    )


def diagnostic_report(order: ImagingOrder, version: Version, to_utc_ms: int) -> Json:
    """The report of an order."""
    if version.document is not None:
        return {**json.loads(version.document), "id": order.accession}
    at_ms = version.at_ms + to_utc_ms
    return {**document(order, version.version, version.written, version.by, at_ms), "id": order.accession}


def imaging_study(study: Study, series: Iterable[Study]) -> Json:
    """A study with its series."""
    uid, accession = _first(study, _STUDY), _first(study, _ACCESSION)
    patient = {"value": _first(study, _PATIENT)}
    name = _first(study, _NAME).split("=", 1)[0].replace("^", " ")
    return full(
        resourceType="ImagingStudy",
        id=uid if len(uid) <= 64 else None,
        identifier=[study_identifier(uid), *([{"value": accession}] if accession else [])],
        status="available",
        modality=[coding(_DCM, one) for one in values(dict(study), _MODALITIES)],
        subject=full(type="Patient", identifier=patient, display=text(name)),
        started=_started(study),
        basedOn=[{"type": "ServiceRequest", "identifier": {"value": accession}}] if accession else None,
        numberOfSeries=_whole(study, _OF_STUDY),
        numberOfInstances=_whole(study, _IMAGES_OF_STUDY),
        description=text(_first(study, _DESCRIPTION)),
        series=[_series(one) for one in series],
    )


def _series(one: Study) -> Json:
    return full(
        uid=_first(one, _SERIES),
        number=_whole(one, _NUMBER),
        modality=coding(_DCM, _first(one, _MODALITY) or "OT"),
        description=text(_first(one, _SERIES_DESCRIPTION)),
        numberOfInstances=_whole(one, _IMAGES_OF_SERIES),
    )


def _started(study: Study) -> str | None:
    """Only the day: DICOM's time is of no zone, and FHIR has no time without one."""
    date = _first(study, _DATE)
    return f"{date[:4]}-{date[4:6]}-{date[6:]}" if len(date) == 8 and date.isdecimal() else None


def _first(one: Study, tag: str) -> str:
    return next(iter(values(dict(one), tag)), "")


def _whole(one: Study, tag: str) -> int | None:
    told = _first(one, tag)
    return int(told) if told.isascii() and told.isdecimal() else None


def _names(resource: Json) -> list[str]:
    """Identifiers; a Composition has one, a Provenance none, and its id."""
    named = resource.get("identifier") or [{"value": resource["id"]}]
    return [str(one["value"]) for one in ([named] if isinstance(named, dict) else named)]
