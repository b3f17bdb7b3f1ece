"""Rooms over HTTP: a page takes a seat, is told by server-sent events, says by POST, and goes.

The same for staff, whose visit stands in the path, and for who came in by a link, who has one visit.
"""

import logging
from dataclasses import asdict

import orjson
from aiohttp import web

from controller.api.answers import BadRequest, answer
from controller.api.auditing import record_access
from controller.api.bodies import read_body
from controller.api.context import context, user
from controller.api.events import HEADERS, abort, keep_unsent_short, taken
from controller.api.patients import own_sight
from controller.api.prescriptions_shown import by, now_ms
from controller.api.rooms_schemas import LeftBody, SaidBody, SeatBody, plain
from controller.api.visits_context import telemedicine
from controller.errors import Conflict, StoreError
from controller.imaging.sight import WHOLE
from controller.security.gate import ACCESS
from controller.telemedicine.access import VisitAccess
from controller.telemedicine.model import Visit
from controller.telemedicine.rooms.room import Heard, Said
from controller.telemedicine.rooms.seat import Json, Party, Seat
from controller.telemedicine.states import VisitState

SIGN_OF_LIFE_S = 5
_log = logging.getLogger(__name__)


async def join(request: web.Request) -> web.StreamResponse:
    """POST …/room/seats."""
    body, held, visit = await read_body(request, SeatBody), telemedicine(request), await visit_of(request)
    party = _party(request, visit)
    if party.part != "staff" and visit.state is not VisitState.IN_PROGRESS:
        raise Conflict("the visit has not begun: wait here")
    if party.part == "patient":
        await held.consents.check(visit, "video")
    seat = await held.rooms.join(visit, body.instance, party, by(request))
    lines = [asdict(line) for line in await held.rooms.talk.of(visit.id)]
    told = {"epoch": held.rooms.room(visit.number).epoch, "seat": seat.number}
    begins = seat.told - len(seat.queue)
    whose = None if party.part == "guest" else visit.identifier
    more = {"told": begins, "talk": lines, "ice": _relays(request, visit, seat)}
    return answer({"patient": whose, "server_ms": now_ms(request), **told, **more})


async def events(request: web.Request) -> web.StreamResponse:
    """GET …/room/events: what a seat is told, from Last-Event-ID or `after` on."""
    visit, (number, after) = await visit_of(request), _asked(request)
    seat = telemedicine(request).rooms.room(visit.number).find(number, user(request).name)
    await record_access(request, () if is_guest(request) else {visit.identifier})
    response = web.StreamResponse(headers=HEADERS)
    await response.prepare(request)
    keep_unsent_short(request)
    try:
        await _tell(request, response, visit, seat, after)
    except (TimeoutError, StoreError):
        abort(request)
    except ConnectionError:
        _log.debug("%s went away: it comes back, or its seat is taken away", request.remote)
    return response


async def say(request: web.Request) -> web.StreamResponse:
    """POST …/room/said."""
    body, held, visit = await read_body(request, SaidBody), telemedicine(request), await visit_of(request)
    seat = held.rooms.room(visit.number).find(body.seat, user(request).name)
    said = [Said(one.to, plain(one.body)) for one in body.said]
    await held.rooms.hear(visit, seat, Heard(body.epoch, body.first, said))
    seat.confirm(body.confirms)
    return answer({"heard": seat.heard})


async def leave(request: web.Request) -> web.StreamResponse:
    """POST …/room/left."""
    body, held, visit = await read_body(request, LeftBody), telemedicine(request), await visit_of(request)
    held.rooms.room(visit.number).find(body.seat, user(request).name)
    await held.rooms.leave(visit.number, body.seat, by(request))
    return web.Response(status=204)


async def _tell(
    request: web.Request, response: web.StreamResponse, visit: Visit, seat: Seat, after: int
) -> None:
    """Until the seat, or the right to it, is gone. Raises TimeoutError, ConnectionError, StoreError."""
    rooms, find = telemedicine(request).rooms, context(request).find
    while (told := await rooms.wait(visit.number, seat, after, SIGN_OF_LIFE_S)) is not None:
        access = await find(request)
        if access is None or access.user.name != seat.party.actor:
            return
        for number, message in told:
            await taken(request, response.write(_as_event(number, message)))
            after = number
        if not told:
            await taken(request, response.write(b": here\n\n"))


def _as_event(number: int, message: Json) -> bytes:
    return b"id: %d\ndata: %b\n\n" % (number, orjson.dumps(message))


async def visit_of(request: web.Request) -> Visit:
    """Staff's, of their own wards' patients or their own, or the one that somebody came into; the broken
    glass lets a person look into the record, not sit in the room. Raises NotFound."""
    held, access = telemedicine(request), request[ACCESS]
    if isinstance(access, VisitAccess):
        return await held.books.find(access.visit, WHOLE)
    return await held.books.find(request.match_info["visit"], await own_sight(request), user(request).name)


def _relays(request: web.Request, visit: Visit, seat: Seat) -> list[Json]:
    """For whoever has a seat, and for nobody else."""
    relay = telemedicine(request).relay
    utc_s = context(request).clock.utc_us() // 1_000_000
    return [relay.server(f"{visit.number}-{seat.number}", utc_s)] if relay else []


def _party(request: web.Request, visit: Visit) -> Party:
    access = request[ACCESS]
    if isinstance(access, VisitAccess):
        return Party(access.user.name, visit.name if access.is_patient else access.name, access.guest)
    return Party(access.user.name, access.user.name, "staff")


def is_guest(request: web.Request) -> bool:
    """Whether somebody asks whom staff invited, who is not told whose visit it is."""
    access = request[ACCESS]
    return isinstance(access, VisitAccess) and not access.is_patient


def _asked(request: web.Request) -> tuple[int, int]:
    try:
        after = request.headers.get("Last-Event-ID") or request.query["after"]
        return int(request.query["seat"]), int(after)
    except (KeyError, ValueError):
        raise BadRequest("expected seat and after as numbers, as the seat was answered: join again") from None
