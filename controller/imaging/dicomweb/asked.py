"""What a request for images asks for: which of them, and in which forms."""

from collections.abc import Mapping, Sequence

import orjson
from aiohttp import web

from controller.imaging.archive.archive import Stored
from controller.imaging.archive.uids import checked
from controller.imaging.dicomweb.media import JSON, Range, for_json, read_accept
from controller.imaging.errors import NoSuchImage
from controller.imaging.parts import parts, saw, sight

BASE = "/dicom-web"
COMPRESSED = 32 * 1024
"""Bytes of JSON that are worth compressing for a client that takes it so."""


async def stored(request: web.Request) -> list[Stored]:
    """The instances that the address names, as far as they may be seen. Raises BadUid, NoSuchImage."""
    names = request.match_info
    uids = [checked(names[name], name) if name in names else None for name in ("study", "series", "instance")]
    if uids[0] is None:
        raise NoSuchImage("there is no such study, series or instance")
    return await parts(request).archive.find(sight(request), uids[0], *uids[1:])


async def shown(request: web.Request, found: list[Stored]) -> None:
    """Record that `found`, which are of one study, are shown."""
    await saw(request, {one.patient_id for one in found}, f"study/{found[0].study}")


def accepted(request: web.Request) -> Sequence[Range]:
    """The forms that the client takes, most wanted first."""
    return read_accept(", ".join(request.headers.getall("Accept", [])), request.query.get("accept", ""))


def base(request: web.Request) -> str:
    """The address of everything of PS3.18, as the client knows it."""
    return f"{request.scheme}://{request.host}{BASE}"


def address(request: web.Request, study: str, series: str | None = None, instance: str | None = None) -> str:
    """The address of a study, series or instance."""
    path = f"{base(request)}/studies/{study}"
    if series is not None:
        path += f"/series/{series}"
    return path if instance is None else f"{path}/instances/{instance}"


def json_type(request: web.Request) -> str:
    """The media type of an answer in JSON. Raises NotAcceptable."""
    return for_json(accepted(request))


def json_answer(
    content: object, *, status: int = 200, kind: str = JSON, headers: Mapping[str, str] | None = None
) -> web.Response:
    """An answer in DICOM JSON; `content`: what is to be written, or is written already (bytes)."""
    body = content if isinstance(content, bytes) else orjson.dumps(content)
    answer = web.Response(body=body, status=status, headers=headers, content_type=kind)
    if len(body) >= COMPRESSED:
        answer.enable_compression()
    return answer
