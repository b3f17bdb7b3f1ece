"""Passkeys: one's own, and logging in with one."""

from dataclasses import asdict

from aiohttp import web

from controller.api.answers import answer
from controller.api.bodies import read_body
from controller.api.context import context, user
from controller.api.login import logged_in
from controller.api.login_schemas import CredentialBody, NewPasskeyBody, PasskeyNameBody
from controller.api.logins import count_begun, logins, site
from controller.errors import LoginRefused
from controller.security.cookie import COOKIE
from controller.security.gate import ACCESS, WHO, Refused
from controller.security.passkeys import Owner
from controller.security.sessions import How, Session

FRESH_MS = 10 * 60_000
"""So short ago a person must have logged in to add a passkey, which opens the account for good."""


async def login_options(request: web.Request) -> web.StreamResponse:
    """POST /api/login/passkey/options."""
    count_begun(request)
    return _json(logins(request).passkeys.login_options(site(request)))


async def log_in(request: web.Request) -> web.StreamResponse:
    """POST /api/login/passkey. Whoever was logged in on this screen is logged out by it."""
    body = await read_body(request, CredentialBody)
    try:
        account = await logins(request).passkeys.login(body.credential, site(request))
    except LoginRefused as error:
        request[WHO] = error.user
        raise
    return await logged_in(request, account, How.PASSKEY)


async def passkeys(request: web.Request) -> web.StreamResponse:
    """GET /api/passkeys."""
    own = await logins(request).passkeys.of(user(request).name)
    return answer({"passkeys": [asdict(one) for one in own]})


async def registration_options(request: web.Request) -> web.StreamResponse:
    """POST /api/passkeys/options."""
    check_fresh(request)
    return _json(await logins(request).passkeys.registration_options(_owner(request), site(request)))


async def register(request: web.Request) -> web.StreamResponse:
    """POST /api/passkeys."""
    body, service = await read_body(request, NewPasskeyBody), logins(request).passkeys
    check_fresh(request)
    await service.register(_owner(request), body.name, body.credential, site(request))
    return web.Response(status=204)


async def rename(request: web.Request) -> web.StreamResponse:
    """PUT /api/passkeys/{passkey}."""
    body, passkey = await read_body(request, PasskeyNameBody), request.match_info["passkey"]
    await logins(request).passkeys.rename(_owner(request), passkey, body.name)
    return web.Response(status=204)


async def remove(request: web.Request) -> web.StreamResponse:
    """DELETE /api/passkeys/{passkey}."""
    await logins(request).passkeys.remove(_owner(request), request.match_info["passkey"])
    return web.Response(status=204)


def _owner(request: web.Request) -> Owner:
    return Owner(user(request).name, request.cookies[COOKIE], request.remote or "")


def check_fresh(request: web.Request) -> None:
    """Raises Refused unless the person logged in short ago."""
    access, now_ms = request[ACCESS], context(request).clock.now_us() // 1000
    if not isinstance(access, Session) or access.began_ms < now_ms - FRESH_MS:
        minutes = FRESH_MS // 60_000
        message = f"expected a login of the last {minutes} minutes: log in again, then do this"
        raise Refused(403, "login-again", message)


def _json(text: str) -> web.StreamResponse:
    return web.Response(text=text, content_type="application/json")
