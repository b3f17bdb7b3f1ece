"""WADO-RS: everything of instances but their large values, as DICOM JSON (PS3.18, 10.4.1.1.2, annex F)."""

from typing import Final

from aiohttp import web

from controller.imaging.archive.archive import Stored
from controller.imaging.dicomweb.asked import address, json_answer, json_type, shown, stored
from controller.imaging.parts import parts

_IN_ARCHIVE: Final = b'"BulkDataURI":"bulkdata/'
"""No text can hold this: its quotation marks would be escaped."""
AT_ONCE: Final = 200
"""Instances whose metadata are in memory."""


async def metadata(request: web.Request) -> web.StreamResponse:
    """GET …/metadata of a study, a series, an instance. Raises as `wado.retrieve`."""
    found = await stored(request)
    kind = json_type(request)
    await shown(request, found)
    if len(found) <= AT_ONCE:
        return json_answer(b"[" + await _joined(request, found) + b"]", kind=kind)
    answer = web.StreamResponse(headers={"Content-Type": kind})
    answer.enable_compression()
    await answer.prepare(request)
    for begin in range(0, len(found), AT_ONCE):
        before = b"," if begin else b"["
        await answer.write(before + await _joined(request, found[begin : begin + AT_ONCE]))
    await answer.write(b"]")
    await answer.write_eof()
    return answer


async def _joined(request: web.Request, some: list[Stored]) -> bytes:
    kept = await parts(request).archive.metadata(some)
    return b",".join(addressed(request, one, text) for one, text in zip(some, kept, strict=True))


def addressed(request: web.Request, one: Stored, kept: bytes) -> bytes:
    """The archive's metadata of an instance with the addresses of its bulk data as the client knows them."""
    here = address(request, one.study, one.series, one.instance).encode()
    return kept.replace(_IN_ARCHIVE, b'"BulkDataURI":"' + here + b"/bulkdata/")
