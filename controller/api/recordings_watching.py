"""Recordings over HTTP, for who may look at them: a list, what there is of one, its stretches, and its end.

A stretch is opened here and not in the page: the key leaves the controller for the page that records alone,
what was altered is not played, and a player needs nothing but an address.
"""

import logging
from dataclasses import asdict

from aiohttp import web

from controller.api.answers import BadRequest, answer
from controller.api.auditing import record_access
from controller.api.bodies import read_body
from controller.api.context import user
from controller.api.events import abort
from controller.api.patients import own_sight, sight
from controller.api.prescriptions_shown import by, now_ms, number_in
from controller.api.recordings import erased
from controller.api.recordings_context import recorded
from controller.api.recordings_schemas import RecordingWhyBody
from controller.api.visits_context import telemedicine
from controller.errors import Conflict, StoreError
from controller.security.permissions import Permission
from controller.telemedicine.model import Visit
from controller.telemedicine.recordings.film import Film
from controller.telemedicine.recordings.model import Recording
from controller.telemedicine.recordings.states import LIVE, RecordingState
from controller.telemedicine.rooms.seat import Json

MEDIA = "video/webm"
_log = logging.getLogger(__name__)
_VIEW = ("number", "by", "state", "asked_ms", "stopped_ms", "why", "erase_ms", "erased_ms")


async def recordings(request: web.Request) -> web.StreamResponse:
    """GET /api/visits/{visit}/recordings."""
    visit = await _visit(request)
    found = await recorded(request).recordings.books.of(visit.number)
    return answer({**_whose(request, visit), "recordings": [_view(one) for one in found]})


async def recording(request: web.Request) -> web.StreamResponse:
    """GET /api/visits/{visit}/recordings/{recording}."""
    visit, one = await _one(request)
    held, books = recorded(request), recorded(request).recordings.books
    said, runs = await books.said(one), await books.runs(one)
    told = {"said": [asdict(each) for each in said], "runs": [_run(asdict(each)) for each in runs]}
    shown: Json = {"stretches": [], "gaps": [], "is_cut": False}
    if one.state is not RecordingState.ERASED:
        found = await held.shelf.look(one)
        spans = [(each.run, *each.span) for each in found.stretches]
        stretches = [{"run": run, "from_ms": begin, "to_ms": end} for run, begin, end in spans]
        shown = {"stretches": stretches, "gaps": [asdict(gap) for gap in found.gaps], "is_cut": found.is_cut}
    may = _may(request, one)
    return answer({**_whose(request, visit), "recording": _view(one), **told, **shown, "may": may})


async def film(request: web.Request) -> web.StreamResponse:
    """GET /api/visits/{visit}/recordings/{recording}/stretches/{id}: whole, or a range (RFC 9110, 14)."""
    visit, one = await _one(request)
    found = await recorded(request).shelf.film(one, number_in(request, "stretch"))
    part = _asked(request, found.size)
    await record_access(request, {visit.identifier}, f"recording/{one.number}")
    return await _send(request, found, part)


async def export(request: web.Request) -> web.StreamResponse:
    """POST …/stretches/{id}/export: a file to take away, with the reason in the trail."""
    body, (visit, one) = await read_body(request, RecordingWhyBody), await _one(request)
    index = number_in(request, "stretch")
    found = await recorded(request).shelf.film(one, index)
    await recorded(request).recordings.note_export(one, index, by(request, body.why))
    await record_access(request, {visit.identifier}, f"recording/{one.number}")
    name = f"{visit.number}-{one.number}-{index + 1}.webm"
    told = {"Content-Disposition": f'attachment; filename="{name}"'}
    return await _send(request, found, range(found.size), told)


async def erase(request: web.Request) -> web.StreamResponse:
    """POST …/{recording}/erasure: what the patient demands, written down by who heard it."""
    body = await read_body(request, RecordingWhyBody)
    seen, who = await own_sight(request), user(request).name
    visit = await telemedicine(request).books.find(request.match_info["visit"], seen, who)
    books = recorded(request).recordings.books
    one = await books.find(request.match_info["recording"], visit.number)
    return answer(await erased(request, one, body.why))


async def _visit(request: web.Request) -> Visit:
    number = request.match_info["visit"]
    return await telemedicine(request).books.find(number, await sight(request), user(request).name)


async def _one(request: web.Request) -> tuple[Visit, Recording]:
    visit = await _visit(request)
    books = recorded(request).recordings.books
    return visit, await books.find(request.match_info["recording"], visit.number)


async def _send(
    request: web.Request, found: Film, part: range, more: dict[str, str] | None = None
) -> web.StreamResponse:
    is_part = len(part) != found.size
    response = web.StreamResponse(status=206 if is_part else 200, headers=more)
    response.content_type, response.content_length = MEDIA, len(part)
    response.headers["Accept-Ranges"] = "bytes"
    if is_part:
        response.headers["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{found.size}"
    await response.prepare(request)
    try:
        async for piece in recorded(request).shelf.read(found, part.start, part.stop):
            await response.write(piece)
        await response.write_eof()
    except (Conflict, StoreError) as error:  # it changed while it was played: the rest is not sent
        _log.warning("a recording is not played to its end: %s", error)
        abort(request)
    except ConnectionError:
        _log.debug("%s went away", request.remote)
    return response


def _asked(request: web.Request, size: int) -> range:
    try:
        wanted = request.http_range
    except ValueError:
        raise BadRequest("expected one range of bytes, got something else: see RFC 9110, 14.2") from None
    part = range(size)[wanted]
    return part if len(part) else range(size)


def _whose(request: web.Request, visit: Visit) -> Json:
    return {"patient": visit.identifier, "server_ms": now_ms(request)}


def _view(one: Recording) -> Json:
    return {name: getattr(one, name) for name in _VIEW}


def _run(run: Json) -> Json:
    return {name: value for name, value in run.items() if name != "seat"}


def _may(request: web.Request, one: Recording) -> list[str]:
    has, is_there = user(request).permissions, one.state not in LIVE | {RecordingState.ERASED}
    ways = (("export", Permission.EXPORT_RECORDINGS, is_there), ("erase", Permission.HOLD_VISITS, is_there))
    return [name for name, permission, can in ways if can and permission in has]
