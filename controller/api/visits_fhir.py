"""Visits by video in FHIR R4: a patient's, and what became of them, as searchset Bundles."""

from collections.abc import Awaitable, Callable, Iterable
from typing import Any

import orjson
from aiohttp import web

from controller.api.auditing import record_access
from controller.api.conferences_context import service as conferences
from controller.api.context import user
from controller.api.fhir import asked_patient, to_utc_ms
from controller.api.patients import sight
from controller.api.prescriptions_shown import now_ms
from controller.api.visit_notes_context import written
from controller.api.visit_summary import newest_signed
from controller.api.visits_context import telemedicine
from controller.conferences.fhir import document_references as references
from controller.radiology.fhir import MEDIA, bundle
from controller.telemedicine import fhir
from controller.telemedicine.model import Visit
from controller.telemedicine.notes.model import SummaryVersion

Json = dict[str, Any]


async def appointments(request: web.Request) -> web.StreamResponse:
    """GET /api/fhir/Appointment."""

    async def made(visit: Visit) -> list[Json]:
        return [fhir.appointment(visit, to_utc_ms(request))]

    return await _bundle(request, made)


async def encounters(request: web.Request) -> web.StreamResponse:
    """GET /api/fhir/Encounter."""

    async def made(visit: Visit) -> list[Json]:
        found = fhir.encounter(visit, to_utc_ms(request))
        return [found] if found else []

    return await _bundle(request, made)


async def consents(request: web.Request) -> web.StreamResponse:
    """GET /api/fhir/Consent."""

    async def made(visit: Visit) -> list[Json]:
        said = await telemedicine(request).consents.said(visit)
        now, lacking = now_ms(request), to_utc_ms(request)
        return [fhir.consent(visit, place, one, now, lacking) for place, one in enumerate(said, 1)]

    return await _bundle(request, made)


async def compositions(request: web.Request) -> web.StreamResponse:
    """GET /api/fhir/Composition."""
    return await _summaries(request, fhir.composition)


async def document_references(request: web.Request) -> web.StreamResponse:
    """GET /api/fhir/DocumentReference: summaries of visits, and conclusions of conferences."""
    patient, seen = asked_patient(request), await sight(request)
    is_shown = seen.shows(patient, "")
    concluded = await conferences(request).record.of(patient) if is_shown else []
    return await _summaries(
        request, fhir.document_reference, [r for one in concluded for r in references(one)]
    )


async def _summaries(
    request: web.Request, shape: Callable[[SummaryVersion, Visit], Json], more: Iterable[Json] = ()
) -> web.Response:
    """Of each visit the newest version that is signed; and `more` of the patient."""

    async def made(visit: Visit) -> list[Json]:
        found = newest_signed(await written(request).summaries.versions(visit))
        return [shape(found, visit)] if found else []

    return await _bundle(request, made, more)


async def _bundle(
    request: web.Request, made: Callable[[Visit], Awaitable[list[Json]]], more: Iterable[Json] = ()
) -> web.Response:
    """That one was shown a patient is on the disk before it goes out."""
    patient, seen = asked_patient(request), await sight(request)
    visits = await telemedicine(request).books.of(patient, seen, user(request).name)
    found = [one for visit in visits for one in await made(visit)] + [*more]
    await record_access(request, {patient} if found else ())
    return web.Response(body=orjson.dumps(bundle(str(request.rel_url), found)), content_type=MEDIA)
