"""The file of a case over HTTP: what was chosen of the record, for who takes part, if the patient agrees.

Each look is in the trail with what was looked at. It gives no sight of the patient: images are asked of the
archive for this one study, as if nobody else's were there.
"""

from dataclasses import asdict
from typing import Any
from urllib.parse import quote

from aiohttp import web

from controller.api import conferences_files_schemas as schemas
from controller.api.answers import answer
from controller.api.auditing import record_access
from controller.api.bodies import read_body
from controller.api.conferences_context import found, number_of, service, tell_room
from controller.api.conferences_schemas import SharingBody
from controller.api.conferences_shown import told
from controller.api.context import context, user
from controller.api.imaging_context import imaging
from controller.api.patient_images import JPEG, PICTURE, levels
from controller.api.patients import own_sight
from controller.api.prescriptions_shown import by, now_ms
from controller.conferences.books import case_in
from controller.conferences.items import Chosen, Item, check, item_in
from controller.conferences.model import Case, Conference
from controller.conferences.sharing import Said, Shared
from controller.conferences.sight import check_look
from controller.errors import NotFound
from controller.imaging.sight import Sight
from controller.imaging.speaker import Speaker
from controller.security.permissions import Permission

Json = dict[str, Any]
_DONE = 204


async def consent(request: web.Request) -> web.StreamResponse:
    """POST …/cases/{case}/consents: what the patient said, written down by who heard it."""
    body, (conference, case) = await read_body(request, SharingBody), await _own_case(request)
    said = Said(body.said, body.language, tuple(body.sites))
    await service(request).sharing.say(Shared(case.identifier, conference.entity), said, by(request))
    await tell_room(request, conference)
    return await told(request)


async def file(request: web.Request) -> web.StreamResponse:
    """GET …/cases/{case}/file."""
    _, case = await _looked(request)
    items = [_line(one) for one in await service(request).items.of(case.id)]
    return answer({"server_ms": now_ms(request), "patient": case.identifier, "items": items})


async def choose(request: web.Request) -> web.StreamResponse:
    """POST …/cases/{case}/items: by who takes part and sees the patient."""
    body, (conference, case) = await read_body(request, schemas.CaseItemBody), await _own_case(request)
    chosen = Chosen(body.kind, body.what.model_dump(exclude_none=True), body.title)
    check(chosen)
    await _content(request, case, chosen)  # it is there, and this patient's
    made = await service(request).items.choose(conference.number, case.id, chosen, by(request))
    await tell_room(request, conference)
    return answer(_line(made))


async def remove(request: web.Request) -> web.StreamResponse:
    """DELETE …/cases/{case}/items/{item}."""
    (conference, case), item = await _own_case(request), number_of(request, "item")
    await service(request).items.remove(conference.number, case.id, item, by(request))
    await tell_room(request, conference)
    return web.Response(status=_DONE)


async def item(request: web.Request) -> web.StreamResponse:
    """GET …/cases/{case}/items/{item}."""
    case, one = await _looked_item(request)
    content = await service(request).casefile.read(case.identifier, one.kind, one.what)
    whose = {"server_ms": now_ms(request), "patient": case.identifier}
    return answer({**whose, "item": _line(one), "content": content})


async def images(request: web.Request) -> web.StreamResponse:
    """GET …/items/{item}/images."""
    case, study = await _looked_study(request)
    return answer({"patient": case.identifier, "study": await _study(request, case, study)})


async def series(request: web.Request) -> web.StreamResponse:
    """GET …/items/{item}/series/{series}."""
    case, study = await _looked_study(request)
    path = f"/quick/studies/{study}/{levels(request)}"
    return answer(await imaging(request).client.json(_speaker(request, case), "GET", path))


async def picture(request: web.Request) -> web.StreamResponse:
    """GET …/items/{item}/series/{series}/instances/{instance}/frames/{frame}/rendered."""
    (case, study), frame = await _looked_study(request), number_of(request, "frame")
    path = f"/dicom-web/studies/{study}/{levels(request)}/frames/{frame}/rendered"
    asked = {name: request.query[name] for name in PICTURE if name in request.query}
    body = await imaging(request).client.read(
        _speaker(request, case), "GET", path, params=asked, headers={"Accept": JPEG}
    )
    return web.Response(body=body, content_type=JPEG)


async def _looked(request: web.Request) -> tuple[Conference, Case]:
    """Raises NotFound; Conflict: says what is missing."""
    held, number = service(request), request.match_info["number"]
    case, actor = number_of(request, "case"), user(request).name
    return await held.books.store.write(lambda db: check_look(db, held.books, number, case, actor))


async def _looked_item(request: web.Request) -> tuple[Case, Item]:
    """Recorded before anything of it is sent."""
    (conference, case), number = await _looked(request), number_of(request, "item")
    one = await service(request).books.store.write(lambda db: item_in(db, case.id, number))
    await record_access(
        request, {case.identifier}, entity=f"{conference.entity}/{case.id}/{one.kind}/{one.id}"
    )
    return case, one


async def _looked_study(request: web.Request) -> tuple[Case, str]:
    """The case, and the study that was chosen. Raises NotFound."""
    case, one = await _looked_item(request)
    if one.kind != "imaging":
        raise NotFound(f"item {one.id} is no study of images: look again")
    return case, str(one.what["study"])


async def _own_case(request: web.Request) -> tuple[Conference, Case]:
    """Of a patient whom who asks sees, and not by breaking the glass. Raises NotFound."""
    conference = await found(request)
    case = case_in(conference, number_of(request, "case"))
    await context(request).patients.find(case.identifier, await own_sight(request))
    return conference, case


async def _content(request: web.Request, case: Case, chosen: Chosen) -> None:
    """Raises NotFound: the patient has no such thing."""
    if chosen.kind == "imaging":
        await _study(request, case, str(chosen.what["study"]))
    else:
        await service(request).casefile.read(case.identifier, chosen.kind, chosen.what)


async def _study(request: web.Request, case: Case, study: str) -> Json:
    """Raises NotFound."""
    path = f"/quick/patients/{quote(case.identifier, safe='')}/studies"
    listed = await imaging(request).client.json(_speaker(request, case), "GET", path)
    for one in listed["studies"]:
        if one["study"] == study:
            return one
    raise NotFound("the patient has no such study: choose another")


def _speaker(request: web.Request, case: Case) -> Speaker:
    """Whoever asks, who sees nobody here but this patient, and may only look."""
    seen = Sight(frozenset({case.identifier}))
    return Speaker(user(request).name, request.remote or "", frozenset({str(Permission.READ_IMAGES)}), seen)


def _line(one: Item) -> Json:
    kept = asdict(one)
    del kept["what"]
    return kept
