"""Logging in and out, and the screen's lock."""

from aiohttp import web

from controller.api.answers import answer, refusal
from controller.api.bodies import LoginBody, read_body
from controller.api.context import context, user
from controller.api.imaging_context import IMAGING
from controller.api.partners_context import PARTNERS
from controller.api.people_schemas import PasswordBody
from controller.api.robots_context import ROBOTS
from controller.security.cookie import COOKIE, drop_cookie, put_cookie
from controller.security.gate import ACCESS, WHO
from controller.security.sessions import How, Session
from controller.security.users import Account, check_password, find_account


async def log_in(request: web.Request) -> web.StreamResponse:
    """POST /api/login. Whoever was logged in on this screen is logged out by it."""
    body, parts, address = await read_body(request, LoginBody), context(request), request.remote or ""
    if (refused := slowed(request, body.user)) is not None:
        return refused
    account = await check_password(parts.store, parts.passwords, parts.clock, body.user, body.password)
    await _claimed(request, body.user)
    if account is None:
        return refusal(401, "wrong-login", "user name or password is wrong: try again")
    if account.totp is not None and body.code is None:
        return refusal(401, "code-needed", "expected your second factor's code, got none: send it as `code`")
    if account.totp is not None and not await parts.factors.passes(account, body.code or ""):
        return refusal(401, "wrong-code", "the code is wrong or was used already: wait for the next one")
    parts.throttle.succeeded(body.user, address)
    how = How.PASSWORD if account.totp is None else How.PASSWORD_AND_CODE
    return await logged_in(request, account, how)


async def logged_in(request: web.Request, account: Account, how: How) -> web.StreamResponse:
    """The answer to a login that was right, with a new session in place of this screen's."""
    response = web.Response(status=204)
    replaces = request.cookies.get(COOKIE)
    token = await context(request).sessions.begin(account.user, how, request.remote or "", replaces)
    put_cookie(response, token)
    return response


async def log_out(request: web.Request) -> web.StreamResponse:
    """POST /api/logout."""
    await context(request).sessions.end(request.cookies[COOKIE], user(request), request.remote or "")
    response = web.Response(status=204)
    drop_cookie(response)
    return response


async def me(request: web.Request) -> web.StreamResponse:
    """GET /api/me."""
    access, parts = request[ACCESS], context(request)
    who, account = access.user, await find_account(parts.store, access.user.name)
    return answer(
        {
            "user": who.name,
            "roles": sorted(who.roles),
            "wards": None if who.wards is None else sorted(who.wards),
            "permissions": sorted(access.permissions),
            "state": access.state.value,
            "lock_ms": access.lock_ms if isinstance(access, Session) else None,
            "password": account is not None and account.password is not None,
            "second_factor": account is not None and account.totp is not None,
            "imaging": IMAGING in request.config_dict,
            "robots": ROBOTS in request.config_dict,
            "partners": PARTNERS in request.config_dict,
        }
    )


async def unlock(request: web.Request) -> web.StreamResponse:
    """POST /api/unlock: by the password of whoever is logged in."""
    body = await read_body(request, PasswordBody)
    if (refused := await proved(request, body.password)) is not None:
        return refused
    return await renewed(request)


async def renewed(request: web.Request, response: web.Response | None = None) -> web.Response:
    """`response` (else: done, without a body) with another token for the session: its rights rise."""
    response = web.Response(status=204) if response is None else response
    put_cookie(response, await context(request).sessions.renew(request.cookies[COOKIE]))
    return response


async def lock(request: web.Request) -> web.StreamResponse:
    """POST /api/lock."""
    await context(request).sessions.lock(request.cookies[COOKIE])
    return web.Response(status=204)


async def touched(request: web.Request) -> web.StreamResponse:
    """POST /api/touched: the gate lets no locked session come here."""
    await context(request).sessions.touched(request.cookies[COOKIE])
    return web.Response(status=204)


def slowed(request: web.Request, name: str) -> web.StreamResponse | None:
    """Counts a try of `name`, or refuses it: too many were wrong."""
    parts, address = context(request), request.remote or ""
    if wait_s := parts.throttle.wait_s(name, address):
        message = f"too many logins of {name!r} were refused: try again in {wait_s} s"
        return refusal(429, "slow-down", message, {"Retry-After": str(wait_s)})
    parts.throttle.tried(name, address)
    return None


async def proved(request: web.Request, password: str) -> web.StreamResponse | None:
    """Whether the one who is logged in knows their password: None, or the refusal."""
    parts, name = context(request), user(request).name
    if (refused := slowed(request, name)) is not None:
        return refused
    if await check_password(parts.store, parts.passwords, parts.clock, name, password) is None:
        return refusal(401, "wrong-login", "the password is wrong: try again")
    parts.throttle.succeeded(name, request.remote or "")
    return None


async def _claimed(request: web.Request, name: str) -> None:
    """For the audit trail: whose login it is to be. A name that is nobody's is not kept: people mistake the
    fields, and type their password there."""
    if await find_account(context(request).store, name) is not None:
        request[WHO] = name
