"""What is drawn in a conference on the image that is shown to all, for the record: a presentation state of
the image's study, in the archive of images, where the viewer shows it over the image.

By a physician in the room who sees that patient, not as an expert of the one case alone. Everybody there is
told; who drew what stands in it, mark by mark, and who kept it in the trail.
"""

import sqlite3
from collections.abc import Sequence
from typing import Any

from aiohttp import web

from controller.api.answers import answer
from controller.api.conferences_context import service
from controller.api.conferences_rooms import comer
from controller.api.context import context, user
from controller.api.imaging_context import imaging
from controller.api.patients import own_sight
from controller.api.prescriptions_shown import by
from controller.api.room_marks import number
from controller.api.visits_context import telemedicine
from controller.conferences.drawn import drawing_of
from controller.errors import Conflict, NotFound
from controller.imaging.sight import Sight
from controller.imaging.speaker import Speaker
from controller.security.gate import Refused
from controller.security.permissions import Permission
from controller.telemedicine.marks.book import Drawn, of

Json = dict[str, Any]
_MAY = frozenset({str(Permission.READ_IMAGES), str(Permission.ADD_IMAGES)})


async def keep(request: web.Request) -> web.StreamResponse:
    """POST …/room/image/states. Raises Conflict, NotFound, Refused."""
    held, one = telemedicine(request), await comer(request)
    await one.check()
    seat = held.rooms.room(one.number).find(number(request, "seat"), one.party.actor)
    shown, about = await _shown(request, one.number, one.party.actor)
    await _check_sight(request, str(about["patient"]))
    marks = [mark for mark in await of(service(request).books.store, one.number) if mark.still == shown["id"]]
    if not marks:
        raise Conflict("nothing is drawn on the image that is shown: draw on it first")
    state = await _kept(request, about, f"Conference {one.number}, case {shown['n']}", marks)
    detail = {**about, "state": state["instance"], "marks": len(marks)}
    await _note(request, one.number, detail)
    told = {"kind": "image-kept", "name": seat.party.name, "from": seat.number}
    await held.rooms.tell(one.number, told)
    return answer({"patient": about["patient"], "study": about["study"], "state": state["instance"]})


async def _shown(request: web.Request, number: str, actor: str) -> tuple[Json, Json]:
    """Which image is shown now, and whose it is, with its study. Raises Conflict."""
    images = service(request).images

    def work(db: sqlite3.Connection) -> tuple[Json, Json]:
        shown = images.told(db, number, actor)
        if shown is None or shown["id"] == "":
            raise Conflict("no image is shown that you may see: its file is closed, or it was put away")
        return shown, dict(images.about(db, number, shown["id"]))

    return await service(request).books.store.write(work)


async def _check_sight(request: web.Request, identifier: str) -> None:
    """Raises Refused: in the conference, but of another ward."""
    try:
        await context(request).patients.find(identifier, await own_sight(request))
    except NotFound:
        words = "expected a physician of the patient's ward: ask who presents the case to keep it"
        raise Refused(403, "not-allowed", words) from None


async def _kept(request: web.Request, about: Json, label: str, marks: Sequence[Drawn]) -> Json:
    """What the archive has now. Raises NotFound, ServiceRefused, ServiceSilent."""
    seen = Sight(frozenset({str(about["patient"])}))
    asking, client = Speaker(user(request).name, request.remote or "", _MAY, seen), imaging(request).client
    series = f"/quick/studies/{about['study']}/series/{about['series']}"
    listed = (await client.json(asking, "GET", series))["images"]
    image = next((one for one in listed if one["instance"] == about["instance"]), None)
    if image is None:
        raise NotFound("the archive has no such image any more: show another")
    drawing = drawing_of(marks, image, int(about["frame"]), label)
    return await client.json(asking, "POST", f"{series}/instances/{about['instance']}/states", body=drawing)


async def _note(request: web.Request, number: str, detail: Json) -> None:
    rooms, who = service(request).rooms, by(request)
    store = service(request).books.store
    await store.write(lambda db: rooms.note(db, "image-kept", number, who, **detail))
