"""Logging in and out."""

from aiohttp import web

from controller.api.answers import answer, refusal
from controller.api.bodies import LoginBody, read_body
from controller.api.context import context, user
from controller.security.gate import COOKIE
from controller.security.permissions import GRANTS
from controller.security.users import check_password


async def log_in(request: web.Request) -> web.StreamResponse:
    """POST /api/login."""
    body, parts = await read_body(request, LoginBody), context(request)
    address = request.remote or ""
    if wait_s := parts.throttle.wait_s(body.user, address):
        message = f"too many logins of {body.user!r} were refused: try again in {wait_s} s"
        return refusal(429, "slow-down", message, {"Retry-After": str(wait_s)})
    parts.throttle.tried(body.user, address)
    known = await check_password(parts.store, parts.passwords, body.user, body.password)
    if known is None:
        return refusal(401, "wrong-login", "user name or password is wrong: try again")
    parts.throttle.succeeded(body.user, address)
    response = web.Response(status=204)
    token = await parts.sessions.begin(known)
    response.set_cookie(COOKIE, token, path="/", httponly=True, samesite="Strict", secure=request.secure)
    return response


async def log_out(request: web.Request) -> web.StreamResponse:
    """POST /api/logout."""
    await context(request).sessions.end(request.cookies[COOKIE])
    response = web.Response(status=204)
    response.del_cookie(COOKIE, path="/")
    return response


async def me(request: web.Request) -> web.StreamResponse:
    """GET /api/me."""
    who = user(request)
    return answer({"user": who.name, "role": who.role.value, "permissions": sorted(GRANTS[who.role])})
