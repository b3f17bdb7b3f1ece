"""What pages say of marks, and who may draw: staff and the patient, guests if staff lets them, robots never.

    marking = Marking(rooms, store, clock)       # takes what is said to rooms: mark, unmark, marking, thaw
    await marking.of("TV00000001", "ben")        # for who comes late

What somebody may not is answered to that seat by `mark-refused`, and is not kept. What is drawn on an image
of a record (`images`) is told to who may see that image, and to nobody else. Methods raise StoreError.
"""

import sqlite3
from collections.abc import Callable, Sequence

from controller.clock import Clock
from controller.identity.certificates import By
from controller.store import Store
from controller.telemedicine.marks import book
from controller.telemedicine.marks.book import Drawn
from controller.telemedicine.marks.images import Images
from controller.telemedicine.marks.stills import Still, Stills
from controller.telemedicine.rooms.meeting import letters
from controller.telemedicine.rooms.room import Room
from controller.telemedicine.rooms.seat import Json, Seat
from controller.telemedicine.rooms.service import Rooms

_GUESTS = "SELECT guests FROM room_marking WHERE room = ?"
_LET = """INSERT INTO room_marking (room, guests, by, at_ms) VALUES (?, ?, ?, ?)
ON CONFLICT (room) DO UPDATE SET guests = excluded.guests, by = excluded.by, at_ms = excluded.at_ms"""


