"""What plug-ins could not look at, for engineers and those who look after the archive. It names nobody."""

from dataclasses import asdict
from typing import Any

from aiohttp import web

from controller.api.answers import BadRequest, answer
from controller.api.context import context, user
from controller.api.imaging_context import IMAGING
from controller.audit.entry import Entry
from controller.errors import NotFound
from controller.imaging.plugins.failures import Failure, Failures


async def failures(request: web.Request) -> web.StreamResponse:
    """GET /api/imaging/failures: none where there are no plug-ins."""
    held = _failures(request)
    found = await held.listed() if held else []
    return answer({"failures": [_told(one) for one in found]})


async def again(request: web.Request) -> web.StreamResponse:
    """POST /api/imaging/failures/{id}/again. It is in the trail before it is done."""
    text, held = request.match_info["id"], _failures(request)
    if not (text.isascii() and text.isdecimal() and len(text) <= 15):
        raise BadRequest(f"expected the number of a failed look, got {text!r:.40}")
    if held is None:
        raise NotFound("there are no plug-ins here: see [imaging] in the configuration")
    entry = Entry("plugin-again", user(request).name, f"plugin-job/{text}", where=request.remote or "")
    await context(request).trail.record(entry)
    await held.again(int(text))
    return web.Response(status=204)


def _told(one: Failure) -> dict[str, Any]:
    told = asdict(one)
    utc_us = told.pop("utc_us")
    return {**told, "utc_ms": utc_us // 1000, "study": one.study or None}


def _failures(request: web.Request) -> Failures | None:
    service = request.config_dict.get(IMAGING)
    return Failures(service.findings) if service and service.findings else None
