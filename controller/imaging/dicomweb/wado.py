"""WADO-RS: studies, series and instances as they are stored, or in another transfer syntax (PS3.18, 10.4)."""

from collections.abc import AsyncIterator, Sequence
from typing import Final

from aiohttp import web

from controller.imaging.archive.archive import Stored
from controller.imaging.dicomweb.asked import accepted, address, shown, stored
from controller.imaging.dicomweb.media import DICOM, Form, for_instance
from controller.imaging.dicomweb.sending import Made, Part, send_alone, send_made, send_related
from controller.imaging.errors import CannotDecode, CannotRead
from controller.imaging.parts import parts

LARGEST_CONVERTED: Final = 1 << 30
"""Bytes of an instance that is converted; a larger one is given as it is stored."""
_Chosen = Sequence[tuple[Stored, Form]]


async def retrieve(request: web.Request) -> web.StreamResponse:
    """The instances of a study, of a series, or one: GET …/studies/{study}…

    206: some are left out, because a check found their files damaged.
    Raises BadUid, NoSuchImage, NotAcceptable, CannotDecode, CannotRead, StoreError.
    """
    found = await stored(request)
    alone = "instance" in request.match_info
    whole = [one for one in found if not one.damaged]
    if not whole:
        raise CannotRead(f"{found[0].study}: its files are damaged, bring them back from a backup")
    ranges = accepted(request)
    chosen = [(one, for_instance(ranges, one.syntax, alone=alone)) for one in whole]
    await shown(request, found)
    headers = {"Cache-Control": "private, no-cache", "Vary": "Accept"}
    if alone:
        headers["ETag"] = _etag(*chosen[0])
        if _known(request, headers["ETag"]):
            return web.Response(status=304, headers=headers)
    status = 200 if len(whole) == len(found) else 206
    if any(form.syntax != one.syntax for one, form in chosen):
        return await _converted(request, chosen, headers, status)
    if not chosen[0][1].related:
        return await send_alone(request, _part(request, *chosen[0]), **headers)
    many = [_part(request, *one) for one in chosen]
    return await send_related(request, DICOM, many, status=status, **headers)


async def _converted(
    request: web.Request, chosen: _Chosen, headers: dict[str, str], status: int
) -> web.StreamResponse:
    made = _made(request, chosen)
    if chosen[0][1].related:
        return await send_made(request, DICOM, made, status=status, **headers)
    only = await anext(made)
    return web.Response(body=only.content, headers={**headers, "Content-Type": only.media_type})


async def _made(request: web.Request, chosen: _Chosen) -> AsyncIterator[Made]:
    """One after the other, none earlier than it is sent."""
    service = parts(request)
    for one, form in chosen:
        if one.size > LARGEST_CONVERTED:
            raise CannotDecode(f"{one.instance}: {one.size} bytes are not converted, ask for {one.syntax}")
        content = await service.archive.files.read(one.sha256)
        if form.syntax != one.syntax:
            content = await service.decoder.transcode(content, form.syntax)
        yield Made(form.part_type, content, address(request, one.study, one.series, one.instance))


def _part(request: web.Request, one: Stored, form: Form) -> Part:
    location = address(request, one.study, one.series, one.instance)
    return Part(form.part_type, one.sha256, [(0, one.size)], location)


def _etag(one: Stored, form: Form) -> str:
    """Weak: the boundary of a body is another each time."""
    return f'W/"{one.sha256.hex()}-{form.syntax}-{"related" if form.related else "alone"}"'


def _known(request: web.Request, etag: str) -> bool:
    """RFC 9110, 13.1.2: weak comparison."""
    tags = request.headers.get("If-None-Match", "")
    return tags.strip() == "*" or etag.removeprefix("W/") in {
        tag.strip().removeprefix("W/") for tag in tags.split(",")
    }
