"""The sandbox's doors. `/orders` is for tests: a GET tells `movements`, `asked` and `outbox`; a POST may set
`callback` (where it calls; "": what it would say waits in `outbox`, signed as it would go out), `back`
(where people go back to), `release` (the slow ones are done) and `down` (it cuts every call).
"""

import asyncio
import hashlib
import hmac
import time
from collections.abc import Coroutine
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import orjson
from aiohttp import web

from hil.sims.payments.cards import Behaviour
from hil.sims.payments.checkout import Checkout
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
    checkout: Checkout | None = None
    """Its own pages, on which people pay; None: what is asked for is taken from the insurance's card."""
    kept: Path | None = None
    """Where its books are for the next start; None: they end with it."""
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
        if self.checkout:
            app.router.add_get("/pay/{page}", self._form)
            app.router.add_post("/pay/{page}", self._filled)
        app.router.add_get("/orders", self._tell)
        app.router.add_post("/orders", self._obey)
        return app

    @web.middleware
    async def _door(self, request: web.Request, handler: Any) -> web.StreamResponse:
        if request.path == "/orders" or request.path.startswith("/pay/"):
            return self._saved(await handler(request))
        self.asked.append(f"{request.method} {request.path}")
        try:
            if self.down:
                raise Cut
            self._check(request, await request.read())
            return self._saved(await handler(request))
        except Refusal as error:
            return web.json_response({"error": error.error}, status=error.status)
        except Cut:
            assert request.transport
            request.transport.abort()
            return web.Response(status=500)

    def _saved(self, answer: web.StreamResponse) -> web.StreamResponse:
        if self.kept:
            self.ledger.save(self.kept)
        return answer

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
        if self.checkout and asked["amount_minor"]:
            self.ledger.begin(key, asked)
            return self._shown(key)
        does = self.ledger.behaviour(asked["card"]) if "card" in asked else Behaviour()
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
        key = request.match_info["key"]
        if key not in self.ledger.movements:
            raise Refusal(404, "unknown-key")
        return self._shown(key)

    def _shown(self, key: str) -> web.Response:
        """How `key` stands, with the page on which it may be paid."""
        made = self.ledger.movements[key]
        return web.json_response({**made.shown(), **(self.checkout.page_of(made) if self.checkout else {})})

    async def _form(self, request: web.Request) -> web.Response:
        assert self.checkout
        made = self.checkout.movement(self.ledger, request.match_info["page"])
        return self.checkout.form(made) if made else web.Response(status=404)

    async def _filled(self, request: web.Request) -> web.Response:
        """The card's number is typed here, and nowhere else."""
        assert self.checkout
        made = self.checkout.movement(self.ledger, request.match_info["page"])
        if made is None:
            return web.Response(status=404)
        said = self.checkout.fill(self.ledger, made, str((await request.post()).get("card", "")))
        if said == "slow":
            self._keep(self._later(made.key))
        elif said == "settled":
            await self._call_back(self.ledger.movements[made.key])
        return self.checkout.form(self.ledger.movements[made.key], said)

    async def _later(self, key: str) -> None:
        await self._a_while()
        card = self.ledger.movements[key].card
        made = self.ledger.pay(key, {**self.ledger.movements[key].shown(), "card": card})
        if self.kept:
            self.ledger.save(self.kept)
        await self._call_back(made)

    def _keep(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self.calling.add(task)
        task.add_done_callback(self.calling.discard)

    async def _answered(self, key: str, does: Behaviour, *, is_first: bool) -> web.Response:
        made = self.ledger.movements[key]
        if is_first:
            if does.call_first:
                await self._call_back(made)
            else:
                self._keep(self._call_back(made, does.calls))
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
        if self.checkout:
            self.checkout.back = ordered.get("back", self.checkout.back)
        if ordered.get("release"):
            self.released.set()
        return web.json_response({})
