"""A picture out of a visit for the patient's record: bare, and with what was drawn on it, into the archive
of images.

Staff keeps it, while the visit is held and the patient agrees to being seen; everybody in the room is told.
The patient's images have it then as they have any other. Who kept it stands in the trail before anybody is
answered.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp
import orjson
from aiohttp import BodyPartReader, web

from controller.api.answers import BadRequest, answer
from controller.api.context import context, user
from controller.api.imaging_context import imaging
from controller.api.prescriptions_shown import by
from controller.api.room_marks import JPEG, capped, checked, number
from controller.api.visit_rooms import visit_of
from controller.api.visits_context import telemedicine
from controller.errors import Conflict
from controller.imaging.speaker import Speaker
from controller.security.permissions import Permission
from controller.telemedicine.model import Visit
from controller.telemedicine.states import VisitState

_FORM = "multipart/form-data"
_TAKEN = frozenset({"stored", "already", "held"})


@dataclass(frozen=True, slots=True)
class _Pictures:
    """JPEGs; `annotated` None: nothing was drawn."""

    bare: bytes
    annotated: bytes | None


async def snapshot(request: web.Request) -> web.StreamResponse:
    """POST /api/visits/{visit}/room/snapshots. Raises Conflict, BadRequest, NotFound: there is no archive."""
    held, visit = telemedicine(request), await visit_of(request)
    seat = held.rooms.room(visit.number).find(number(request, "seat"), user(request).name)
    if visit.state is not VisitState.IN_PROGRESS:
        raise Conflict(f"visit {visit.number} is {visit.state}: a picture is kept while it is held")
    await held.consents.check(visit, "video")
    pictures = await _pictures(request)
    bare = await _archived(request, visit, pictures.bare, {"which": "bare", "bare": ""})
    drawn = await _annotated(request, visit, pictures)
    told = {"study": bare["study"], "bare": bare["instance"], "annotated": drawn and drawn["instance"]}
    await held.books.store.write(lambda db: held.books.note(db, "visit-snapshot", visit, by(request), **bare))
    await held.rooms.tell(visit.number, {"kind": "snapshot", "name": seat.party.name, "from": seat.number})
    return answer({"patient": visit.identifier, **told})


async def _annotated(request: web.Request, visit: Visit, pictures: _Pictures) -> dict[str, str] | None:
    if pictures.annotated is None:
        return None
    digest = hashlib.sha256(pictures.bare).hexdigest()
    return await _archived(request, visit, pictures.annotated, {"which": "annotated", "bare": digest})


async def _archived(
    request: web.Request, visit: Visit, data: bytes, which: Mapping[str, str]
) -> dict[str, str]:
    """Its study and instance. Raises Conflict: the archive refuses it; ServiceSilent, ServiceRefused."""
    form = aiohttp.FormData()
    about = orjson.dumps({**_about(request, visit), **which})
    form.add_field("about", about, content_type="application/json")
    form.add_field("file", data, content_type=JPEG, filename="picture")
    speaker = Speaker(user(request).name, request.remote or "", frozenset({str(Permission.ADD_IMAGES)}))
    async with imaging(request).client.request(speaker, "POST", "/snapshots", data=form) as response:
        told: dict[str, Any] = await response.json()
    if told["outcome"] not in _TAKEN:
        raise Conflict(f"the archive does not take the picture: {told['message']}")
    return {"study": told["study"], "instance": told["instance"]}


def _about(request: web.Request, visit: Visit) -> dict[str, str | int]:
    """As controller/imaging/stills/about.py reads it."""
    clock = context(request).clock
    utc_us = clock.utc_us()
    began_us = (visit.began_ms or 0) * 1000 + utc_us - clock.now_us()
    whose = {"visit": visit.number, "patient_id": visit.identifier, "patient_name": visit.name}
    when = {"at_us": utc_us, "study_us": min(began_us, utc_us)}
    return {**whose, "by": user(request).name, "shows": visit.plan.reason[:200], **when}


async def _pictures(request: web.Request) -> _Pictures:
    """Raises BadRequest."""
    if request.content_type != _FORM:
        raise BadRequest(f"expected Content-Type {_FORM}, got {request.content_type!r:.60}")
    found: dict[str, bytes] = {}
    try:
        reader = await request.multipart()
        while isinstance(part := await reader.next(), BodyPartReader) and len(found) < 2:
            found[str(part.name)] = checked(await capped(part))
    except ValueError as error:
        raise BadRequest(f"expected a form of bare and annotated: {error}") from None
    if "bare" not in found or found.keys() - {"bare", "annotated"}:
        raise BadRequest(f"expected the parts bare and annotated, got {sorted(found)!r:.80}")
    return _Pictures(found["bare"], found.get("annotated"))
