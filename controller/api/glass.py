"""Breaking the glass, and judging it."""

from dataclasses import asdict

from aiohttp import web

from controller.api.answers import answer
from controller.api.bodies import read_body
from controller.api.context import context, user
from controller.api.login import renewed, slowed
from controller.api.people_schemas import BreakGlassBody, ReviewBody
from controller.errors import NotFound
from controller.security.accounts import By


async def begin(request: web.Request) -> web.StreamResponse:
    """POST /api/break-glass. Rights rise: a new token. Identifiers cannot be guessed fast."""
    body, parts, who = await read_body(request, BreakGlassBody), context(request), user(request)
    where, guesses = request.remote or "", f"break-glass {who.name}"
    if (refused := slowed(request, guesses)) is not None:
        return refused
    broken = await parts.glass.begin(who, body.patient, body.reason, where)
    parts.throttle.succeeded(guesses, where)
    return await renewed(request, answer(asdict(broken)))


async def end(request: web.Request) -> web.StreamResponse:
    """DELETE /api/break-glass: before its time is over."""
    await context(request).glass.end(user(request), request.remote or "")
    context(request).sessions.tell()
    return web.Response(status=204)


async def reviews(request: web.Request) -> web.StreamResponse:
    """GET /api/break-glass."""
    waiting = request.query.get("all") != "true"
    return answer({"reviews": await context(request).glass.reviews(waiting=waiting)})


async def review(request: web.Request) -> web.StreamResponse:
    """PUT /api/break-glass/{id}/review."""
    body, number = await read_body(request, ReviewBody), request.match_info["id"]
    if not (number.isascii() and number.isdecimal() and len(number) <= 15):
        raise NotFound(f"there is no break-glass {number!r:.40}: see /api/break-glass for those there are")
    by = By(user(request).name, request.remote or "")
    await context(request).glass.review(int(number), body.verdict, body.note, by)
    return web.Response(status=204)
