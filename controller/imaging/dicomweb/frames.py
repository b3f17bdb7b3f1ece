"""WADO-RS: single frames (PS3.18, 10.4.1.1.6), as they are stored wherever the client takes that."""

from collections.abc import AsyncIterator, Sequence
from typing import Final

from aiohttp import web

from controller.imaging.archive.archive import Stored
from controller.imaging.dicomweb.asked import accepted, address, shown, stored
from controller.imaging.dicomweb.media import Form, for_frames
from controller.imaging.dicomweb.pixels import check, frame, is_as_stored, places
from controller.imaging.dicomweb.sending import Made, Part, send_alone, send_made, send_related
from controller.imaging.errors import BadQuery
from controller.imaging.parts import parts

MOST: Final = 10_000
"""Frames in one request."""


async def frames(request: web.Request) -> web.StreamResponse:
    """GET …/instances/{instance}/frames/{frames}: a list with commas, from 1.

    Raises BadUid, BadQuery, NoSuchImage, NotAcceptable, CannotDecode, CannotRead, StoreError.
    """
    numbers = numbers_of(request.match_info["frames"])
    found = await stored(request)
    check(found[0], numbers)
    form = for_frames(accepted(request), found[0].syntax, alone=len(numbers) == 1)
    await shown(request, found)
    return await send_frames(request, found[0], numbers, form)


def numbers_of(text: str) -> list[int]:
    """The numbers of frames that an address has. Raises BadQuery."""
    pieces = text.split(",")
    if len(pieces) > MOST or not all(one.isascii() and one.isdecimal() and len(one) < 10 for one in pieces):
        raise BadQuery(f"expected numbers of frames with commas between, at most {MOST}, got {text[:40]!r}")
    return [int(one) for one in pieces]


async def send_frames(
    request: web.Request, one: Stored, numbers: Sequence[int], form: Form
) -> web.StreamResponse:
    """The frames `numbers` in that form: out of the file, or made one by one."""
    here = f"{address(request, one.study, one.series, one.instance)}/frames"
    if is_as_stored(one, form.syntax):
        every = await places(parts(request), one, numbers)
        many = [
            Part(form.part_type, one.sha256, fragments, f"{here}/{number}")
            for number, fragments in zip(numbers, every, strict=True)
        ]
        if not form.related:
            return await send_alone(request, many[0])
        return await send_related(request, form.media_type, many)
    if not form.related:
        body = await frame(parts(request), one, numbers[0], form.syntax)
        return web.Response(body=body, headers={"Content-Type": form.part_type})
    return await send_made(request, form.media_type, _made(request, one, numbers, form, here))


async def _made(
    request: web.Request, one: Stored, numbers: Sequence[int], form: Form, here: str
) -> AsyncIterator[Made]:
    for number in numbers:
        content = await frame(parts(request), one, number, form.syntax)
        yield Made(form.part_type, content, f"{here}/{number}")
