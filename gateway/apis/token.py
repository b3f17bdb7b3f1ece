"""The right to ask an API: a token by client credentials (RFC 6749, 4.4), kept while it is good."""

import asyncio
import base64
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote_plus, urlencode

from devices.model.observation import Instant, later
from gateway.apis.https import Answer
from gateway.errors import ApiRefused
from host.secrets import read_by_others

Post = Callable[[bytes, dict[str, str]], Awaitable[Answer]]
"""Sends a body with headers to the token endpoint."""
_EARLY_S = 30.0
_UNSAID_S = 300.0
"""The life of a token of which none is said."""
_CODE_LENGTH = 60
_CODE_SIGNS = set("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.abcdefghijklmnopqrstuvwxyz")


def error_code(body: bytes, name: str = "code") -> str:
    """The code that an error says; "": it says none. Whatever else stands there is not passed on."""
    try:
        told = json.loads(body)
    except ValueError:
        return ""
    code = told.get(name) if isinstance(told, dict) else None
    fits = isinstance(code, str) and len(code) <= _CODE_LENGTH and _CODE_SIGNS.issuperset(code)
    return str(code) if fits else ""


@dataclass(slots=True)
class Tokens:
    """`secret` is the file that the secret stands in: read each time, so a new one needs no new start."""

    client: str
    secret: Path
    scopes: str
    """With spaces; empty: none is asked for, and the server grants what it will."""
    post: Post
    now: Callable[[], Instant]
    _held: tuple[str, Instant] | None = field(default=None, repr=False)

    async def token(self) -> str:
        """One that is good now. Raises ApiRefused, Unreachable."""
        if self._held is None or self.now() >= self._held[1]:
            self._held = await self._fetch()
        return self._held[0]

    def forget(self) -> None:
        """It was not taken."""
        self._held = None

    async def _fetch(self) -> tuple[str, Instant]:
        asked = self.now()
        secret = await asyncio.to_thread(_read, self.secret)
        shown = f"{quote_plus(self.client)}:{quote_plus(secret)}"  # RFC 6749, 2.3.1
        headers = {
            "Authorization": f"Basic {base64.b64encode(shown.encode()).decode()}",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        scope = {"scope": self.scopes} if self.scopes else {}
        form = urlencode({"grant_type": "client_credentials", **scope})
        answer = await self.post(form.encode(), headers)
        if answer.status != 200:
            code = error_code(answer.body, "error") or "token"
            raise ApiRefused(answer.status, code, answer.retry_after_s)
        token, life_s = _token(answer.body)
        return token, later(asked, max(life_s - _EARLY_S, life_s / 2))


def _read(path: Path) -> str:
    """Raises ApiRefused: it cannot be read, or others can read it, too."""
    try:
        if read_by_others(path):
            raise ApiRefused(0, f"{path.name} can be read by others: chmod 600")
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ApiRefused(0, f"{path.name} cannot be read: give the file with the client's secret") from error


def _token(body: bytes) -> tuple[str, float]:
    """Access token and its life in seconds. Raises ApiRefused."""
    try:
        told = json.loads(body)
        token, kind, life = told["access_token"], told["token_type"], told.get("expires_in", _UNSAID_S)
        if not (isinstance(token, str) and token.isascii() and token.isprintable()):
            raise ValueError("no token")
        if str(kind).lower() != "bearer":
            raise ValueError("another kind of token")
        return token, float(life)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise ApiRefused(502, "BAD_TOKEN") from None  # what came may be a secret
