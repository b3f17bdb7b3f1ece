"""Marks in a room over HTTP: what is drawn there, for who comes late, and frozen pictures, which are too
large to be said. What is drawn is said to the room as everything is (api/rooms.py).

    TABLE = mark_routes("/api/visits/{visit}", "visit", Permission.READ_VISITS, "a visit", comer)

Whoever has a seat sees them; who comes in by a link has nothing without one.
"""

from collections.abc import AsyncIterable

from aiohttp import web

from controller.api import room_marks_schemas as schemas
from controller.api.answers import BadRequest, answer
from controller.api.rooms import SEAT, Find
from controller.api.route import Query, Route
from controller.api.visits_context import telemedicine
from controller.errors import Conflict
from controller.imaging.errors import CannotDecode
from controller.imaging.stills import jpeg
from controller.security.gate import Refused
from controller.security.permissions import Permission
from controller.telemedicine.checklists.library import library
from controller.telemedicine.marks.stills import LARGEST, Still
from controller.telemedicine.rooms.room import Room
from controller.telemedicine.rooms.seat import Seat

JPEG = "image/jpeg"
OF = Query("of", "the seat whose picture it is", {"type": "integer", "minimum": 0})
_MOST_SIDE = 4096
_SHORTEST, _LONGEST = 22, 64


class MarkWays:
    """The handlers for rooms whose comers `find` finds."""

    def __init__(self, find: Find) -> None:
        self._find = find

    async def marks(self, request: web.Request) -> web.StreamResponse:
        """GET …/room/marks."""
        held, (room, seat) = telemedicine(request), await self._seated(request)
        stills = [one.told for one in held.marking.stills.of(room.name)]
        lists = [{"id": one.id, "words": one.words} for one in library().values()]
        told = {"guests": await held.marking.guests_may(room.name), "stills": stills, "lists": lists}
        drawn = await held.marking.of(room.name, seat.party.actor)
        image = await held.marking.image(room.name, seat.party.actor)
        more = {"image": image, "checklist": await held.checklists.of(room.name)}
        return answer({**told, "marks": drawn, **more})

    async def freeze(self, request: web.Request) -> web.StreamResponse:
        """PUT …/room/stills/{still}: all see this picture instead of the live one."""
        held, (room, seat), of = telemedicine(request), await self._seated(request), number(request, "of")
        if not await held.marking.may(room, seat):
            raise Refused(403, "not-allowed", "expected somebody who may draw here: ask the staff")
        if of not in room.seats:
            raise Conflict(f"there is no seat {of} here any more: look again")
        name, data = _name(request), checked(await body_of(request))
        who = seat.number, seat.party.actor, seat.party.name
        await held.marking.freeze(room, Still(name, of, *who, data))
        return web.Response(status=204)

    async def still(self, request: web.Request) -> web.StreamResponse:
        """GET …/room/stills/{still}."""
        room, _ = await self._seated(request)
        found = telemedicine(request).marking.stills.find(room.name, request.match_info["still"])
        return web.Response(body=found.jpeg, content_type=JPEG, headers={"Cache-Control": "no-store"})

    async def _seated(self, request: web.Request) -> tuple[Room, Seat]:
        """Raises NotFound; BadRequest; Outdated: there is no such seat."""
        comer = await self._find(request)
        room = telemedicine(request).rooms.room(comer.number)
        return room, room.find(number(request, "seat"), comer.party.actor)


# fmt: off
def mark_routes(
    base: str, prefix: str, permission: Permission, whose: str, find: Find
) -> tuple[Route, ...]:
    """As room_routes (api/rooms.py), for what is drawn there."""
    ways, name, stills = MarkWays(find), f"{prefix}-room-", f"{base}/room/stills/{{still}}"
    return (
        Route("GET", f"{base}/room/marks", f"{name}marks", ways.marks, permission,
              f"What is drawn in the room of {whose}, its frozen pictures, and the checklist that is on",
              answer=schemas.MarksAnswer, query=(SEAT,), refusals=(400, 404, 412, 503)),
        Route("PUT", stills, f"{name}freeze", ways.freeze, permission,
              "Freeze a picture, so that all draw on the same pixels; it is kept in memory, not recorded",
              takes=JPEG, query=(SEAT, OF), refusals=(400, 403, 404, 409, 412, 503)),
        Route("GET", stills, f"{name}still", ways.still, permission, "A frozen picture", media=JPEG,
              query=(SEAT,), refusals=(400, 404, 412, 503)),
    )
# fmt: on


def checked(data: bytes) -> bytes:
    """A plain JPEG of a picture from a camera, by its headers. Raises BadRequest."""
    try:
        header = jpeg.read(data)
    except CannotDecode as error:
        raise BadRequest(str(error)) from None
    if not header.is_plain or max(header.rows, header.columns) > _MOST_SIDE:
        raise BadRequest(f"expected a baseline JPEG of at most {_MOST_SIDE} pixels a side, got another")
    return data


async def body_of(request: web.Request) -> bytes:
    """Raises BadRequest: it is no JPEG, or too large."""
    if request.content_type != JPEG:
        raise BadRequest(f"expected Content-Type {JPEG}, got {request.content_type!r:.60}")
    return await capped(request.content.iter_any())


async def capped(chunks: AsyncIterable[bytes]) -> bytes:
    """As much as a picture may have. Raises BadRequest."""
    data = bytearray()
    async for chunk in chunks:
        data += chunk
        if len(data) > LARGEST:
            raise BadRequest(f"expected a picture of at most {LARGEST} bytes, got more")
    return bytes(data)


def number(request: web.Request, name: str) -> int:
    """A parameter of the query. Raises BadRequest."""
    text = request.query.get(name, "")
    if not (text.isascii() and text.isdecimal() and len(text) < 12):
        raise BadRequest(f"expected {name} as a number, as the seat was answered: join the room first")
    return int(text)


def _name(request: web.Request) -> str:
    name = request.match_info["still"]
    if not (_SHORTEST <= len(name) <= _LONGEST and name.isascii() and name.replace("-", "").isalnum()):
        raise BadRequest(f"expected a name of {_SHORTEST} to {_LONGEST} letters and digits, got {name!r:.80}")
    return name
