"""The sandbox's doors. `/orders` is for tests: a GET tells `movements`, `asked` and `outbox`; a POST may set
`callback` (where it calls; "": what it would say waits in `outbox`, signed as it would go out), `release`
(the slow ones are done) and `down` (it cuts every call).
"""

import asyncio
import hashlib
import hmac
import time
from dataclasses import asdict, dataclass, field
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import orjson
from aiohttp import web

from hil.sims.payments.cards import Behaviour
from hil.sims.payments.ledger import Ledger, Movement, Refusal

SKEW_S = 300
_CALL_S = 5


class Cut(Exception):
    """The connection is cut: no answer."""


@dataclass
class Sandbox:
    """Its state, and what it was ordered."""

    merchant: str
    secret: bytes
    callback: str = ""
    slow_s: float = 20.0
    ledger: Ledger = field(default_factory=Ledger)
    asked: list[str] = field(default_factory=list[str])
    outbox: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    down: bool = False
    released: asyncio.Event = field(default_factory=asyncio.Event)
    seen: set[str] = field(default_factory=set[str])
    """Keys that were asked for before."""
    calling: set[asyncio.Task[None]] = field(default_factory=set[asyncio.Task[None]])

    def app(self) -> web.Application:
        """Its doors."""
        app = web.Application(middlewares=[self._door])
        app.router.add_post("/v1/price", self._price)
        app.router.add_post("/v1/eligibility", self._eligibility)
        app.router.add_post("/v1/payments", self._pay)
        app.router.add_post("/v1/payments/{key}/cancel", self._cancel)
        app.router.add_post("/v1/payments/{key}/refund", self._refund)
        app.router.add_get("/v1/status/{key}", self._status)
        app.router.add_get("/orders", self._tell)
        app.router.add_post("/orders", self._obey)
        return app

    @web.middleware
    async def _door(self, request: web.Request, handler: Any) -> web.StreamResponse:
        if request.path == "/orders":
            return await handler(request)
        self.asked.append(f"{request.method} {request.path}")
        try:
            if self.down:
                raise Cut
            self._check(request, await request.read())
            return await handler(request)
        except Refusal as error:
            return web.json_response({"error": error.error}, status=error.status)
        except Cut:
            assert request.transport
            request.transport.abort()
            return web.Response(status=500)

    def _check(self, request: web.Request, body: bytes) -> None:
        headers = request.headers
        at, key = headers.get("Payment-Timestamp", "0"), headers.get("Idempotency-Key", "")
        if headers.get("Payment-Merchant") != self.merchant or abs(int(at) - time.time()) > SKEW_S:
            raise Refusal(401, "not-signed")
        right = self._signature(request.method, request.path, body, at, key)
        if not hmac.compare_digest(right, headers.get("Payment-Signature", "")):
            raise Refusal(401, "not-signed")

    def _signature(self, method: str, path: str, body: bytes, at: str, key: str) -> str:
        text = f"v1\n{method}\n{path}\n{self.merchant}\n{at}\n{key}\n{hashlib.sha256(body).hexdigest()}"
        return "v1=" + hmac.new(self.secret, text.encode(), "sha256").hexdigest()

    async def _price(self, request: web.Request) -> web.Response:
        return web.json_response(self.ledger.price(await request.json()))

    async def _eligibility(self, request: web.Request) -> web.Response:
        return web.json_response(self.ledger.eligibility(await request.json()))

    async def _pay(self, request: web.Request) -> web.Response:
        key, asked = request.headers["Idempotency-Key"], await request.json()
        does = self.ledger.behaviour(asked["card"])
        is_first = self._is_first(key)
        if is_first and does.lose_before:
            raise Cut
        if does.slow and is_first:
            self.ledger.begin(key, asked)
            await self._a_while()
        if is_first or key not in self.ledger.movements:
            self.ledger.pay(key, asked)
        return await self._answered(key, does, is_first=is_first)

    async def _refund(self, request: web.Request) -> web.Response:
        key, of = request.headers["Idempotency-Key"], request.match_info["key"]
        is_first = self._is_first(key)
        made = self.ledger.refund(of, key, await request.json())
        return await self._answered(key, self.ledger.behaviour(made.card), is_first=is_first)

    async def _cancel(self, request: web.Request) -> web.Response:
        return web.json_response(self.ledger.cancel(request.match_info["key"]).shown())

    async def _status(self, request: web.Request) -> web.Response:
        known = self.ledger.movements.get(request.match_info["key"])
        if known is None:
            raise Refusal(404, "unknown-key")
        return web.json_response(known.shown())

    async def _answered(self, key: str, does: Behaviour, *, is_first: bool) -> web.Response:
        made = self.ledger.movements[key]
        if is_first:
            if does.call_first:
                await self._call_back(made)
            else:
                task = asyncio.create_task(self._call_back(made, does.calls))
                self.calling.add(task)
                task.add_done_callback(self.calling.discard)
            if does.lose_after:
                raise Cut
        return web.json_response(made.shown())

    async def _call_back(self, made: Movement, times: int = 1) -> None:
        for _ in range(times):
            body, at = orjson.dumps(made.shown()), str(int(time.time()))
            path = urlsplit(self.callback).path or "/api/payments/callback"
            signature = self._signature("POST", path, body, at, "")
            headers = {"Payment-Timestamp": at, "Payment-Signature": signature}
            headers |= {"Payment-Merchant": self.merchant, "Content-Type": "application/json"}
            self.outbox.append({"headers": headers, "body": body.decode()})
            if self.callback:
                await self._post(body, headers)

    async def _post(self, body: bytes, headers: dict[str, str]) -> None:
        timeout = aiohttp.ClientTimeout(total=_CALL_S)
        async with aiohttp.ClientSession(timeout=timeout) as session:
            try:
                async with session.post(self.callback, data=body, headers=headers) as answer:
                    self.outbox[-1]["answer"] = answer.status
            except (aiohttp.ClientError, TimeoutError):
                self.outbox[-1]["answer"] = 0  # nobody is there: it does not call again

    async def _a_while(self) -> None:
        try:
            await asyncio.wait_for(self.released.wait(), self.slow_s)
        except TimeoutError:
            return

    def _is_first(self, key: str) -> bool:
        is_first = key not in self.seen
        self.seen.add(key)
        return is_first

    async def _tell(self, _request: web.Request) -> web.Response:
        movements = [asdict(one) for one in self.ledger.movements.values()]
        return web.json_response({"movements": movements, "asked": self.asked, "outbox": self.outbox})

    async def _obey(self, request: web.Request) -> web.Response:
        ordered = await request.json()
        self.callback = ordered.get("callback", self.callback)
        self.down = ordered.get("down", self.down)
        if ordered.get("release"):
            self.released.set()
        return web.json_response({})
