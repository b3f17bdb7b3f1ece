"""The rooms of one controller: who sits where, what is said, and who was there, in the trail.

    rooms = Rooms(books, secrets.token_hex(8))
    seat = await rooms.join(visit, instance, party, by)
    told = await rooms.wait("TV00000001", seat, after, most_s=5)      # [(number, message), ...]

A seat's number is kept, so that a page that joins again after the controller was started again has the same
one: connections between pages, which need no controller, go on.
"""

import asyncio
import hashlib
import sqlite3
from dataclasses import asdict

from controller.errors import Conflict
from controller.identity.certificates import By
from controller.telemedicine.books import Books, held
from controller.telemedicine.model import Visit
from controller.telemedicine.rooms.room import ROOM, Heard, Room, Sitting
from controller.telemedicine.rooms.seat import Json, Party, Seat
from controller.telemedicine.rooms.talk import Talk
from controller.telemedicine.states import OPEN

TICK_S = 1
_SEAT = "SELECT number FROM visit_seat WHERE visit = ? AND page = ? AND actor = ?"
_NEXT = "SELECT ifnull(max(number), 0) + 1 FROM visit_seat WHERE visit = ?"
_KEEP = """INSERT INTO visit_seat (visit, number, page, actor, name, part, at_ms)
VALUES (?, ?, ?, ?, ?, ?, ?)"""
_BACK = "UPDATE visit_seat SET left_ms = NULL WHERE visit = ? AND number = ?"
_LEFT = "UPDATE visit_seat SET left_ms = ? WHERE visit = ? AND number = ? AND left_ms IS NULL"
_HERE = """SELECT visit.number AS visit_number, visit_seat.* FROM visit_seat
JOIN visit ON visit.id = visit_seat.visit WHERE left_ms IS NULL ORDER BY visit_seat.number"""


