"""Rooms over HTTP: a page takes a seat, is told by server-sent events, says by POST, and goes.

    _WAYS = Ways(comer)             # comer(request): who asks, for which meeting's room
    TABLE = room_routes("/api/visits/{visit}", "visit", Permission.READ_VISITS, "a visit", _WAYS)

The same for every kind of meeting, and for everybody: who they are and what they may is the comer's.
"""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass

import orjson
from aiohttp import web

from controller.api import rooms_schemas as schemas
from controller.api.answers import BadRequest, answer
from controller.api.auditing import record_access
from controller.api.bodies import read_body
from controller.api.context import context
from controller.api.events import HEADERS, abort, keep_unsent_short, taken
from controller.api.prescriptions_shown import by, now_ms
from controller.api.route import Query, Route
from controller.api.visits_context import telemedicine
from controller.errors import StoreError
from controller.security.permissions import Permission
from controller.telemedicine.rooms.room import Heard, Said
from controller.telemedicine.rooms.seat import Json, Party, Seat

SIGN_OF_LIFE_S = 5
_MOMENT = {"type": "integer", "minimum": 0}
SEAT = Query("seat", "the seat, as it was answered", _MOMENT)
_AFTER = Query("after", "the number of what it was told last", _MOMENT)
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Comer:
    """Who asks, for the room of which meeting."""

    number: str
    """The meeting's: TV00000001."""
    party: Party
    patients: frozenset[str]
    """Of whom something is shown to this one there."""
    check: Callable[[], Awaitable[None]]
    """Whether this one may take a seat now. Raises Conflict: why not."""

    @property
    def patient(self) -> str | None:
        """The one whom it is about, if it is about one, and this one may know."""
        return next(iter(self.patients)) if len(self.patients) == 1 else None


Find = Callable[[web.Request], Awaitable[Comer]]
"""Raises NotFound: there is no such meeting for who asks."""


class Ways:
    """The handlers for rooms whose comers `find` finds."""

    def __init__(self, find: Find) -> None:
        self._find = find

    async def join(self, request: web.Request) -> web.StreamResponse:
        """POST …/room/seats."""
        body, rooms = await read_body(request, schemas.SeatBody), telemedicine(request).rooms
        comer = await self._find(request)
        await comer.check()
        seat = await rooms.join(comer.number, body.instance, comer.party, by(request))
        lines = [asdict(line) for line in await rooms.talk.of(comer.number)]
        told = {"epoch": rooms.room(comer.number).epoch, "seat": seat.number}
        begins = seat.told - len(seat.queue)
        more = {"told": begins, "talk": lines, "ice": _relays(request, comer.number, seat)}
        return answer({"patient": comer.patient, "server_ms": now_ms(request), **told, **more})

    async def events(self, request: web.Request) -> web.StreamResponse:
        """GET …/room/events: what a seat is told, from Last-Event-ID or `after` on."""
        (place, after), comer = _asked(request), await self._find(request)
        seat = telemedicine(request).rooms.room(comer.number).find(place, comer.party.actor)
        await record_access(request, comer.patients)
        response = web.StreamResponse(headers=HEADERS)
        await response.prepare(request)
        keep_unsent_short(request)
        try:
            await _tell(request, response, (comer.number, seat), after)
        except (TimeoutError, StoreError):
            abort(request)
        except ConnectionError:
            _log.debug("%s went away: it comes back, or its seat is taken away", request.remote)
        return response

    async def say(self, request: web.Request) -> web.StreamResponse:
        """POST …/room/said."""
        body, rooms = await read_body(request, schemas.SaidBody), telemedicine(request).rooms
        comer = await self._find(request)
        seat = rooms.room(comer.number).find(body.seat, comer.party.actor)
        said = [Said(one.to, schemas.plain(one.body)) for one in body.said]
        await rooms.hear(comer.number, seat, Heard(body.epoch, body.first, said))
        seat.confirm(body.confirms)
        return answer({"heard": seat.heard})

    async def leave(self, request: web.Request) -> web.StreamResponse:
        """POST …/room/left."""
        body, rooms = await read_body(request, schemas.LeftBody), telemedicine(request).rooms
        comer = await self._find(request)
        rooms.room(comer.number).find(body.seat, comer.party.actor)
        await rooms.leave(comer.number, body.seat, by(request))
        return web.Response(status=204)


# fmt: off
def room_routes(
    base: str, prefix: str, permission: Permission, whose: str, ways: Ways
) -> tuple[Route, ...]:
    """The ways into a room, under `base`; `prefix` of the names of its routes; `whose`: for people."""
    seat, path = f"{prefix}-room-", f"{base}/room"
    return (
        Route("POST", f"{path}/seats", f"{seat}join", ways.join, permission,
              f"Take a seat in the room of {whose}; the same page has the same seat again",
              body=schemas.SeatBody, answer=schemas.SeatAnswer, refusals=(400, 404, 409, 503)),
        Route("GET", f"{path}/events", f"{seat}events", ways.events, permission,
              "What the seat is told (server-sent events); it goes on after Last-Event-ID",
              media="text/event-stream", query=(SEAT, _AFTER), refusals=(400, 404, 412, 503)),
        Route("POST", f"{path}/said", f"{seat}say", ways.say, permission,
              "Say something to a seat, or to the room; confirm what one was told",
              body=schemas.SaidBody, answer=schemas.HeardAnswer, refusals=(400, 404, 409, 412, 503)),
        Route("POST", f"{path}/left", f"{seat}leave", ways.leave, permission, "Go",
              body=schemas.LeftBody, refusals=(400, 404, 412, 503)),
    )
# fmt: on


async def _tell(
    request: web.Request, response: web.StreamResponse, where: tuple[str, Seat], after: int
) -> None:
    """Until the seat, or the right to it, is gone. Raises TimeoutError, ConnectionError, StoreError."""
    rooms, find, (number, seat) = telemedicine(request).rooms, context(request).find, where
    while (told := await rooms.wait(number, seat, after, SIGN_OF_LIFE_S)) is not None:
        access = await find(request)
        if access is None or access.user.name != seat.party.actor:
            return
        for at, message in told:
            await taken(request, response.write(_as_event(at, message)))
            after = at
        if not told:
            await taken(request, response.write(b": here\n\n"))


def _as_event(at: int, message: Json) -> bytes:
    return b"id: %d\ndata: %b\n\n" % (at, orjson.dumps(message))


def _relays(request: web.Request, number: str, seat: Seat) -> list[Json]:
    """For whoever has a seat, and for nobody else."""
    relay = telemedicine(request).relay
    utc_s = context(request).clock.utc_us() // 1_000_000
    return [relay.server(f"{number}-{seat.number}", utc_s)] if relay else []


def _asked(request: web.Request) -> tuple[int, int]:
    try:
        after = request.headers.get("Last-Event-ID") or request.query["after"]
        return int(request.query["seat"]), int(after)
    except (KeyError, ValueError):
        raise BadRequest("expected seat and after as numbers, as the seat was answered: join again") from None
