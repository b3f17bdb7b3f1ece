"""WADO-RS: rendered pictures and thumbnails (PS3.18, 10.4.1.1.3, 10.4.1.1.4).

A rendered instance of several frames is all of them for who takes multipart/related, else its first.
Overlays, presentation states and annotations are not drawn.
"""

from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any, Final

from aiohttp import web

from controller.imaging.archive.archive import Stored
from controller.imaging.decode.picture import Frame, Picture, Rendering, picture
from controller.imaging.decode.syntaxes import DEFLATED, EXPLICIT
from controller.imaging.dicomweb.asked import accepted, address, shown, stored
from controller.imaging.dicomweb.frames import numbers_of
from controller.imaging.dicomweb.pixels import check, described, frame, places
from controller.imaging.dicomweb.rendering import NOT_DRAWN, choose, read_rendering
from controller.imaging.dicomweb.sending import Made, send_made
from controller.imaging.errors import NotAcceptable
from controller.imaging.parts import parts

MOST: Final = 2000
"""Pictures in one answer."""
_WARNING: Final = '299 wardlink "annotation: names and texts are not drawn into pictures"'

Place = tuple[Stored, int]
"""An instance and the number of a frame, from 1."""


async def rendered(request: web.Request) -> web.StreamResponse:
    """GET …/rendered of a study, a series, an instance, or frames.

    Raises BadUid, BadQuery, NoSuchImage, NotAcceptable, CannotDecode, CannotRead, StoreError.
    """
    found = await stored(request)
    count, wanted = _wanted(request, found)
    media, related = choose(accepted(request), alone=count == 1 or _is_whole_instance(request))
    how = read_rendering(request.query, media)
    if related and count > MOST:
        raise NotAcceptable(f"{count} pictures are too many for one answer: expected at most {MOST}")
    await shown(request, found)
    headers: dict[str, Any] = {"Warning": _WARNING} if NOT_DRAWN in request.query else {}
    if related:
        return await send_made(request, media.value, _made(request, wanted, how), **headers)
    body = await _render(request, *next(wanted), how)
    return web.Response(body=body, content_type=media.value, headers=headers)


async def thumbnail(request: web.Request) -> web.StreamResponse:
    """GET …/thumbnail of a study, a series, an instance, or frames: one small picture, out of the middle.

    Raises as `rendered`.
    """
    found = await stored(request)
    one, number = _middle(request, found)
    media, _ = choose([each for each in accepted(request) if not each.related], alone=True)
    how = read_rendering(request.query, media, thumbnail=True)
    await shown(request, found)
    return web.Response(body=await _render(request, one, number, how), content_type=media.value)


def _is_whole_instance(request: web.Request) -> bool:
    return "instance" in request.match_info and "frames" not in request.match_info


def _wanted(request: web.Request, found: Sequence[Stored]) -> tuple[int, Iterator[Place]]:
    """What is to be rendered: how many, and each, not made before it is asked for.

    Raises BadQuery, NoSuchImage, NotAcceptable: there is nothing to see.
    """
    if "frames" in request.match_info:
        numbers = numbers_of(request.match_info["frames"])
        check(found[0], numbers)
        return len(numbers), ((found[0], number) for number in numbers)
    seen = _with_pixels(found)
    every = ((one, number) for one in seen for number in range(1, one.frames + 1))
    return sum(one.frames for one in seen), every


def _with_pixels(found: Sequence[Stored]) -> list[Stored]:
    """Raises NotAcceptable: none has any."""
    if not (seen := [one for one in found if one.pixel]):
        raise NotAcceptable("there is nothing in this that can be rendered: it has no pixel data")
    return seen


def _middle(request: web.Request, found: Sequence[Stored]) -> Place:
    """The middle of the first series: more tells a slice from there than one from its end. Raises as
    `_wanted`."""
    if "frames" in request.match_info:
        _, wanted = _wanted(request, found)
        every = list(wanted)
        return every[len(every) // 2]
    seen = _with_pixels(found)
    first = [one for one in seen if one.series == seen[0].series]
    left = sum(one.frames for one in first) // 2
    for one in first:
        if left < one.frames:
            return one, left + 1
        left -= one.frames
    return first[-1], 1


async def _made(request: web.Request, wanted: Iterator[Place], how: Rendering) -> AsyncIterator[Made]:
    for one, number in wanted:
        here = f"{address(request, one.study, one.series, one.instance)}/frames/{number}/rendered"
        yield Made(how.media.value, await _render(request, one, number, how), here)


async def _render(request: web.Request, one: Stored, number: int, how: Rendering) -> bytes:
    service = parts(request)
    shape = await _shape(request, one, number)
    if one.syntax == DEFLATED:
        held = Frame(await frame(service, one, number, EXPLICIT), EXPLICIT, shape)
    else:
        fragments = (await places(service, one, [number]))[0]
        data = [await service.archive.files.read(one.sha256, *fragment) for fragment in fragments]
        held = Frame(data[0] if len(data) == 1 else b"".join(data), one.syntax, shape)
    return await service.decoder.render(held, how)


async def _shape(request: web.Request, one: Stored, number: int) -> Picture:
    """Of a frame with functional groups, what its own group says, which only the whole header has."""
    shape = described(one)
    if not shape.enhanced:
        return shape
    [metadata] = await parts(request).archive.metadata([one])
    return picture(metadata, number)
