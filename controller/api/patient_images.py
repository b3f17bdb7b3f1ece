"""A patient's images for the quick viewer of the board and of the arrivals board.

Each request is passed on to the imaging service (controller/imaging/annotate; PS3.18 for pictures) with a
sight that is narrowed to the patient of the path: what is another's does not exist there. The service records
who is shown what, before it answers.
"""

from dataclasses import replace
from typing import Any
from urllib.parse import quote

import orjson
from aiohttp import web

from controller.api.answers import BadRequest, answer
from controller.api.imaging_context import IMAGING, imaging, speaker
from controller.api.patients import sight
from controller.imaging.archive.uids import is_uid
from controller.imaging.sight import Sight
from controller.imaging.speaker import Speaker

JPEG = "image/jpeg"
PICTURE = ("viewport", "window", "quality")
"""Parameters of a picture that are passed on (PS3.18, 8.3.5)."""
_UIDS = ("study", "series", "instance")


async def studies(request: web.Request) -> web.StreamResponse:
    """GET /api/patients/{patient}/imaging/studies: none, where there is no archive of images.

    Each opened bed asks: that an archive is not there is no attempt to see what one may not.
    """
    if IMAGING not in request.config_dict:
        return answer({"studies": []})
    patient = quote(request.match_info["patient"], safe="")
    return answer(await _ask(request, "GET", f"/quick/patients/{patient}/studies"))


async def images(request: web.Request) -> web.StreamResponse:
    """GET /api/patients/{patient}/imaging/studies/{study}/series/{series}."""
    return answer(await _ask(request, "GET", _quick(request)))


async def states(request: web.Request) -> web.StreamResponse:
    """GET /api/patients/{patient}/imaging/studies/{study}/states."""
    return answer(await _ask(request, "GET", f"{_quick(request)}/states"))


async def save(request: web.Request) -> web.StreamResponse:
    """POST /api/patients/{patient}/imaging/studies/{study}/series/{series}/instances/{instance}/states."""
    if request.content_type != "application/json":
        raise BadRequest(f"expected Content-Type application/json, got {request.content_type!r}")
    try:
        drawing = orjson.loads(await request.read())
    except orjson.JSONDecodeError as error:
        raise BadRequest(f"expected a drawing in JSON, the body is not JSON: {error}") from None
    return answer(await _ask(request, "POST", f"{_quick(request)}/states", drawing), 201)


async def rendered(request: web.Request) -> web.StreamResponse:
    """GET …/instances/{instance}/frames/{frame}/rendered."""
    return await _picture(request, "rendered")


async def thumbnail(request: web.Request) -> web.StreamResponse:
    """GET …/instances/{instance}/frames/{frame}/thumbnail."""
    return await _picture(request, "thumbnail")


async def _ask(request: web.Request, method: str, path: str, body: Any = None) -> Any:
    return await imaging(request).client.json(await _narrowed(request), method, path, body=body)


async def _picture(request: web.Request, kind: str) -> web.StreamResponse:
    frame = request.match_info["frame"]
    if not (frame.isascii() and frame.isdecimal() and len(frame) <= 9):
        raise BadRequest(f"expected the number of a frame, got {frame!r:.40}")
    path = f"/dicom-web/{levels(request)}/frames/{frame}/{kind}"
    asked = {name: request.query[name] for name in PICTURE if name in request.query}
    body = await imaging(request).client.read(
        await _narrowed(request), "GET", path, params=asked, headers={"Accept": JPEG}
    )
    return web.Response(body=body, content_type=JPEG)


async def _narrowed(request: web.Request) -> Speaker:
    """Whoever asks, who sees nobody here but the patient of the path, if that one at all: an out-patient of
    one's wards, too."""
    asking, patient = speaker(request), request.match_info["patient"]
    shown = (await sight(request)).patients
    seen = shown is None or patient in shown
    return replace(asking, sight=Sight(frozenset({patient} if seen else ()), asking.sight.held))


def _quick(request: web.Request) -> str:
    return f"/quick/{levels(request)}"


def levels(request: web.Request) -> str:
    """ "studies/1.2/series/1.3", as far as the path has them. Raises BadRequest: one is no UID."""
    named = [(name, request.match_info[name]) for name in _UIDS if name in request.match_info]
    for name, uid in named:
        if not is_uid(uid):
            raise BadRequest(f"expected a UID as {name}, got {uid!r:.80}")
    plural = {"study": "studies", "series": "series", "instance": "instances"}
    return "/".join(f"{plural[name]}/{uid}" for name, uid in named)