class Rooms:
    """`epoch`: the name of this life of the controller. Methods raise StoreError, too."""

    def __init__(self, books: Books, epoch: str) -> None:
        self.talk = Talk(books.store)
        self._books = books
        self._epoch = epoch
        self._rooms: dict[str, Room] = {}
        self._news: dict[str, asyncio.Condition] = {}
        self._rights: dict[str, asyncio.Event] = {}
        self._is_open = True

    async def restore(self) -> None:
        """Once, before anybody comes: the seats of the controller's life before."""
        for row in await self._books.store.read(_HERE):
            party = Party(row["actor"], row["name"], row["part"])
            known = Sitting(row["number"], row["page"], party)
            self.room(row["visit_number"]).restore(known, self._books.now_ms())

    def room(self, visit: str) -> Room:
        """That of a visit."""
        return self._rooms.setdefault(visit, Room(visit, self._epoch))

    async def join(self, visit: Visit, instance: str, party: Party, by: By) -> Seat:
        """A seat. Raises Conflict: the visit is over, or the room is full."""
        page = hashlib.sha256(instance.encode()).digest()
        number = await self._books.store.write(lambda db: self._number(db, visit, page, party))
        room = self.room(visit.number)
        is_new = number not in room.seats
        seat = room.join(Sitting(number, page, party), self._books.now_ms())
        if is_new:
            await self._came(visit.number, number, by)
        await self._ring(visit.number)
        return seat

    async def hear(self, visit: Visit, seat: Seat, heard: Heard) -> None:
        """What a page says; what cannot be kept was not heard. Raises Outdated, Conflict, StoreError."""
        room = self.room(visit.number)
        room.check(seat, heard, self._books.now_ms())
        while (said := heard.next(seat)) is not None:
            if said.to != ROOM:
                room.pass_on(seat, said)
                continue
            before = seat.heard
            await self._take(visit, room, seat, said.body)
            seat.heard = max(seat.heard, before + 1)
        await self._ring(visit.number)

    async def leave(self, visit: str, number: int, by: By) -> None:
        """The page goes."""
        if self.room(visit).leave(number) is not None:
            await self._gone("visit-room-left", visit, by, number)
            await self._ring(visit)

    async def show_out(self, visit: str, actor: str, by: By) -> None:
        """Every page of this person has to go."""
        room = self.room(visit)
        for seat in [one for one in room.seats.values() if one.party.actor == actor]:
            await self.leave(visit, seat.number, by)

    async def close(self, visit: str, by: By) -> None:
        """The visit is over: everybody has to go."""
        for actor in {one.party.actor for one in self.room(visit).seats.values()}:
            await self.show_out(visit, actor, by)
        for kept in (self._rooms, self._news):
            kept.pop(visit, None)

    async def wait(self, visit: str, seat: Seat, after: int, most_s: float) -> list[tuple[int, Json]] | None:
        """What the seat is told after `after`, as soon as there is something, or [] after `most_s`; None: it
        has no seat any more."""
        news, room = self._news.setdefault(visit, asyncio.Condition()), self.room(visit)

        def is_here() -> bool:
            return self._is_open and room.seats.get(seat.number) is seat

        def is_due() -> bool:
            return not is_here() or bool(seat.owed(after))

        async with news:
            try:
                await asyncio.wait_for(news.wait_for(is_due), most_s)
            except TimeoutError:
                return []
        return seat.owed(after) if is_here() else None

    def changed(self, visit: str) -> asyncio.Event:
        """Set when from now on somebody loses a seat of it, or may have lost the right to one."""
        return self._rights.setdefault(visit, asyncio.Event())

    def look_again(self, visit: str) -> None:
        """Who shows something by right of a seat looks whether it holds."""
        if (waited := self._rights.pop(visit, None)) is not None:
            waited.set()

    async def stop(self) -> None:
        """This controller ends: pages are not told that anybody left, and come back."""
        self._is_open = False
        for visit in list(self._news):
            await self._ring(visit)

    async def run(self) -> None:
        """For ever: who was not heard goes."""
        while True:
            await asyncio.sleep(TICK_S)
            for visit, room in list(self._rooms.items()):
                for seat in room.away(self._books.now_ms()):
                    await self._gone("visit-room-lost", visit, By(seat.party.actor), seat.number)
                    await self._ring(visit)

    async def _take(self, visit: Visit, room: Room, seat: Seat, body: Json) -> None:
        """What is for the room itself."""
        if body["k"] == "media":
            return room.show(seat, audio=body["audio"], video=body["video"])
        who, said = (seat.party.actor, seat.party.name), (body["text"], body["key"])
        if line := await self.talk.say(visit.id, who, said, self._books.now_ms()):
            room.tell_all({"kind": "chat", "line": asdict(line)})
        return None

    def _number(self, db: sqlite3.Connection, visit: Visit, page: bytes, party: Party) -> int:
        """The seat's, kept before anybody is told of it."""
        now = held(db, visit.number)
        if now.state not in OPEN:
            raise Conflict(f"visit {now.number} is {now.state}: its room is closed")
        if row := db.execute(_SEAT, (visit.id, page, party.actor)).fetchone():
            return row["number"]
        (number,) = db.execute(_NEXT, (visit.id,)).fetchone()
        who = party.actor, party.name, party.part
        db.execute(_KEEP, (visit.id, number, page, *who, self._books.now_ms()))
        return number

    async def _came(self, number: str, seat: int, by: By) -> None:
        def work(db: sqlite3.Connection) -> None:
            visit = held(db, number)
            db.execute(_BACK, (visit.id, seat))
            self._books.note(db, "visit-room-joined", visit, by, seat=seat)

        await self._books.store.write(work)

    async def _gone(self, action: str, number: str, by: By, seat: int) -> None:
        self.look_again(number)

        def work(db: sqlite3.Connection) -> None:
            visit = held(db, number)
            db.execute(_LEFT, (self._books.now_ms(), visit.id, seat))
            self._books.note(db, action, visit, by, seat=seat)

        await self._books.store.write(work)

    async def _ring(self, visit: str) -> None:
        news = self._news.setdefault(visit, asyncio.Condition())
        async with news:
            news.notify_all()
