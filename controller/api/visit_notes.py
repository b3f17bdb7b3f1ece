"""Notes of visits: who sees the visit reads them, who holds visits writes them."""

from dataclasses import asdict
from typing import Any

from aiohttp import web

from controller.api.answers import answer
from controller.api.bodies import read_body
from controller.api.context import context, user
from controller.api.patients import own_sight, sight
from controller.api.prescriptions_shown import by, now_ms
from controller.api.replaced import replaced, tag
from controller.api.visit_notes_context import written
from controller.api.visit_notes_schemas import NoteBody
from controller.api.visits_context import telemedicine
from controller.telemedicine.model import Known, Visit
from controller.telemedicine.notes import news
from controller.telemedicine.notes.model import HomePlan, Note, NoteVersion, Taken
from controller.telemedicine.notes.vitals import now_of
from controller.view import View

Json = dict[str, Any]


async def notes(request: web.Request) -> web.StreamResponse:
    """GET /api/visits/{visit}/notes."""
    visit = await seen_visit(request)
    return await _told(request, visit, await written(request).notes.newest(visit))


async def write(request: web.Request) -> web.StreamResponse:
    """PUT /api/visits/{visit}/notes."""
    known, body, held = (
        await known_version(request),
        await read_body(request, NoteBody),
        telemedicine(request),
    )
    made = await written(request).notes.write(known, _note(body), by(request))
    visit = await own_visit(request)
    message = {"kind": "notes", "version": made.version, "by": made.by}
    await news.tell(held.rooms, visit, news.STAFF, message)
    return await _told(request, visit, made)


async def versions(request: web.Request) -> web.StreamResponse:
    """GET /api/visits/{visit}/notes/versions."""
    visit = await seen_visit(request)
    found = await written(request).notes.versions(visit)
    told = {"patient": visit.identifier, "versions": [asdict(one) for one in found]}
    return answer({"server_ms": now_ms(request), **told})


async def vitals(request: web.Request) -> web.StreamResponse:
    """GET /api/visits/{visit}/notes/vitals."""
    visit = await own_visit(request)
    whose = View(frozenset(), frozenset({visit.identifier}))
    taken = now_of(context(request).hub.snapshot(whose))
    told = {"patient": visit.identifier, "vitals": [asdict(one) for one in taken]}
    return answer({"server_ms": now_ms(request), **told})


async def prescribed(request: web.Request) -> web.StreamResponse:
    """PUT /api/visits/{visit}/prescriptions/{rx}: it was signed in this visit, and the room is told."""
    visit, held = await own_visit(request), telemedicine(request)
    medicine = await written(request).prescribed.add(visit, request.match_info["rx"], by(request))
    message = {"kind": "prescribed", "medicine": medicine.name, "by": user(request).name}
    await news.tell(held.rooms, visit, news.TREATED, message)
    return await _told(request, visit, await written(request).notes.newest(visit))


async def seen_visit(request: web.Request) -> Visit:
    """Of whom one sees, or that one holds. Raises NotFound."""
    seen = await sight(request)
    return await telemedicine(request).books.find(request.match_info["visit"], seen, user(request).name)


async def own_visit(request: web.Request) -> Visit:
    """The same, without patients whom one sees by breaking the glass. Raises NotFound."""
    seen = await own_sight(request)
    return await telemedicine(request).books.find(request.match_info["visit"], seen, user(request).name)


async def known_version(request: web.Request) -> Known:
    """What is to be replaced, for who may change it."""
    return Known(request.match_info["visit"], replaced(request), await own_sight(request))


async def _told(request: web.Request, visit: Visit, version: NoteVersion) -> web.Response:
    medicines = [asdict(one) for one in await written(request).prescribed.of(visit)]
    told = {"patient": visit.identifier, "notes": asdict(version), "prescribed": medicines}
    return answer({"server_ms": now_ms(request), **told}, headers=tag(version.version))


def _note(body: NoteBody) -> Note:
    said = body.model_dump()
    taken = tuple(Taken(**one) for one in said.pop("vitals"))
    home = tuple(HomePlan(**one) for one in said.pop("home"))
    return Note(**said, vitals=taken, home=home)
