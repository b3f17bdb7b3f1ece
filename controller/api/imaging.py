"""The archive of images for the pages: the worklist, and for those who look after it what waits for a person.

Everything is asked of the imaging service, for whoever asks here and with what that person may see. Who looks
is recorded here, a change by the service, before it makes it.
"""

from typing import Any

from aiohttp import web

from controller.api.answers import BadRequest, answer
from controller.api.auditing import record_access
from controller.api.bodies import read_body
from controller.api.context import context
from controller.api.imaging_context import ask, imaging
from controller.api.imaging_schemas import DeleteBody, MoveBody, SettledBody, UrgencyBody
from controller.audit.shown import patients_in
from controller.imaging.archive.uids import is_uid
from controller.imaging.manage.filters import NAMES

_DONE = 204


async def studies(request: web.Request) -> web.StreamResponse:
    """GET /api/imaging/studies."""
    asked = {name: request.query[name] for name in NAMES if name in request.query}
    told = await ask(request, "GET", "/manage/studies", params=asked)
    orders = await context(request).radiology.orders.of_studies(
        (one["study"], one["accession"], one["patient"]["identifier"]) for one in told["studies"]
    )
    for one in told["studies"]:
        one["order"] = orders.get(one["study"])
    return await _shown(request, {"port": imaging(request).port, **told})


async def urgency(request: web.Request) -> web.StreamResponse:
    """PUT /api/imaging/studies/{study}/urgency."""
    body = await read_body(request, UrgencyBody)
    await ask(request, "PUT", f"/manage/studies/{_study(request)}/urgency", body=body.model_dump())
    return web.Response(status=_DONE)


async def delete(request: web.Request) -> web.StreamResponse:
    """POST /api/imaging/studies/{study}/deletion."""
    body = await read_body(request, DeleteBody)
    await ask(request, "DELETE", f"/dicom-web/studies/{_study(request)}", body=body.model_dump())
    return web.Response(status=_DONE)


async def quarantine(request: web.Request) -> web.StreamResponse:
    """GET /api/imaging/quarantine."""
    told = await ask(request, "GET", "/manage/quarantine")
    return await _shown(request, {"server_ms": context(request).clock.now_us() // 1000, **told})


async def settle(request: web.Request) -> web.StreamResponse:
    """PUT /api/imaging/quarantine/{id}/settled."""
    body, number = await read_body(request, SettledBody), request.match_info["id"]
    if not (number.isascii() and number.isdecimal() and len(number) <= 15):
        raise BadRequest(f"expected the number of a file that was not let in, got {number!r:.40}")
    await ask(request, "PUT", f"/manage/quarantine/{number}", body=body.model_dump())
    return web.Response(status=_DONE)


async def doubts(request: web.Request) -> web.StreamResponse:
    """GET /api/imaging/doubts."""
    told = await ask(request, "GET", "/manage/doubts")
    return await _shown(request, {"server_ms": context(request).clock.now_us() // 1000, **told})


async def confirm(request: web.Request) -> web.StreamResponse:
    """PUT /api/imaging/doubts/{study}/confirmed."""
    await ask(request, "PUT", f"/manage/doubts/{_study(request)}/confirmed")
    return web.Response(status=_DONE)


async def move(request: web.Request) -> web.StreamResponse:
    """PUT /api/imaging/studies/{study}/patient."""
    body = await read_body(request, MoveBody)
    await ask(request, "PUT", f"/manage/studies/{_study(request)}/patient", body=body.model_dump())
    return web.Response(status=_DONE)


async def _shown(request: web.Request, told: dict[str, Any]) -> web.Response:
    """Recorded also when nobody knows whose it is that is shown."""
    await record_access(request, patients_in(told))
    return answer(told)


def _study(request: web.Request) -> str:
    """Nothing else than a UID becomes a part of the path that the service is asked for. Raises BadRequest."""
    study = request.match_info["study"]
    if not is_uid(study):
        raise BadRequest(f"expected a Study Instance UID, got {study!r:.80}")
    return study
