"""The example service as a process: `python -m hil.sims.pgx --port 8610 --keys http://…/.well-known/jwks.json`.

It takes calls that show a JWT (ES384) signed by one of `--keys`, for the endpoint that is called.
"""

import argparse
import json
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
from aiohttp import web
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from hil.sims.pgx.cards import DISCOVERY, SERVICE, Lacking, cards


class Service:
    """`keys`: the address of the clients' JWK Set; `told`: a file for the feedback that comes."""

    def __init__(self, base: str, keys: str, told: Path | None) -> None:
        self._base = base
        self._keys = keys
        self._told = told

    async def discovery(self, request: web.Request) -> web.Response:
        """GET /cds-services."""
        await self._check(request)
        return web.json_response(DISCOVERY)

    async def call(self, request: web.Request) -> web.Response:
        """POST /cds-services/{id}."""
        await self._check(request)
        try:
            made = cards(await request.json(), lambda: str(uuid4()))
        except Lacking:
            return web.json_response({"error": "no genotypes were prefetched"}, status=412)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            return web.json_response({"error": f"no request of order-sign: {error}"}, status=400)
        return web.json_response({"cards": made})

    async def feedback(self, request: web.Request) -> web.Response:
        """POST /cds-services/{id}/feedback."""
        await self._check(request)
        body: Any = await request.json()
        if self._told is not None:
            with self._told.open("a", encoding="utf-8") as file:
                file.write(json.dumps(body) + "\n")
        return web.Response(status=200)

    async def _check(self, request: web.Request) -> None:
        text = request.headers.get("Authorization", "").removeprefix("Bearer ")
        async with aiohttp.ClientSession() as session, session.get(self._keys) as response:
            keys = KeySet.import_key_set(await response.json())
        try:
            token = jwt.decode(text, keys, algorithms=["ES384"])
            jwt.JWTClaimsRegistry(
                aud={"essential": True, "value": self._base + request.path}, exp={"essential": True}
            ).validate(token.claims)
        except (JoseError, ValueError) as error:
            raise web.HTTPUnauthorized(text=f"expected a JWT of a known client: {error}") from None


def main() -> None:
    """Serve until it is stopped."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--keys", required=True, help="the address of the clients' JWK Set")
    parser.add_argument("--feedback", type=Path, help="a file for what comes back")
    given = parser.parse_args()
    service = Service(f"http://127.0.0.1:{given.port}", given.keys, given.feedback)
    app = web.Application()
    app.router.add_get("/cds-services", service.discovery)
    app.router.add_post(f"/cds-services/{SERVICE}", service.call)
    app.router.add_post(f"/cds-services/{SERVICE}/feedback", service.feedback)
    web.run_app(app, host="127.0.0.1", port=given.port, print=None)


if __name__ == "__main__":
    main()
