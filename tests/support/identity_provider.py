"""An identity provider that does all as OpenID Connect Core 1.0 says, unless a test makes it lie.

async with provider_running() as provider:
    provider.people["anna"] = {"groups": ["ward-staff"]}
    provider.lie = lambda claims: claims | {"iss": "https://elsewhere.example"}

`python -m tests.support.identity_provider` runs one as a process of its own and prints its port.
"""

import asyncio
import hashlib
import secrets
import sys
import time
from base64 import urlsafe_b64encode
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlencode

from aiohttp import ClientSession, encode_basic_auth, web
from joserfc import jwt
from joserfc.jwk import RSAKey

Claims = dict[str, Any]
EVENT = "http://schemas.openid.net/event/backchannel-logout"
CLIENT_ID, CLIENT_SECRET = "wardlink test", "the secret: of/the client"


def new_key(kid: str) -> RSAKey:
    """A key for RS256."""
    return RSAKey.generate_key(2048, {"kid": kid, "use": "sig"})


_KEY = new_key("first")


class IdentityProvider:
    """Whoever comes is `who`, and is let in at once. What a test sets, it does."""

    def __init__(self) -> None:
        self.port = 0
        self.asked: Counter[str] = Counter()
        self._codes: dict[str, dict[str, str]] = {}
        self.tell_the_truth()

    def tell_the_truth(self) -> None:
        """As it is in the beginning."""
        self.who = "anna"
        self.people: dict[str, Claims] = {"anna": {"groups": ["ward-staff"]}}
        self.key = _KEY
        self.published: list[Any] = [_KEY.as_dict(private=False)]
        self.lie: Callable[[Claims], Claims] = dict
        """Changes the claims of an ID token before it is signed."""
        self.sign: Callable[[Claims], str] = self.signed
        self.discovery: Claims = {}
        self.callback: dict[str, str] = {}
        """Beside code and state, in the address that the browser is sent back to."""
        self.token_answer: Callable[[Claims], web.StreamResponse] = web.json_response
        self.sids: list[str] | None = None
        """Its names for the sessions that it began, if it tells them."""
        self.slow: set[str] = set()
        """Paths that answer after a long time."""

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def signed(self, claims: Claims, **header: Any) -> str:
        """As it is right."""
        return jwt.encode({"alg": "RS256", "kid": self.key.kid, **header}, claims, self.key)

    def rotate(self, kid: str) -> None:
        """From now on another key signs, and only that one is published."""
        self.key = new_key(kid)
        self.published = [self.key.as_dict(private=False)]

    @web.middleware
    async def watched(self, request: web.Request, handler: Any) -> web.StreamResponse:
        self.asked[request.path] += 1
        if request.path in self.slow:
            await asyncio.sleep(30)
        return await handler(request)

    async def configuration(self, _request: web.Request) -> web.StreamResponse:
        told = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize?tenant=1",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "end_session_endpoint": f"{self.issuer}/logout",
        }
        return web.json_response(told | self.discovery)

    async def keys(self, _request: web.Request) -> web.StreamResponse:
        return web.json_response({"keys": self.published})

    async def authorize(self, request: web.Request) -> web.StreamResponse:
        asked = dict(request.query)
        assert asked["tenant"] == "1"
        assert asked["response_type"] == "code"
        assert asked["client_id"] == CLIENT_ID
        assert asked["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(16)
        self._codes[code] = asked | {"who": self.who}
        back = {"code": code, "state": asked["state"]} | self.callback
        return web.Response(status=302, headers={"Location": f"{asked['redirect_uri']}?{urlencode(back)}"})

    async def token(self, request: web.Request) -> web.StreamResponse:
        form = dict(await request.post())
        account = encode_basic_auth("wardlink%20test", "the%20secret%3A%20of%2Fthe%20client")
        asked = self._codes.pop(str(form["code"]), None)
        digest = hashlib.sha256(str(form["code_verifier"]).encode()).digest()
        challenge = urlsafe_b64encode(digest).rstrip(b"=").decode()
        is_ours = request.headers["Authorization"] == account
        if asked is None or not is_ours or asked["code_challenge"] != challenge:
            return web.json_response({"error": "invalid_grant"}, status=400)
        assert form["redirect_uri"] == asked["redirect_uri"]
        return self.token_answer({"token_type": "Bearer", "id_token": self.sign(self._claims(asked))})

    def logout_claims(self, **said: Any) -> Claims:
        """Those of a right logout token (Back-Channel Logout 1.0, 2.4), but for `said`; None: left out."""
        now = int(time.time())
        claims: Claims = {"iss": self.issuer, "aud": CLIENT_ID, "iat": now, "exp": now + 120}
        claims |= {"jti": secrets.token_urlsafe(16), "events": {EVENT: {}}, "sub": "id-of-anna"}
        return {name: value for name, value in (claims | said).items() if value is not None}

    async def say_goodbye(self, request: web.Request) -> web.StreamResponse:
        """Log somebody out at `to`, server to server, as a test asks for it."""
        asked = await request.json()
        sid = self.sids[asked["session"]] if self.sids and "session" in asked else None
        token = self.signed(self.logout_claims(**asked["claims"], sid=sid), typ="logout+jwt")
        async with (
            ClientSession() as there,
            there.post(asked["to"], data={"logout_token": token}) as response,
        ):
            return web.json_response({"status": response.status, "told": await response.json()})

    def _claims(self, asked: dict[str, str]) -> Claims:
        now = int(time.time())
        who = {
            "sub": f"id-of-{asked['who']}",
            "preferred_username": asked["who"],
            **self.people[asked["who"]],
        }
        claims = {"iss": self.issuer, "aud": CLIENT_ID, "nonce": asked["nonce"], "iat": now, "exp": now + 300}
        if self.sids is not None:
            self.sids.append(secrets.token_urlsafe(8))
            who["sid"] = self.sids[-1]
        told = self.lie(claims | who)
        return {name: value for name, value in told.items() if value is not None}


@asynccontextmanager
async def provider_running() -> AsyncIterator[IdentityProvider]:
    """A provider on a free port."""
    provider = IdentityProvider()
    app = web.Application(middlewares=[provider.watched])
    app.router.add_get("/.well-known/openid-configuration", provider.configuration)
    app.router.add_get("/keys", provider.keys)
    app.router.add_get("/authorize", provider.authorize)
    app.router.add_post("/token", provider.token)
    app.router.add_post("/say-goodbye", provider.say_goodbye)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    provider.port = runner.addresses[0][1]
    try:
        yield provider
    finally:
        await runner.cleanup()


async def _run() -> None:
    async with provider_running() as provider:
        provider.sids = []
        provider.people["ben"] = {"groups": ["ward-staff"]}
        sys.stdout.write(f"{provider.port}\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_run())
