"""Imaging in FHIR R4: what a patient's orders, reports and studies are, as searchset Bundles."""

from collections.abc import Iterable
from typing import Any

import orjson
from aiohttp import web

from controller.api.answers import BadRequest
from controller.api.auditing import record_access
from controller.api.context import context
from controller.api.imaging_context import ask
from controller.api.radiology import sight
from controller.imaging.dicomweb.query import LARGEST_PAGE
from controller.radiology.fhir import MEDIA, bundle, diagnostic_report, imaging_study, service_request

LONGEST = 64
_STUDY = "0020000D"

Json = dict[str, Any]


async def service_requests(request: web.Request) -> web.StreamResponse:
    """GET /api/fhir/ServiceRequest."""
    patient = asked_patient(request)
    found = await context(request).radiology.orders.listed(sight(request), patient)
    return await _bundle(request, [service_request(one, to_utc_ms(request)) for one in found])


async def diagnostic_reports(request: web.Request) -> web.StreamResponse:
    """GET /api/fhir/DiagnosticReport: of each order the newest version."""
    parts, lacking, found = context(request).radiology, to_utc_ms(request), list[Json]()
    for order in await parts.orders.listed(sight(request), asked_patient(request)):
        if versions := await parts.reports.versions(order):
            found.append(diagnostic_report(order, versions[0], lacking))
    return await _bundle(request, found)


async def imaging_studies(request: web.Request) -> web.StreamResponse:
    """GET /api/fhir/ImagingStudy."""
    patient, series = asked_patient(request), dict[str, list[Json]]()
    for one in await _all(request, "series", patient):
        series.setdefault(one[_STUDY]["Value"][0], []).append(one)
    studies = await _all(request, "studies", patient)
    return await _bundle(
        request, [imaging_study(one, series.get(one[_STUDY]["Value"][0], [])) for one in studies]
    )


async def _all(request: web.Request, level: str, patient: str) -> list[Json]:
    """Every page of QIDO-RS. Raises NotFound: there is no archive; ServiceRefused, ServiceSilent."""
    found, asked = list[Json](), {"PatientID": patient, "limit": str(LARGEST_PAGE), "includefield": "all"}
    while page := await ask(
        request, "GET", f"/dicom-web/{level}", params={**asked, "offset": str(len(found))}
    ):
        found += page
        if len(page) < LARGEST_PAGE:
            break
    return found


async def _bundle(request: web.Request, resources: Iterable[Json]) -> web.Response:
    """That one was shown a patient is on the disk before it goes out."""
    held = list(resources)
    await record_access(request, {asked_patient(request)} if held else ())
    found = bundle(str(request.rel_url), held)
    return web.Response(body=orjson.dumps(found), content_type=MEDIA)


def asked_patient(request: web.Request) -> str:
    """Whose resources are asked for. Raises BadRequest."""
    told = request.query.get("patient", "")
    if not 0 < len(told) <= LONGEST or any(one in told for one in "*?\\,"):
        raise BadRequest(f"expected patient, an identifier of at most {LONGEST} characters, got {told!r:.80}")
    return told


def to_utc_ms(request: web.Request) -> int:
    """What the controller's time lacks to UTC now."""
    clock = context(request).clock
    return (clock.utc_us() - clock.now_us()) // 1000
