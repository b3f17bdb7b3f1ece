"""WADO-RS: values that metadata only name (PS3.18, 10.4.1.1.5): pixel data, waveforms, documents, tables."""

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from typing import Final

from aiohttp import web

from controller.imaging.archive.archive import Stored
from controller.imaging.decode.syntaxes import BIG_ENDIAN, DEFLATED, IMPLICIT, NATIVE
from controller.imaging.dicom.part10 import read_instance
from controller.imaging.dicom.values import little
from controller.imaging.dicomweb.asked import accepted, address, shown, stored
from controller.imaging.dicomweb.frames import MOST, send_frames
from controller.imaging.dicomweb.media import OCTETS, Range, for_frames
from controller.imaging.dicomweb.sending import Made, Part, send_alone, send_made, send_related
from controller.imaging.errors import BadDicom, CannotDecode, NoSuchImage, NotAcceptable
from controller.imaging.parts import parts

LARGEST_READ: Final = 256 << 20
"""Bytes of a file that is read to look for a value."""
_PIXELS: Final = "7FE00010"
_PATH: Final = re.compile(r"[0-9A-F]{8}(/\d{1,6}/[0-9A-F]{8}){0,24}", re.ASCII)


async def bulk(request: web.Request) -> web.StreamResponse:
    """GET …/instances/{instance}/bulkdata/{path}, as BulkDataURI of the metadata says.

    Raises BadUid, NoSuchImage, NotAcceptable, CannotDecode, CannotRead, StoreError.
    """
    found = await stored(request)
    one, path, ranges = found[0], request.match_info["path"], accepted(request)
    if not _PATH.fullmatch(path):
        raise NoSuchImage("there is no such value in this instance")
    if path == _PIXELS and one.syntax not in NATIVE:
        form = for_frames(ranges, one.syntax, alone=one.frames == 1)
        if one.frames > MOST:
            raise NotAcceptable(f"{one.frames} frames are too many for one answer: ask for {MOST} at once")
        await shown(request, found)
        return await send_frames(request, one, range(1, one.frames + 1), form)
    related = _related(ranges)
    await shown(request, found)
    here = f"{address(request, one.study, one.series, one.instance)}/bulkdata/{path}"
    if path == _PIXELS and one.syntax not in (BIG_ENDIAN, DEFLATED) and one.pixel_offset is not None:
        part = Part(OCTETS, one.sha256, [(one.pixel_offset, one.pixel_length or 0)], here)
        return await (send_related(request, OCTETS, [part]) if related else send_alone(request, part))
    value = await _value(request, one, path)
    if not related:
        return web.Response(body=value, content_type=OCTETS)
    return await send_made(request, OCTETS, _only(Made(OCTETS, value, here)))


def _related(ranges: Sequence[Range]) -> bool:
    """Whether it is wanted as multipart/related. Raises NotAcceptable."""
    for one in ranges:
        if one.takes(OCTETS):
            return one.related or one.media_type == "*/*"
    raise NotAcceptable(f'expected Accept to take multipart/related; type="{OCTETS}", or {OCTETS}')


async def _only(made: Made) -> AsyncIterator[Made]:
    yield made


async def _value(request: web.Request, one: Stored, path: str) -> bytes:
    """Read out of the file: of a large one, what comes before its pixel data."""
    length = one.size
    if one.pixel_offset is not None and path < "7FE00000":
        header = 8 if one.syntax == IMPLICIT else 12
        length = one.pixel_offset - header
    if length > LARGEST_READ:
        raise CannotDecode(f"{one.instance}: {length} bytes are too many to look for a value")
    content = await parts(request).archive.files.read(one.sha256, 0, length)
    return await asyncio.to_thread(_cut_out, content, path)


def _cut_out(content: bytes, path: str) -> bytes:
    try:
        read = read_instance(content)
    except BadDicom as error:
        raise CannotDecode(f"the file cannot be read: {error}") from error
    for value in read.bulk:
        if value.path == path:
            raw = bytes(read.content[value.offset : value.offset + value.length])
            return little(raw, value.vr) if read.transfer_syntax == BIG_ENDIAN else raw
    raise NoSuchImage("there is no such value in this instance")
