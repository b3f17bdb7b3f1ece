"""What whoever looks after the archive does: how urgent a study is, whose it is, what was not let in.

A change is in the audit trail before it is made.
"""

from dataclasses import asdict
from typing import Any, TypeVar

import orjson
from aiohttp import web
from pydantic import BaseModel, ValidationError

from controller.api.imaging_schemas import MoveBody, SettledBody, UrgencyBody
from controller.imaging.archive import quarantine, reconciliation
from controller.imaging.archive.rewriting import Patient
from controller.imaging.archive.uids import checked
from controller.imaging.errors import BadQuery, NoSuchImage
from controller.imaging.manage.worklist import study_rows
from controller.imaging.parts import actor, parts, saw

MOST = 200
"""Of what waits, shown at once: the newest."""
_URGENCY = "UPDATE study SET urgency = ? WHERE uid = ?"
_COUNT = "SELECT count(*) AS n FROM quarantine WHERE settled_ms IS NULL"
_WHOSE = "SELECT patient_id FROM quarantine WHERE id = ? AND settled_ms IS NULL"

Kind = TypeVar("Kind", bound=BaseModel)


async def set_urgency(request: web.Request) -> web.StreamResponse:
    """PUT /manage/studies/{study}/urgency. Raises BadQuery, NoSuchImage."""
    body = await _body(request, UrgencyBody)
    study = await _study(request)
    await _record(request, study["patient"]["identifier"], f"study/{study['study']}", "imaging-urgency")
    change = body.urgency, study["study"]
    await parts(request).archive.store.write(lambda db: db.execute(_URGENCY, change))
    return web.Response(status=204)


async def list_quarantine(request: web.Request) -> web.StreamResponse:
    """GET /manage/quarantine: the newest first."""
    archive = parts(request).archive
    files = [asdict(one) for one in await quarantine.waiting(archive, MOST)]
    for one in files:
        one["patient"] = one.pop("patient_id") or None
    [count] = await archive.store.read(_COUNT)
    return _answer({"files": files, "total": count["n"]})


async def settle(request: web.Request) -> web.StreamResponse:
    """PUT /manage/quarantine/{id}: discard it, or take it. Raises BadQuery, NoSuchImage, CannotSettle."""
    body, number = await _body(request, SettledBody), _number(request)
    archive = parts(request).archive
    rows = await archive.store.read(_WHOSE, (number,))
    if not rows:
        raise NoSuchImage(f"nothing waits in quarantine with number {number}")
    takes = body.how == "taken"
    action = "imaging-take" if takes else "imaging-discard"
    await _record(request, rows[0]["patient_id"], f"quarantine/{number}", action)
    if takes:
        await quarantine.accept(archive, number, actor(request))
    else:
        await quarantine.discard(archive, number, actor(request))
    return web.Response(status=204)


async def list_doubts(request: web.Request) -> web.StreamResponse:
    """GET /manage/doubts: the newest first."""
    found = await reconciliation.doubts(parts(request).archive, MOST)
    studies = {one["study"]: one for one in await study_rows(request, [doubt.study for doubt in found])}
    told = [
        {"at_ms": one.at_ms, "reason": one.reason, "message": one.message, "expected": one.expected}
        | {"study": studies[one.study]}
        for one in found
        if one.study in studies
    ]
    return _answer({"doubts": told})


async def confirm(request: web.Request) -> web.StreamResponse:
    """PUT /manage/doubts/{study}/confirmed. Raises NoSuchImage."""
    study = await _study(request)
    await _record(request, study["patient"]["identifier"], f"study/{study['study']}", "imaging-confirm")
    await reconciliation.confirm(parts(request).archive, study["study"], actor(request))
    return web.Response(status=204)


async def move(request: web.Request) -> web.StreamResponse:
    """PUT /manage/studies/{study}/patient. Raises BadQuery, NoSuchImage, CannotSettle."""
    body, study = await _body(request, MoveBody), await _study(request)
    entity = f"study/{study['study']}"
    whose = {study["patient"]["identifier"] or body.identifier, body.identifier}
    await saw(request, whose, entity, "imaging-move")
    patient = Patient(body.identifier, body.name, body.birth_date, body.sex)
    await reconciliation.move(parts(request).archive, study["study"], patient, actor(request), body.why)
    return web.Response(status=204)


async def _study(request: web.Request) -> dict[str, Any]:
    """The study that the path names, if it may be seen. Raises BadUid, NoSuchImage."""
    found = await study_rows(request, [checked(request.match_info["study"], "study")])
    if not found:
        raise NoSuchImage("there is no such study, series or instance")
    return found[0]


def _number(request: web.Request) -> int:
    text = request.match_info["id"]
    if not (text.isascii() and text.isdecimal() and len(text) <= 15):
        raise BadQuery(f"expected the number of a file in quarantine, got {text!r:.40}")
    return int(text)


async def _record(request: web.Request, patient: str | None, entity: str, action: str) -> None:
    await saw(request, [patient] if patient else [], entity, action)


async def _body(request: web.Request, kind: type[Kind]) -> Kind:
    try:
        return kind.model_validate_json(await request.read())
    except ValidationError as error:
        found = error.errors(include_input=False, include_url=False)
        raise BadQuery("; ".join(f"{one['loc']}: {one['msg']}" for one in found)) from None


def _answer(told: object) -> web.Response:
    return web.Response(body=orjson.dumps(told), content_type="application/json")
