"""A crew's picture: first on the box's disk, then told of the patient on board, then on its way."""

import hashlib
from typing import Any

from aiohttp import web

from devices.model.crew import MOST_PICTURE_BYTES
from devices.model.observation import EventKind
from gateway.crew.case import Case
from gateway.crew.guard import CREW, PERSON
from gateway.crew.pictures import Pictures
from gateway.errors import CrewRefused

Json = dict[str, Any]

_BEGINS = {"image/jpeg": b"\xff\xd8\xff", "image/png": b"\x89PNG\r\n\x1a\n"}
"""ITU-T T.81, B.1.1.3 (SOI, and the next marker); PNG (ISO/IEC 15948), 5.2."""


async def take_picture(request: web.Request) -> web.StreamResponse:
    """POST /api/pictures?kind=camera&shows=…, the body is the picture. The answer is the case."""
    crew, media = request.app[CREW], request.content_type
    data = await _body(request)
    if not data.startswith(_BEGINS[media]):
        raise CrewRefused(422, f"expected {media}, got bytes that begin otherwise: choose a JPEG or a PNG")
    about = {"media": media, **{name: request.query.get(name, "").strip() for name in ("kind", "shows")}}
    await told_of(crew.case, crew.pictures, data, about, request[PERSON])
    return web.json_response({"case": crew.snapshot()["case"]})


async def told_of(case: Case, pictures: Pictures, data: bytes, about: Json, by: str) -> None:
    """The picture is one of the patient on board; one that this patient has already is not told again.

    `about`: its media, kind, and what it shows. Raises BadCrew, CrewRefused; NotKept: it may be told later,
    which the case says.
    """
    digest = hashlib.sha256(data).hexdigest()
    if _is_told(case, digest):
        return
    await pictures.keep(digest, data)
    clock = case.clock.block_clock()
    error = {} if clock.error_us is None else {"error_ms": clock.error_us // 1000}
    detail = {"digest": digest, "size": len(data), "clock": clock.sync.name.lower(), **about, **error}
    try:
        await case.tell(EventKind.PICTURE, detail, by)
    finally:
        if _is_told(case, digest):
            await pictures.release(digest, len(data), case.content.stay_id)
        else:
            await pictures.drop(digest)


def _is_told(case: Case, digest: str) -> bool:
    return any(one["digest"] == digest for one in case.content.pictures)


async def _body(request: web.Request) -> bytes:
    """The application's own limit is for JSON."""
    data = bytearray()
    async for chunk in request.content.iter_chunked(65_536):
        data += chunk
        if len(data) > MOST_PICTURE_BYTES:
            raise CrewRefused(413, f"expected at most {MOST_PICTURE_BYTES // 2**20} MB")
    return bytes(data)
