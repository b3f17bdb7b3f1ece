"""Conferences of experts inside the application: their parts, who asks, and what their rooms are told."""

import sqlite3
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from controller.api.answers import BadRequest
from controller.api.conferences_images import image_takers
from controller.api.context import CONTEXT, user
from controller.api.visits_context import TELEMEDICINE, telemedicine
from controller.conferences.model import Conference, Known, Person, person_of
from controller.conferences.room import LETTERS
from controller.conferences.service import ConferenceService
from controller.conferences.states import ConferenceState
from controller.signing.model import Signed
from controller.telemedicine.rooms.room import Room
from controller.telemedicine.rooms.seat import Json, Seat
from controller.telemedicine.rooms.service import Taker

CONFERENCES = web.AppKey("conferences", ConferenceService)
_HAVE_ROOMS = frozenset({ConferenceState.BOOKED, ConferenceState.IN_PROGRESS})


def add_conferences(app: web.Application) -> None:
    """After the visits, whose rooms they use."""
    parts = app[CONTEXT]

    def check(db: sqlite3.Connection, person: str, document: Mapping[str, Any], jws: str) -> Signed:
        return parts.signatures.check(db, person, document, jws)

    made = ConferenceService(parts.store, parts.clock, check, parts.prescriptions.books)
    rooms = app[TELEMEDICINE].rooms
    rooms.kinds[LETTERS] = made.rooms
    rooms.takers |= {"hand": _hand, "hush": _hushing(made), **image_takers(made)}
    app[TELEMEDICINE].marking.images[LETTERS] = made.images
    app[CONFERENCES] = made


def service(request: web.Request) -> ConferenceService:
    """The application's."""
    return request.config_dict[CONFERENCES]


def who(request: web.Request) -> Person:
    """Who asks, of whichever site."""
    return person_of(user(request).name)


async def found(request: web.Request) -> Conference:
    """The conference in the path, if who asks was asked to it. Raises NotFound."""
    return await service(request).books.find(request.match_info["number"], who(request))


def known(request: web.Request, over: int) -> Known:
    """The conference in the path, at the revision that is to be replaced."""
    return Known(request.match_info["number"], over)


def number_of(request: web.Request, name: str) -> int:
    """A number in the path. Raises BadRequest."""
    text = request.match_info[name]
    if not (text.isascii() and text.isdecimal() and len(text) <= 15):
        raise BadRequest(f"expected {name} as a number, got {text!r:.40}")
    return int(text)


async def tell_room(request: web.Request, conference: Conference) -> None:
    """The pages in the room ask anew; those of a conference that is over have to go."""
    rooms = telemedicine(request).rooms
    if conference.state in _HAVE_ROOMS:
        await rooms.tell(conference.number, {"kind": "conference", "revision": conference.revision})


async def _hand(room: Room, seat: Seat, body: Json) -> None:
    """Somebody asks to speak, or not any more: everybody sees it."""
    room.tell_all({"kind": "hand", "seat": seat.number, "up": body["up"]})


def _hushing(conferences: ConferenceService) -> Taker:
    async def hush(room: Room, seat: Seat, body: Json) -> None:
        """The chair asks a page to turn its microphone off; the page's person does, or does not."""
        rows = await conferences.books.of(person_of(seat.party.actor))
        here = next((one for one in rows if one.number == room.name), None)
        if here is None or here.chair.person.actor != seat.party.actor:
            seat.tell({"kind": "not-chair"})
        elif (to := room.seats.get(body["seat"])) is not None:
            to.tell({"kind": "hush"})

    return hush
