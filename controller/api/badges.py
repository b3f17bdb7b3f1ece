"""Badges and PINs: one's own after proof, and what an administrator does for others."""

from aiohttp import web

from controller.api.answers import answer
from controller.api.badges_schemas import BadgeBody, OwnBadgeBody, PinBody
from controller.api.bodies import read_body
from controller.api.context import context, user
from controller.api.proof import proved_again
from controller.security.accounts import By


async def own(request: web.Request) -> web.StreamResponse:
    """GET /api/account/badge."""
    return answer((await context(request).badges.held(user(request).name))._asdict())


async def set_pin(request: web.Request) -> web.StreamResponse:
    """PUT /api/account/pin."""
    body = await read_body(request, PinBody)
    if (refused := await proved_again(request, body.password, body.code)) is not None:
        return refused
    await context(request).badges.set_pin(user(request).name, body.pin, _by(request))
    return web.Response(status=204)


async def forget_pin(request: web.Request) -> web.StreamResponse:
    """DELETE /api/account/pin."""
    await context(request).badges.forget_pin(user(request).name, _by(request))
    return web.Response(status=204)


async def enrol_own(request: web.Request) -> web.StreamResponse:
    """PUT /api/account/badge."""
    body = await read_body(request, OwnBadgeBody)
    if (refused := await proved_again(request, body.password, body.code)) is not None:
        return refused
    await context(request).badges.enrol(user(request).name, body.badge, _by(request))
    return web.Response(status=204)


async def forget_own(request: web.Request) -> web.StreamResponse:
    """DELETE /api/account/badge: it is lost."""
    await context(request).badges.forget_badge(user(request).name, _by(request))
    return web.Response(status=204)


async def enrol(request: web.Request) -> web.StreamResponse:
    """PUT /api/people/{person}/badge."""
    body = await read_body(request, BadgeBody)
    await context(request).badges.enrol(request.match_info["person"], body.badge, _by(request))
    return web.Response(status=204)


async def forget(request: web.Request) -> web.StreamResponse:
    """DELETE /api/people/{person}/badge."""
    await context(request).badges.forget_badge(request.match_info["person"], _by(request))
    return web.Response(status=204)


async def forget_pin_of(request: web.Request) -> web.StreamResponse:
    """DELETE /api/people/{person}/pin."""
    await context(request).badges.forget_pin(request.match_info["person"], _by(request))
    return web.Response(status=204)


def _by(request: web.Request) -> By:
    return By(user(request).name, request.remote or "")
