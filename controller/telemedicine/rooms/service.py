"""The rooms of one controller: who sits where, what is said, and who was there, in the trail.

    rooms = Rooms(store, clock, secrets.token_hex(8))
    rooms.kinds["TV"] = OfVisits(books)                     # of what rooms are: see meeting.py
    seat = await rooms.join("TV00000001", instance, party, by)
    told = await rooms.wait("TV00000001", seat, after, most_s=5)      # [(number, message), ...]

A seat's number is kept, so that a page that joins again after the controller was started again has the same
one: connections between pages, which need no controller, go on.

What is said to the room itself is taken by `takers`, by its `k`, one after the other, in the order in which
the page said it; another part adds its own row, and a model for it to api/rooms_schemas.py. What a taker
refuses by raising StoreError was not heard, and is said again; it raises nothing else, since a page that
comes back says the same again: what must not be is answered by a message to the seat. `watchers` hear of each
change of who is there, or how the pictures go.
"""

import asyncio
import hashlib
import sqlite3
from collections.abc import Awaitable, Callable
from dataclasses import asdict

from controller.clock import Clock
from controller.identity.certificates import By
from controller.store import Store
from controller.telemedicine.rooms.meeting import Kind, letters
from controller.telemedicine.rooms.mode import USUAL, Way
from controller.telemedicine.rooms.room import ROOM, Heard, Room, Sitting
from controller.telemedicine.rooms.seat import Json, Party, Seat
from controller.telemedicine.rooms.talk import Talk

Taker = Callable[[Room, Seat, Json], Awaitable[None]]
Closer = Callable[[str, By], Awaitable[None]]
TICK_S = 1
_SEAT = "SELECT number FROM room_seat WHERE room = ? AND page = ? AND actor = ?"
_NEXT = "SELECT ifnull(max(number), 0) + 1 FROM room_seat WHERE room = ?"
_KEEP = """INSERT INTO room_seat (room, number, page, actor, name, part, at_ms)
VALUES (?, ?, ?, ?, ?, ?, ?)"""
_BACK = "UPDATE room_seat SET left_ms = NULL WHERE room = ? AND number = ?"
_LEFT = "UPDATE room_seat SET left_ms = ? WHERE room = ? AND number = ? AND left_ms IS NULL"
_HERE = "SELECT * FROM room_seat WHERE left_ms IS NULL ORDER BY number"