class Marking:
    """Of the rooms of one controller."""

    def __init__(self, rooms: Rooms, store: Store, clock: Clock) -> None:
        self.stills = Stills()
        self.images: dict[str, Images] = {}
        """By the letters of the numbers of the meetings that show any."""
        self._rooms = rooms
        self._store = store
        self._clock = clock
        rooms.takers |= {"mark": self._mark, "unmark": self._unmark, "marking": self._let, "thaw": self._thaw}
        rooms.closers.append(self.forget)

    async def of(self, number: str, actor: str) -> list[Json]:
        """What is drawn there, as the pages of this one are told of it."""
        drawn, images = await book.of(self._store, number), self.images.get(letters(number))
        stills = {one.still for one in drawn if one.is_on_image}
        if not (stills and images):
            return [one.told for one in drawn if not one.is_on_image]

        def work(db: sqlite3.Connection) -> set[str]:
            return {still for still in stills if images.sees(db, number, still, actor)}

        seen = await self._store.write(work)
        return [one.told for one in drawn if not one.is_on_image or one.still in seen]

    async def image(self, number: str, actor: str) -> Json | None:
        """The image that the meeting shows to all now, as far as this one may know."""
        images = self.images.get(letters(number))
        if images is None:
            return None
        return await self._store.write(lambda db: images.told(db, number, actor))

    async def guests_may(self, number: str) -> bool:
        """Whether guests may draw there."""
        rows = await self._store.read(_GUESTS, (number,))
        return bool(rows and rows[0]["guests"])

    async def may(self, room: Room, seat: Seat) -> bool:
        """Whether who sits there may draw."""
        part = seat.party.part
        return part in ("staff", "patient") or (part == "guest" and await self.guests_may(room.name))

    async def freeze(self, room: Room, still: Still) -> None:
        """All see this instead of the live picture of a seat. Raises Conflict."""
        if self.stills.keep(room.name, still):
            await self._rooms.tell(room.name, {"kind": "still", "still": still.told})

    async def forget(self, number: str, by: By) -> None:
        """The meeting is over: nothing that holds any of its pictures stays."""
        self.stills.forget(number)
        await self._store.write(lambda db: book.of_room(db, number, (by.actor, self._now_ms())))

    async def _mark(self, room: Room, seat: Seat, body: Json) -> None:
        said = {name: value for name, value in body.items() if name not in ("k", "id", "still")}
        who = seat.number, seat.party.actor, seat.party.name
        mark = Drawn(body["id"], *who, body["still"], said)
        here = list(room.seats.values())
        why, told = await self._why_not(room, seat, mark), list[Seat]()
        if not why:
            why, told = await self._keep(room, seat, mark, here)
        if why and why != "known":
            seat.tell({"kind": "mark-refused", "id": mark.id, "why": why})
        for one in told:
            one.tell({"kind": "mark", "mark": mark.told})

    async def _keep(
        self, room: Room, seat: Seat, mark: Drawn, here: Sequence[Seat]
    ) -> tuple[str, list[Seat]]:
        """Why it is not kept, "": it is; and who of `here` is told of it."""

        def work(db: sqlite3.Connection) -> tuple[str, list[Seat]]:
            told = self._who_sees(db, room, mark, here) if mark.is_on_image else list(here)
            why = book.add(db, room.name, mark, self._now_ms()) if seat in told else "image"
            if why:
                return why, []
            on = {"on": mark.body["seat"]} if not mark.is_on_image else self._about(db, room, mark)
            self._note(db, "room-marked", room, seat, what=mark.body["kind"], **on)
            return "", told

        return await self._store.write(work)

    def _who_sees(self, db: sqlite3.Connection, room: Room, mark: Drawn, here: Sequence[Seat]) -> list[Seat]:
        """Nobody, if it is not the image that is shown now."""
        images = self.images.get(letters(room.name))
        if images is None or not images.is_on(db, room.name, mark.still):
            return []
        return [one for one in here if images.sees(db, room.name, mark.still, one.party.actor)]

    def _about(self, db: sqlite3.Connection, room: Room, mark: Drawn) -> dict[str, str | int]:
        return dict(self.images[letters(room.name)].about(db, room.name, mark.still))

    async def _why_not(self, room: Room, seat: Seat, mark: Drawn) -> str:
        if not await self.may(room, seat):
            return "guests"
        is_there = (
            not mark.still
            or mark.is_on_image
            or any(one.id == mark.still for one in self.stills.of(room.name))
        )
        return "" if is_there else "still"

    async def _unmark(self, room: Room, seat: Seat, body: Json) -> None:
        """One's own; staff, anybody's."""
        whose = None if seat.party.part == "staff" else seat.party.actor

        def take(db: sqlite3.Connection) -> list[str]:
            return book.take_away(db, room.name, body["ids"], whose, self._gone(seat))

        await self._take_away(room, seat, take)

    async def _thaw(self, room: Room, seat: Seat, body: Json) -> None:
        """Live again, by who froze it or by staff; what was drawn on it goes."""
        name = body["still"]
        known = next((one for one in self.stills.of(room.name) if one.id == name), None)
        if known is None or not (seat.party.part == "staff" or known.actor == seat.party.actor):
            return
        self.stills.let_go(room.name, name)
        room.tell_all({"kind": "thaw", "id": name})
        await self._take_away(room, seat, lambda db: book.of_still(db, room.name, name, self._gone(seat)))

    async def _take_away(
        self, room: Room, seat: Seat, take: Callable[[sqlite3.Connection], list[str]]
    ) -> None:
        def work(db: sqlite3.Connection) -> list[str]:
            if ids := take(db):
                self._note(db, "room-unmarked", room, seat, count=len(ids))
            return ids

        if ids := await self._store.write(work):
            room.tell_all({"kind": "unmark", "ids": ids})

    async def _let(self, room: Room, seat: Seat, body: Json) -> None:
        """Whether guests may draw: staff says so."""
        if seat.party.part != "staff":
            return
        row = room.name, int(body["guests"]), seat.party.actor, self._now_ms()

        def work(db: sqlite3.Connection) -> None:
            db.execute(_LET, row)
            self._note(db, "room-marking", room, seat, guests=int(body["guests"]))

        await self._store.write(work)
        room.tell_all({"kind": "marking", "guests": body["guests"]})

    def _note(self, db: sqlite3.Connection, action: str, room: Room, seat: Seat, **detail: str | int) -> None:
        self._rooms.kinds[letters(room.name)].note(db, action, room.name, By(seat.party.actor), **detail)

    def _gone(self, seat: Seat) -> tuple[str, int]:
        return seat.party.actor, self._now_ms()

    def _now_ms(self) -> int:
        return self._clock.now_us() // 1000
