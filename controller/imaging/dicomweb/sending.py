"""Answers of parts, sent without being held: lengths are known before, bytes come out of the files."""

import logging
import secrets
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from controller.imaging.dicom.pixels import Fragment
from controller.imaging.dicomweb.multipart import Envelope, envelope
from controller.imaging.errors import ImagingError
from controller.imaging.parts import parts

_SMALL: Final = 256 * 1024
"""Bytes that are copied faster than the kernel is called."""
_CHUNK: Final = 1 << 20

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Part:
    """Bytes of a file: places in it, one after the other."""

    media_type: str
    sha256: bytes
    places: Sequence[Fragment]
    location: str | None = None

    @property
    def size(self) -> int:
        """Bytes."""
        return sum(length for _, length in self.places)


@dataclass(frozen=True, slots=True)
class Made:
    """Bytes that had to be made, and are in no file."""

    media_type: str
    content: bytes
    location: str | None = None


async def send_alone(request: web.Request, part: Part, **headers: str) -> web.StreamResponse:
    """`part` as all there is."""
    headers = {"Content-Type": part.media_type, **headers}
    return await _send(request, Envelope(part.media_type, [b""], b""), [part], headers)


async def send_related(
    request: web.Request, root: str, many: Sequence[Part], *, status: int = 200, **headers: str
) -> web.StreamResponse:
    """`many` as multipart/related, with a Content-Length. Raises CannotRead as long as nothing is sent."""
    around = envelope(root, _boundary(), [(part.media_type, part.size, part.location) for part in many])
    return await _send(request, around, many, {"Content-Type": around.content_type, **headers}, status)


async def send_made(
    request: web.Request, root: str, made: AsyncIterator[Made], *, status: int = 200, **headers: str
) -> web.StreamResponse:
    """What is `made` one after the other as multipart/related; its length is not known before.

    Raises what making the first raises; a later failure cuts the connection, so that nobody takes what came
    for all there is.
    """
    boundary = _boundary()
    first = await anext(made)
    answer = web.StreamResponse(status=status, headers=headers)
    answer.headers["Content-Type"] = envelope(root, boundary, []).content_type
    await answer.prepare(request)
    await answer.write(_made_part(root, boundary, first, is_first=True))
    try:
        async for one in made:
            await answer.write(_made_part(root, boundary, one, is_first=False))
    except ImagingError as error:
        return _cut(request, answer, error)
    await answer.write(envelope(root, boundary, []).tail)
    await answer.write_eof()
    return answer


def _made_part(root: str, boundary: str, one: Made, *, is_first: bool) -> bytes:
    described = one.media_type, len(one.content), one.location
    head = envelope(root, boundary, [described]).heads[0]
    return (b"" if is_first else b"\r\n") + head + one.content


async def _send(
    request: web.Request,
    around: Envelope,
    many: Sequence[Part],
    headers: dict[str, str],
    status: int = 200,
) -> web.StreamResponse:
    length = around.length([part.size for part in many])
    headers = {**headers, "Content-Length": str(length)}
    if length <= _SMALL and len(many) == 1:
        content = await _whole(request, many[0])
        return web.Response(
            body=b"".join((*around.heads, *content, around.tail)), status=status, headers=headers
        )
    pieces = _pieces(request, around, many)
    first = await anext(pieces)
    answer = _Whole(status=status, headers=headers)
    await answer.prepare(request)
    try:
        await _write(answer, *first)
        async for piece in pieces:
            await _write(answer, *piece)
    except ImagingError as error:
        return _cut(request, answer, error)
    await answer.write_eof(around.tail)
    return answer


async def _whole(request: web.Request, part: Part) -> list[bytes]:
    """Without a generator: one that is not read to its end costs two more turns of the loop."""
    files = parts(request).archive.files
    return [await files.read(part.sha256, offset, length) for offset, length in part.places]


class _Whole(web.StreamResponse):
    """Its headers go out with the first bytes: each call of the kernel wakes who reads."""

    _send_headers_immediately = False


async def _write(answer: web.StreamResponse, head: bytes, content: bytes) -> None:
    """Both by themselves where `content` is large: joining them would be another copy of it."""
    if len(content) <= _SMALL:
        await answer.write(head + content)
    else:
        await answer.write(head)
        await answer.write(content)


async def _pieces(
    request: web.Request, around: Envelope, many: Sequence[Part]
) -> AsyncIterator[tuple[bytes, bytes]]:
    """What is around the parts and the bytes that follow it."""
    for head, part in zip(around.heads, many, strict=True):
        waiting = head
        async for chunk in _bytes(request, part):
            yield waiting, chunk
            waiting = b""
        if waiting:
            yield waiting, b""


async def _bytes(request: web.Request, part: Part) -> AsyncIterator[bytes]:
    files = parts(request).archive.files
    for offset, length in part.places:
        if length <= _CHUNK:
            yield await files.read(part.sha256, offset, length)
        else:
            async for chunk in files.chunks(part.sha256, offset, length):
                yield chunk


def _cut(request: web.Request, answer: web.StreamResponse, error: ImagingError) -> web.StreamResponse:
    """Half of an answer is out: the only way left to say that the rest will not come."""
    log.warning("an answer was cut short: %s", error)
    if request.transport is not None:
        request.transport.abort()
    return answer


def _boundary() -> str:
    return secrets.token_hex(16)
