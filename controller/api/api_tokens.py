"""API tokens: who may make which, and what is shown of them.

Nobody gives to a program what they may not see or do themselves (docs/decisions/013): an administrator who
sees no patient makes no token that does. Free are only scopes that read technical things.
"""

from collections.abc import Iterable, Mapping, Set
from typing import Any

from aiohttp import web

from controller.api.answers import answer
from controller.api.bodies import read_body
from controller.api.context import context, user
from controller.api.login_schemas import NewTokenBody
from controller.api.logins import logins
from controller.api.token_scopes import NEEDS, RESOURCES, TECHNICAL
from controller.errors import BadScope
from controller.security.gate import ACCESS, Refused
from controller.security.permissions import Permission
from controller.security.scopes import Scope, parse_scopes, scope_text
from controller.security.tokens import Token, Wanted

PERMISSIONS: web.AppKey[Mapping[str, Permission]] = web.AppKey("permissions", Mapping)
"""What each route asks for, by its name."""


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
    wards = None if body.wards is None else frozenset(body.wards)
    _check_allowed(request, scopes)
    _check_own(request, scopes, wards)
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
    """Raises Refused unless the person may make, or end, tokens of these scopes at all."""
    beyond = _beyond(scopes)
    if beyond and Permission.MANAGE_TOKENS not in request[ACCESS].permissions:
        known = ", ".join(sorted(TECHNICAL))
        raise Refused(
            403,
            "not-allowed",
            f"expected scopes that only read {known}, got {scope_text(beyond)!r}: ask an administrator",
        )


def _check_own(request: web.Request, scopes: Iterable[Scope], wards: Set[str] | None) -> None:
    """Raises Refused unless the person may do all that the token may, in all of its wards."""
    access, permissions, beyond = request[ACCESS], request.config_dict[PERMISSIONS], _beyond(scopes)
    needed = {
        permissions[route]
        for route, needs in NEEDS.items()
        if any(one.touches(need) for one in beyond for need in needs)
    }
    if lacking := needed - access.permissions:
        told = ", ".join(sorted(lacking))
        raise Refused(
            403,
            "beyond-yours",
            f"expected scopes for what you may do yourself, {scope_text(beyond)!r} needs {told} too: have it "
            "made by somebody who is administrator and has a role with that",
        )
    own = access.user.wards
    if own is not None and (wards is None or not own.issuperset(wards)):
        told = ", ".join(sorted(own)) or "none"
        raise Refused(403, "beyond-yours", f"expected wards of your own ({told}), got others: name yours")


def _beyond(scopes: Iterable[Scope]) -> list[Scope]:
    """Those that do more than to read technical things."""
    return [scope for scope in scopes if not (scope.only_reads and scope.resource in TECHNICAL)]


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
