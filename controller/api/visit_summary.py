"""The summary of a visit: physicians write and sign it, the patient sees what is signed."""

from dataclasses import asdict
from typing import Any

from aiohttp import web

from controller.api.answers import answer
from controller.api.auditing import record_access
from controller.api.bodies import read_body
from controller.api.download import as_file
from controller.api.prescriptions_shown import by, now_ms
from controller.api.replaced import tag
from controller.api.visit_notes import known_version, seen_visit
from controller.api.visit_notes_context import written
from controller.api.visit_notes_schemas import SummaryBody, SummarySignatureBody
from controller.api.visits_context import telemedicine, visitor
from controller.errors import NotFound
from controller.imaging.sight import WHOLE
from controller.security.gate import Refused
from controller.signing.canonical import canonical
from controller.telemedicine.model import Language, Visit
from controller.telemedicine.notes import news
from controller.telemedicine.notes.document import document
from controller.telemedicine.notes.model import Plain, SummaryVersion
from controller.telemedicine.notes.summary import proposed, signed_file

FHIR_JSON = "application/fhir+json"
_FILE = "application/octet-stream"
_LANGUAGES: tuple[Language, ...] = ("en", "zh")
Json = dict[str, Any]


async def summary(request: web.Request) -> web.StreamResponse:
    """GET /api/visits/{visit}/summary."""
    return await _told(request, await seen_visit(request))


async def draft(request: web.Request) -> web.StreamResponse:
    """PUT /api/visits/{visit}/summary."""
    known, body = await known_version(request), await read_body(request, SummaryBody)
    await written(request).summaries.draft(known, Plain(**body.model_dump()), by(request))
    return await _told(request, await seen_visit(request))


async def to_sign(request: web.Request) -> web.StreamResponse:
    """GET /api/visits/{visit}/summary/document: of the newest version, byte by byte."""
    visit = await seen_visit(request)
    found = await written(request).summaries.versions(visit)
    if not found:
        raise NotFound(f"there is no summary of {visit.number} yet: write one")
    await record_access(request, {visit.identifier})
    content, headers = canonical(document(found[0])), tag(found[0].version)
    return web.Response(body=content, content_type=FHIR_JSON, headers=headers)


async def sign(request: web.Request) -> web.StreamResponse:
    """PUT /api/visits/{visit}/summary/signature."""
    known, body, held = (
        await known_version(request),
        await read_body(request, SummarySignatureBody),
        telemedicine(request),
    )
    made = await written(request).summaries.sign(known, body.signature, by(request))
    visit = await seen_visit(request)
    await news.tell(held.rooms, visit, news.TREATED, {"kind": "summary", "by": made.by})
    return await _told(request, visit)


async def signed(request: web.Request) -> web.StreamResponse:
    """GET /api/visits/{visit}/summary/signed: the newest that is signed, for `wardlink rx verify`."""
    visit = await seen_visit(request)
    found = newest_signed(await written(request).summaries.versions(visit))
    if found is None:
        raise NotFound(f"the summary of {visit.number} is not signed yet")
    await record_access(request, {visit.identifier})
    name = f"{visit.number}-summary-{found.version}.json"
    return web.Response(body=signed_file(found), headers=as_file(name, _FILE))


async def own(request: web.Request) -> web.StreamResponse:
    """GET /api/visit/summary: for the patient who came in by a link."""
    held, who = telemedicine(request), visitor(request)
    if not who.is_patient:
        raise Refused(403, "not-allowed", "expected the patient, a guest sees no summary")
    visit = await held.books.find(who.visit, WHOLE)
    found = newest_signed(await written(request).summaries.versions(visit))
    told = {"patient": visit.identifier, "summary": found and shown(found)}
    return answer({"server_ms": now_ms(request), **told})


def newest_signed(found: list[SummaryVersion]) -> SummaryVersion | None:
    """Of versions, the newest first."""
    return next((one for one in found if one.signed is not None), None)


def shown(version: SummaryVersion) -> Json:
    """A SummaryView."""
    told, signed_ = asdict(version.summary), version.signed
    for name in ("number", "subject", "host", "began_ms", "ended_ms", "replaces"):
        told.pop(name)
    who = {"version": version.version, "by": version.by, "utc_ms": version.utc_ms}
    return {**told, **who, "signed_by": signed_ and signed_.by, "signed_ms": signed_ and signed_.utc_ms}


async def _told(request: web.Request, visit: Visit) -> web.Response:
    found, note = (
        await written(request).summaries.versions(visit),
        (await written(request).notes.newest(visit)).note,
    )
    newest = found[0].version if found else 0
    words = [asdict(proposed(note, language)) for language in _LANGUAGES]
    told = {"patient": visit.identifier, "version": newest, "proposed": words}
    versions = [shown(one) for one in found]
    return answer({"server_ms": now_ms(request), **told, "versions": versions}, headers=tag(newest))
