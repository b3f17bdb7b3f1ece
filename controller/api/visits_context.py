"""Visits by video inside the application: their parts, and who came in by a link."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass

from aiohttp import web

from controller.api.context import CONTEXT
from controller.api.logins import read_secret
from controller.api.media_context import add_media
from controller.api.snapshots_context import add_snapshots
from controller.sections import TelemedicineSection
from controller.security.buckets import Buckets
from controller.security.gate import ACCESS
from controller.shards.duty import on_duty
from controller.telemedicine.access import VisitAccess, VisitSessions
from controller.telemedicine.books import Books
from controller.telemedicine.checklists.service import Checklists
from controller.telemedicine.consents import Consents
from controller.telemedicine.links import Links
from controller.telemedicine.marks.service import Marking
from controller.telemedicine.relay import Relay
from controller.telemedicine.rooms.meeting import OfVisits
from controller.telemedicine.rooms.mode import USUAL, Way
from controller.telemedicine.rooms.service import Rooms
from controller.telemedicine.visits import Visits

PER_S, AT_ONCE = 0.2, 30
"""Codes that one address may try."""


@dataclass(frozen=True, slots=True)
class Telemedicine:
    """What the handlers work with."""

    books: Books
    visits: Visits
    consents: Consents
    links: Links
    rooms: Rooms
    marking: Marking
    checklists: Checklists
    sessions: VisitSessions
    tries: Buckets
    relay: Relay | None


TELEMEDICINE = web.AppKey("telemedicine", Telemedicine)


def add_visits(app: web.Application, section: TelemedicineSection | None) -> None:
    """After the context is there; None: there is neither a relay nor a server for pictures.

    Raises ConfigError: the relay's secret cannot be used."""
    relay = None
    if section and section.secret_file:
        relay = Relay(section.turn, read_secret(section.secret_file))
    clock = app[CONTEXT].clock
    books = Books(app[CONTEXT].store, clock)
    way = Way(mesh=section.mesh) if section else USUAL
    rooms = Rooms(books.store, clock, secrets.token_hex(8), way)
    rooms.kinds["TV"] = OfVisits(books)
    drawn = Marking(rooms, books.store, clock), Checklists(rooms, books.store, clock)
    parts = Visits(books), Consents(books), Links(books), rooms, *drawn, VisitSessions(books)
    app.cleanup_ctx.append(_kept_rooms)
    add_snapshots(app, books)
    if section:
        add_media(app, section, rooms)
    app.on_shutdown.append(lambda _: rooms.stop())
    app[TELEMEDICINE] = Telemedicine(books, *parts, Buckets(clock, PER_S, AT_ONCE), relay)


async def _kept_rooms(app: web.Application) -> AsyncIterator[None]:
    rooms = app[TELEMEDICINE].rooms

    async def begin() -> None:
        await rooms.restore(secrets.token_hex(8))

    async def run() -> None:
        try:
            await rooms.run()
        except asyncio.CancelledError:  # it is another's turn: pages come back, and are passed on to that
            await rooms.stop()
            raise

    async with on_duty(app, "rooms", run, begin):
        yield


def telemedicine(request: web.Request) -> Telemedicine:
    """The application's."""
    return request.config_dict[TELEMEDICINE]


def visitor(request: web.Request) -> VisitAccess:
    """Who came in by a link. Only for routes with Permission.JOIN_VISIT, which nobody else passes."""
    access = request[ACCESS]
    if not isinstance(access, VisitAccess):
        raise TypeError(
            f"expected who came in by a link, got {type(access).__name__}: the route's permission"
        )
    return access
