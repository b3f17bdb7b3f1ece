"""Tokens for the clients of an API that is none: OAuth 2.0, client credentials (RFC 6749, 4.4 and 2.3.1)."""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import unquote_plus

from aiohttp import BasicAuth, web

CLIENT, SECRET = "wardlink", "a secret: of/the client"
"""Whom it gives tokens."""


@dataclass
class Grants:
    """What was granted. `now`: seconds since 1970."""

    now: Callable[[], float] = time.time
    tokens: dict[str, tuple[float, set[str]]] = field(default_factory=dict[str, tuple[float, set[str]]])
    """Until when each is good, and its scopes."""
    asked: list[str] = field(default_factory=list[str])
    """The operations, and after `token` those that were refused as `operation status code`."""
    token_s: float = 3600.0

    async def token(self, request: web.Request) -> web.Response:
        """The token endpoint."""
        form = await request.post()
        try:
            shown = BasicAuth.decode(request.headers.get("Authorization", ""), "utf-8")
        except ValueError:
            shown = BasicAuth("")
        if (unquote_plus(shown.login), unquote_plus(shown.password)) != (CLIENT, SECRET):
            self.asked.append("token 401 invalid_client")
            return web.json_response({"error": "invalid_client"}, status=401)
        if form.get("grant_type") != "client_credentials":
            return web.json_response({"error": "unsupported_grant_type"}, status=400)
        token = secrets.token_urlsafe(24)
        self.tokens[token] = self.now() + self.token_s, set(str(form.get("scope", "")).split())
        self.asked.append("token")
        return web.json_response(
            {"access_token": token, "token_type": "Bearer", "expires_in": int(self.token_s)},
            headers={"Cache-Control": "no-store"},
        )

    def scopes(self, request: web.Request) -> set[str] | None:
        """Those of the token that `request` shows; None: it shows none that is good now."""
        kind, _, token = request.headers.get("Authorization", "").partition(" ")
        until, scopes = self.tokens.get(token, (0.0, set[str]()))
        return scopes if kind == "Bearer" and self.now() < until else None
