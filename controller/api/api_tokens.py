"""API tokens: who may make which, and what is shown of them."""

from collections.abc import Iterable
from typing import Any

from aiohttp import web

from controller.api.answers import answer
from controller.api.bodies import read_body
from controller.api.context import context, user
from controller.api.login_schemas import NewTokenBody
from controller.api.logins import logins
from controller.api.token_scopes import RESOURCES, TECHNICAL
from controller.errors import BadScope
from controller.security.gate import ACCESS, Refused
from controller.security.permissions import Permission
from controller.security.scopes import Scope, parse_scopes, scope_text
from controller.security.tokens import Token, Wanted


async def tokens(request: web.Request) -> web.StreamResponse:
    """GET /api/tokens."""
    now_s = context(request).clock.utc_us() // 1_000_000
    shown = [_shape(token, now_s) for token in await logins(request).tokens.all()]
    return answer({"tokens": shown, "scopes": RESOURCES})


async def make(request: web.Request) -> web.StreamResponse:
    """POST /api/tokens."""
    body = await read_body(request, NewTokenBody)
    scopes = parse_scopes(body.scopes)
    _check_served(scopes)
    _check_allowed(request, scopes)
    wards = None if body.wards is None else frozenset(body.wards)
    wanted = Wanted(body.name, scopes, body.days, wards)
    token = await logins(request).tokens.make(wanted, user(request).name, request.remote or "")
    return answer({"name": body.name, "token": token})


async def revoke(request: web.Request) -> web.StreamResponse:
    """DELETE /api/tokens/{token}."""
    name, service = request.match_info["token"], logins(request).tokens
    held = next((token for token in await service.all() if token.name == name), None)
    if held is not None:
        _check_allowed(request, held.scopes)
    await service.revoke(name, user(request).name, request.remote or "")
    return web.Response(status=204)


def _check_served(scopes: Iterable[Scope]) -> None:
    """A scope for nothing is a slip of the pen, which would be found out in a year. Raises BadScope."""
    for scope in scopes:
        if scope.resource not in ("*", *RESOURCES):
            known = ", ".join(RESOURCES)
            raise BadScope(f"expected a scope of one of {known}, got {str(scope)!r}: nothing else is served")


def _check_allowed(request: web.Request, scopes: Iterable[Scope]) -> None:
    """Raises Refused unless the person may make, and end, a token of these scopes."""
    if Permission.MANAGE_TOKENS in request[ACCESS].permissions:
        return
    beyond = [scope for scope in scopes if not (scope.only_reads and scope.resource in TECHNICAL)]
    if beyond:
        known = ", ".join(sorted(TECHNICAL))
        raise Refused(
            403,
            "not-allowed",
            f"expected scopes that only read {known}, got {scope_text(beyond)!r}: ask an administrator",
        )


def _shape(token: Token, now_s: int) -> dict[str, Any]:
    expired = token.expires_utc_s <= now_s
    return {
        "name": token.name,
        "scopes": scope_text(token.scopes),
        "wards": None if token.wards is None else sorted(token.wards),
        "state": "revoked" if token.revoked_utc_s is not None else "expired" if expired else "valid",
        "made_by": token.made_by,
        "made_utc_s": token.made_utc_s,
        "expires_utc_s": token.expires_utc_s,
        "used_utc_s": token.used_utc_s,
        "revoked_utc_s": token.revoked_utc_s,
        "revoked_by": token.revoked_by,
    }
