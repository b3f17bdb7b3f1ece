"""A picture out of a visit for the patient's record: bare, and with what was drawn on it, into the archive
of images.

Staff keeps it, while the visit is held and the patient agrees to being seen; everybody in the room is told.
The patient's images have it then as they have any other; whoever sees the visit sees it there, too, though
the patient lies on no bed. Who kept it stands in the trail before anybody is answered.
"""

import orjson
from aiohttp import BodyPartReader, web

from controller.api.answers import BadRequest, answer
from controller.api.context import context, user
from controller.api.imaging_context import imaging
from controller.api.prescriptions_shown import by, number_in
from controller.api.room_marks import JPEG, capped, checked, number
from controller.api.snapshots_context import snapshots_of
from controller.api.visit_rooms import visit_of
from controller.api.visits_context import telemedicine
from controller.errors import Conflict, NotFound
from controller.imaging.sight import Sight
from controller.imaging.speaker import Speaker
from controller.security.permissions import Permission
from controller.telemedicine.model import Visit
from controller.telemedicine.snapshots.book import Snapshot, Taken
from controller.telemedicine.states import VisitState

_FORM = "multipart/form-data"


async def snapshot(request: web.Request) -> web.StreamResponse:
    """POST /api/visits/{visit}/room/snapshots. Raises Conflict, BadRequest, NotFound: there is no archive."""
    held, visit = telemedicine(request), await visit_of(request)
    seat = held.rooms.room(visit.number).find(number(request, "seat"), user(request).name)
    if visit.state is not VisitState.IN_PROGRESS:
        raise Conflict(f"visit {visit.number} is {visit.state}: a picture is kept while it is held")
    await held.consents.check(visit, "video")
    imaging(request)
    kept = snapshots_of(request)
    taken = await _taken(request, orjson.dumps(_about(request, visit)).decode())
    one = await kept.bring(await kept.keep(visit, taken, by(request)))
    if one.state == "refused":
        raise Conflict(f"the archive does not take the picture: {one.why}")
    await held.rooms.tell(visit.number, {"kind": "snapshot", "name": seat.party.name, "from": seat.number})
    names = {"study": one.study, "bare": one.bare_uid, "annotated": one.annotated_uid or None}
    return answer({"patient": visit.identifier, "state": one.state, **names})


async def snapshots(request: web.Request) -> web.StreamResponse:
    """GET /api/visits/{visit}/snapshots: for whoever sees the visit, an out-patient's, too."""
    visit = await visit_of(request)
    kept = [_shown(one) for one in await snapshots_of(request).of(visit)]
    return answer({"patient": visit.identifier, "snapshots": kept})


async def picture(request: web.Request) -> web.StreamResponse:
    """GET /api/visits/{visit}/snapshots/{id}/{which}: as the archive has it."""
    visit, which = await visit_of(request), request.match_info["which"]
    named = number_in(request, "picture")
    one = next((one for one in await snapshots_of(request).of(visit) if one.id == named), None)
    instance = {"bare": one.bare_uid, "annotated": one.annotated_uid}.get(which, "") if one else ""
    if one is None or not instance:
        raise NotFound("there is no such picture, or the archive has it not yet: look again")
    path = f"/dicom-web/studies/{one.study}/series/{one.series}/instances/{instance}/frames/1/rendered"
    # Of this patient alone, and whichever bed or none: who may see the visit sees what was kept out of it.
    seen = Sight(frozenset({visit.identifier}))
    asking = Speaker(user(request).name, request.remote or "", frozenset({str(Permission.READ_IMAGES)}), seen)
    body = await imaging(request).client.read(asking, "GET", path, headers={"Accept": JPEG})
    return web.Response(body=body, content_type=JPEG, headers={"Cache-Control": "no-store"})


def _shown(one: Snapshot) -> dict[str, str | int | bool]:
    kept = {name: getattr(one, name) for name in ("id", "actor", "at_ms", "state", "study", "why")}
    return {**kept, "annotated": one.annotated_uid != ""}


def _about(request: web.Request, visit: Visit) -> dict[str, str | int]:
    """As controller/imaging/stills/about.py reads it, but for which of both it is."""
    clock = context(request).clock
    utc_us = clock.utc_us()
    began_us = (visit.began_ms or 0) * 1000 + utc_us - clock.now_us()
    whose = {"visit": visit.number, "patient_id": visit.identifier, "patient_name": visit.name}
    when = {"at_us": utc_us, "study_us": min(began_us, utc_us)}
    return {**whose, "by": user(request).name, "shows": visit.plan.reason[:200], **when}


async def _taken(request: web.Request, about: str) -> Taken:
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
    return Taken(about, found["bare"], found.get("annotated"))