class Rooms:
    """`epoch`: the name of this life of the controller; `way`: how the pictures of a new room go. Methods
    raise StoreError, too."""

    def __init__(self, store: Store, clock: Clock, epoch: str, way: Way = USUAL) -> None:
        self.kinds: dict[str, Kind] = {}
        self.talk = Talk(store)
        self.takers: dict[str, Taker] = {"media": self._show, "chat": self._chat}
        self.watchers: list[Callable[[Room], None]] = []
        self.closers: list[Closer] = []
        self._store = store
        self._clock = clock
        self._epoch = epoch
        self._has_sfu = False
        self._way = way
        self._rooms: dict[str, Room] = {}
        self._news: dict[str, asyncio.Condition] = {}
        self._rights: dict[str, asyncio.Event] = {}
        self._is_open = True

    @property
    def open(self) -> int:
        """Rooms that somebody is in."""
        return sum(bool(room.seats) for room in self._rooms.values())

    async def restore(self, epoch: str = "") -> None:
        """Before anybody comes: the seats of the controller's life before, or of another controller; then in
        a new `epoch`, for what was here is forgotten."""
        self._epoch, self._is_open = epoch or self._epoch, True
        self._rooms.clear()
        for row in await self._store.read(_HERE):
            party = Party(row["actor"], row["name"], row["part"])
            self.room(row["room"]).restore(Sitting(row["number"], row["page"], party), self._now_ms())

    def room(self, number: str) -> Room:
        """That of a meeting, by its number."""
        if (room := self._rooms.get(number)) is None:
            room = self._rooms[number] = Room(number, self._epoch, self._kind(number).most, self._way)
            room.has_sfu = self._has_sfu
        return room

    async def join(self, number: str, instance: str, party: Party, by: By) -> Seat:
        """A seat. Raises NotFound; Conflict: the meeting is over, or the room is full."""
        page = hashlib.sha256(instance.encode()).digest()
        place = await self._store.write(lambda db: self._place(db, number, page, party))
        room, known = self.room(number), Sitting(place, page, party)
        for seat in room.replaced(known):
            room.leave(seat.number)
            await self._gone("room-lost", number, By(seat.party.actor), seat.number)
        is_new = place not in room.seats
        seat = room.join(known, self._now_ms())
        if is_new:
            await self._came(number, place, by)
        await self._changed(room)
        return seat

    async def hear(self, number: str, seat: Seat, heard: Heard) -> None:
        """What a page says; what cannot be kept was not heard. Raises Outdated, Conflict, StoreError."""
        room, was_quiet = self.room(number), seat.is_quiet
        room.check(seat, heard, self._now_ms())
        if was_quiet:
            await self._changed(room)
        while (said := heard.next(seat)) is not None:
            if said.to != ROOM:
                room.pass_on(seat, said)
                continue
            before = seat.heard
            if take := self.takers.get(said.body["k"]):
                await take(room, seat, said.body)
            seat.heard = max(seat.heard, before + 1)
        await self.ring(number)

    async def tell(self, number: str, message: Json) -> None:
        """Everybody in a room."""
        self.room(number).tell_all(message)
        await self.ring(number)

    async def answer(self, number: str, place: int, body: Json) -> None:
        """One seat, by the room itself; nobody if it is gone."""
        room = self._rooms.get(number)
        if room is not None and (seat := room.seats.get(place)) is not None:
            seat.tell({"kind": "signal", "from": ROOM, "body": body})
            await self.ring(number)

    async def leave(self, number: str, place: int, by: By) -> None:
        """The page goes."""
        room = self.room(number)
        if room.leave(place) is not None:
            await self._gone("room-left", number, by, place)
            await self._changed(room)

    async def show_out(self, number: str, actor: str, by: By) -> None:
        """Every page of this person has to go."""
        room = self.room(number)
        for seat in [one for one in room.seats.values() if one.party.actor == actor]:
            await self.leave(number, seat.number, by)

    async def close(self, number: str, by: By) -> None:
        """The meeting is over: everybody has to go."""
        for actor in {one.party.actor for one in self.room(number).seats.values()}:
            await self.show_out(number, actor, by)
        for kept in (self._rooms, self._news):
            kept.pop(number, None)
        for forget in self.closers:
            await forget(number, by)

    def expects_sfu(self) -> None:
        """Before anybody comes: there will be a server for the pictures in a moment."""
        self._has_sfu = True

    async def sfu(self, *, ready: bool) -> None:
        """There is a server for the pictures from now on, another than before, or there is none."""
        self._has_sfu = ready
        for room in list(self._rooms.values()):
            room.sfu(ready=ready)
            await self._changed(room)

    async def wait(self, number: str, seat: Seat, after: int, most_s: float) -> list[tuple[int, Json]] | None:
        """What the seat is told after `after`, as soon as there is something, or [] after `most_s`; None: it
        has no seat any more."""
        news, room = self._news.setdefault(number, asyncio.Condition()), self.room(number)

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

    def changed(self, number: str) -> asyncio.Event:
        """Set when from now on somebody loses a seat of it, or may have lost the right to one."""
        return self._rights.setdefault(number, asyncio.Event())

    def look_again(self, number: str) -> None:
        """Who shows something by right of a seat looks whether it holds."""
        if (waited := self._rights.pop(number, None)) is not None:
            waited.set()

    async def stop(self) -> None:
        """This controller ends: pages are not told that anybody left, and come back."""
        self._is_open = False
        for number in list(self._news):
            await self.ring(number)

    async def run(self) -> None:
        """For ever: who was not heard is said to be quiet, and goes."""
        while True:
            await asyncio.sleep(TICK_S)
            for number, room in list(self._rooms.items()):
                if room.quiet(self._now_ms()):
                    await self._changed(room)
                for seat in room.away(self._now_ms()):
                    await self._gone("room-lost", number, By(seat.party.actor), seat.number)
                    await self._changed(room)

    async def ring(self, number: str) -> None:
        """Whoever waits for what a seat of the room is told looks whether there is something."""
        news = self._news.setdefault(number, asyncio.Condition())
        async with news:
            news.notify_all()

    async def _show(self, room: Room, seat: Seat, body: Json) -> None:
        room.show(seat, audio=body["audio"], video=body["video"], reduced=body["reduced"], view=body["view"])

    async def _chat(self, room: Room, seat: Seat, body: Json) -> None:
        who, said = (seat.party.actor, seat.party.name), (body["text"], body["key"])
        if line := await self.talk.say(room.name, who, said, self._now_ms()):
            room.tell_all({"kind": "chat", "line": asdict(line)})

    async def _changed(self, room: Room) -> None:
        for watch in self.watchers:
            watch(room)
        await self.ring(room.name)

    def _place(self, db: sqlite3.Connection, number: str, page: bytes, party: Party) -> int:
        """The seat's number, kept before anybody is told of it."""
        self._kind(number).check_open(db, number)
        if row := db.execute(_SEAT, (number, page, party.actor)).fetchone():
            return row["number"]
        (place,) = db.execute(_NEXT, (number,)).fetchone()
        who = party.actor, party.name, party.part
        db.execute(_KEEP, (number, place, page, *who, self._now_ms()))
        return place

    async def _came(self, number: str, place: int, by: By) -> None:
        def work(db: sqlite3.Connection) -> None:
            db.execute(_BACK, (number, place))
            self._kind(number).note(db, "room-joined", number, by, seat=place)

        await self._store.write(work)

    async def _gone(self, action: str, number: str, by: By, place: int) -> None:
        self.look_again(number)

        def work(db: sqlite3.Connection) -> None:
            db.execute(_LEFT, (self._now_ms(), number, place))
            self._kind(number).note(db, action, number, by, seat=place)

        await self._store.write(work)

    def _kind(self, number: str) -> Kind:
        return self.kinds[letters(number)]

    def _now_ms(self) -> int:
        return self._clock.now_us() // 1000
