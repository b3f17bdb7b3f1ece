"""What a request with an API token may do: what its scopes grant for the route, and nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass

from aiohttp import web

from controller.clock import Clock
from controller.security.buckets import Buckets
from controller.security.gate import ACCESS, WHO, Refused
from controller.security.permissions import Permission
from controller.security.scopes import Scope, allows, scope_text
from controller.security.sessions import State
from controller.security.tokens import Token, Tokens
from controller.security.users import User
from controller.view import View

PER_S, AT_ONCE = 20, 100
"""Requests of one token."""
WRONG_PER_S, WRONG_AT_ONCE = 0.2, 20
"""Wrong tokens from one address. A right one is taken all the same: others may share the address."""
_SCHEME = "Bearer "

Needs = Mapping[str, frozenset[Scope]]
"""By the name of a route: all the scopes that it takes. No token reaches a route that is not in it."""


@dataclass(frozen=True, slots=True)
class TokenAccess:
    """See controller.security.gate.Access."""

    user: User
    permissions: frozenset[Permission]
    view: View
    state: State = State.OPEN


class TokenGate:
    """Finds the access of requests with a token."""

    def __init__(
        self, tokens: Tokens, needs: Needs, permissions: Mapping[str, Permission], clock: Clock
    ) -> None:
        self._tokens = tokens
        self._needs = needs
        self._permissions = permissions
        self._asked = Buckets(clock, PER_S, AT_ONCE)
        self._wrong = Buckets(clock, WRONG_PER_S, WRONG_AT_ONCE)

    async def access(self, request: web.Request) -> TokenAccess | None:
        """What the request may do; None: its stream is open, and its token has ended meanwhile.

        Raises Refused: 401, 403 or 429 (RFC 6750, section 3.1), StoreError.
        """
        token = await self._tokens.find(_shown(request))
        if ACCESS in request:
            return token and _access(token, request[ACCESS].permissions)
        if token is None:
            raise self._unknown(request.remote or "")
        if wait_s := self._asked.take(token.name):
            raise _slow_down(wait_s)
        return _access(token, self._reached(request, token))

    def _reached(self, request: web.Request, token: Token) -> frozenset[Permission]:
        """The permission of the request's route, if the token's scopes reach it. Raises Refused."""
        route = request.match_info.route.name or ""
        permission, needed = self._permissions.get(route), self._needs.get(route)
        if permission is None:
            return frozenset()  # the gate says that there is no such route
        request[WHO] = token.actor
        if needed is None:
            raise Refused(403, "insufficient-scope", f"no token reaches {request.path}: it is for people")
        if not allows(token.scopes, needed):
            raise _insufficient(needed, token.scopes)
        return frozenset({permission})

    def _unknown(self, address: str) -> Refused:
        if wait_s := self._wrong.take(address):
            return _slow_down(wait_s)
        return _invalid("this token is unknown, has expired or is revoked: ask for another")


def _shown(request: web.Request) -> str:
    """The token in the one place where it may be: RFC 6750, section 2.1."""
    values = request.headers.getall("Authorization")
    if len(values) != 1 or not values[0].startswith(_SCHEME):
        raise _invalid("expected one header 'Authorization: Bearer wl_…': send it so")
    return values[0].removeprefix(_SCHEME)


def _access(token: Token, permissions: frozenset[Permission]) -> TokenAccess:
    return TokenAccess(User(token.actor, frozenset(), token.wards), permissions, View(token.wards))


def _invalid(message: str) -> Refused:
    return Refused(401, "invalid-token", message, {"WWW-Authenticate": 'Bearer error="invalid_token"'})


def _insufficient(needed: frozenset[Scope], held: frozenset[Scope]) -> Refused:
    told = f"expected the scopes {scope_text(needed)!r}, the token has {scope_text(held)!r}"
    challenge = f'Bearer error="insufficient_scope", scope="{scope_text(needed)}"'
    return Refused(403, "insufficient-scope", f"{told}: ask for another", {"WWW-Authenticate": challenge})


def _slow_down(wait_s: int) -> Refused:
    message = f"too many requests: try again in {wait_s} s"
    return Refused(429, "slow-down", message, {"Retry-After": str(wait_s)})
