"""What is said in the room of a conference of the image that is shown to all (conferences/images.py).

rooms.takers |= image_takers(conferences)

Each seat is told for itself: who may not see the image is told that there is one. Why it was not shown is
answered to who said it by `image-refused`.
"""

from collections.abc import Mapping

from controller.conferences.images import Frame
from controller.conferences.service import ConferenceService
from controller.errors import NotFound
from controller.identity.certificates import By
from controller.telemedicine.rooms.room import Room
from controller.telemedicine.rooms.seat import Json, Seat
from controller.telemedicine.rooms.service import Taker


def image_takers(conferences: ConferenceService) -> Mapping[str, Taker]:
    """By what is said: "image", "image-away"."""

    async def show(room: Room, seat: Seat, body: Json) -> None:
        of = Frame(**{name: body[name] for name in Frame.__dataclass_fields__})
        try:
            why = await conferences.images.show(room.name, of, By(seat.party.actor))
        except NotFound:
            why = "leads"  # a room of another kind, or who is no member any more
        await _told(room, seat, why)

    async def put_away(room: Room, seat: Seat, body: Json) -> None:
        try:
            why = await conferences.images.put_away(room.name, By(seat.party.actor))
        except NotFound:
            why = "leads"
        await _told(room, seat, why)

    async def _told(room: Room, seat: Seat, why: str) -> None:
        if why:
            return seat.tell({"kind": "image-refused", "why": why})
        images, here = conferences.images, list(room.seats.values())
        each = await conferences.books.store.write(
            lambda db: [images.told(db, room.name, one.party.actor) for one in here]
        )
        for one, image in zip(here, each, strict=True):
            one.tell({"kind": "image", "image": image})
        return None

    return {"image": show, "image-away": put_away}
