"""The listener for partner sites: an application of its own, over mutual TLS, that serves nothing else.

A connection is of a partner if its certificate was verified by that partner's root and names that site; it
is looked up at every request, so that who is suspended is out at once.
"""

import asyncio
import logging
import sqlite3
import ssl

import orjson
from aiohttp import web
from aiohttp.typedefs import Handler
from pydantic import ValidationError

from controller.errors import Conflict, NotFound, StoreError
from controller.identity.certificates import By
from controller.identity.sites import let_in, shown
from controller.partners.book import PartnerBook, active
from controller.partners.contacts import heard
from controller.partners.inbox import Arrived, Delivery, OutOfOrder, Replayed, receive
from controller.partners.messages import LARGEST, TOPICS, WayInAsked, read_message
from controller.partners.model import Partner, Receipt
from controller.partners.sender import LOOK_S, PATH
from controller.partners.states import PartnerState
from controller.partners.taking import Taking
from controller.partners.ways import WaysIn
from controller.security.buckets import Buckets

PER_S, AT_ONCE = 50, 200
"""Requests of one partner."""
_PARTNER: web.RequestKey[Partner] = web.RequestKey("partner", Partner)

log = logging.getLogger(__name__)


def answer(status: int, **told: object) -> web.Response:
    """A JSON object."""
    return web.Response(body=orjson.dumps(told), status=status, content_type="application/json")


def refusal(status: int, code: str, message: str, **more: object) -> web.Response:
    """In the shape that the API has."""
    return answer(status, error={"code": code, "message": message}, **more)


class Door:
    """What partners reach. `ways`: into conferences here; `pages`: where browsers find this site ("": nobody
    said so)."""

    def __init__(self, book: PartnerBook, taking: Taking, ways: WaysIn, pages: str) -> None:
        self._book = book
        self._pages = pages
        self._taking = taking
        self._ways = ways
        self._calls = Buckets(book.clock, PER_S, AT_ONCE)
        self._let_in: set[bytes] = set()

    def app(self) -> web.Application:
        """The application; only for connections of `let_in`'s context."""
        app = web.Application(middlewares=[self._known], client_max_size=LARGEST)
        app.router.add_post(f"{PATH}/hello", self._hello)
        app.router.add_post(f"{PATH}/ways-in", self._way_in)
        app.router.add_post(
            f"{PATH}/{{life:[0-9a-f]{{16}}}}/{{topic}}/{{number:[0-9]{{1,15}}}}", self._message
        )
        return app

    async def let_in(self, context: ssl.SSLContext) -> None:
        """The roots of all who may connect. Who ended is refused by each request. Raises StoreError."""
        for partner in await self._book.listed():
            if partner.state is PartnerState.ACTIVE and partner.root not in self._let_in:
                let_in(context, partner.root)
                self._let_in.add(partner.root)

    async def keep_letting_in(self, context: ssl.SSLContext) -> None:
        """Until cancelled: who becomes a partner gets in within a second. Raises StoreError."""
        while True:
            await self.let_in(context)
            await asyncio.sleep(LOOK_S)

    @web.middleware
    async def _known(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            partner = await self._partner(request)
            if partner is None:
                return refusal(403, "not-a-partner", "your certificate is of no partner of this site")
            if partner.state is not PartnerState.ACTIVE:
                return refusal(403, "not-active", f"the partnership is {partner.state} on this side")
            if wait_s := self._calls.take(partner.site):
                return refusal(429, "slow-down", f"too many requests: try again in {wait_s} s")
            request[_PARTNER] = partner
            return await handler(request)
        except StoreError as error:
            log.error("%s: %s", request.path, error)
            return refusal(503, "store", "this cannot be kept now: send it again later")
        except web.HTTPRequestEntityTooLarge:
            return refusal(413, "too-large", f"expected at most {LARGEST} bytes")

    async def _partner(self, request: web.Request) -> Partner | None:
        connection = request.get_extra_info("ssl_object")
        if not isinstance(connection, ssl.SSLObject):
            return None
        site, root = shown(connection)
        try:
            partner = await self._book.find(site)
        except NotFound:
            return None
        return partner if partner.root == root else None

    async def _hello(self, request: web.Request) -> web.Response:
        partner = request[_PARTNER]
        await self._book.store.write(lambda db: heard(db, partner, self._book.utc_ms()))
        return answer(200, site=self._book.own.site, name=self._book.own.name)

    async def _message(self, request: web.Request) -> web.Response:
        where, raw, partner = request.match_info, await request.read(), request[_PARTNER]
        if where["topic"] not in TOPICS or int(where["number"]) < 1:
            return refusal(
                404, "not-found", f"expected a topic of {', '.join(TOPICS)} and a number from 1 on"
            )
        at = Delivery(where["life"], where["topic"], int(where["number"]))
        arrived = Arrived(at, raw, *read_message(at.topic, raw))
        try:
            receipt = await self._receive(partner, arrived)
        except OutOfOrder as error:
            return refusal(412, "out-of-order", str(error), expects=error.expects)
        except Replayed as error:
            by, why = By(partner.actor, request.remote or "", str(error)), "partner-replayed"
            await self._book.store.write(lambda db: self._book.note(db, why, partner, by, "refused"))
            return refusal(409, "replayed", str(error))
        return answer(200, number=receipt.number, outcome=receipt.outcome, reason=receipt.reason)

    async def _receive(self, partner: Partner, arrived: Arrived) -> Receipt:
        clock = self._book.clock

        def work(db: sqlite3.Connection) -> Receipt:
            heard(db, partner, clock.utc_us() // 1000)
            now = active(db, partner.site)
            return receive(db, now, arrived, self._taking.takes, clock.utc_us())

        return await self._book.store.write(work)

    async def _way_in(self, request: web.Request) -> web.Response:
        partner = request[_PARTNER]
        try:
            asked = WayInAsked.model_validate_json(await request.read())
        except ValidationError:
            return refusal(400, "bad-request", "expected number and name of who wants in")
        if not self._pages:
            return refusal(
                409, "conflict", "this site does not say where its pages are: ask its administrator"
            )
        try:
            token = await self._ways.give(partner, asked, request.remote or "")
        except NotFound as error:
            return refusal(404, "not-found", str(error))
        except Conflict as error:
            return refusal(409, "conflict", str(error))
        return answer(200, address=f"{self._pages}/partner-room#{token}")
