"""The checklist that is on in a room: staff begins it and puts it away, staff says what is done.

    checklists = Checklists(rooms, store, clock)      # takes what is said to rooms: checklist, step
    await checklists.of("TV00000001")                 # as pages are told of it; None: none is on

Who did what and when only grows; the last word on a step counts. Methods raise StoreError.
"""

import sqlite3

from controller.clock import Clock
from controller.identity.certificates import By
from controller.store import Store
from controller.telemedicine.checklists.library import library
from controller.telemedicine.rooms.meeting import letters
from controller.telemedicine.rooms.room import Room
from controller.telemedicine.rooms.seat import Json, Seat
from controller.telemedicine.rooms.service import Rooms

_BEGIN = "INSERT INTO room_checklist (room, list, actor, at_ms) VALUES (?, ?, ?, ?)"
_ON = "SELECT id, list FROM room_checklist WHERE room = ? ORDER BY id DESC LIMIT 1"
_STEP = "INSERT INTO room_step (checklist, step, done, actor, name, at_ms) VALUES (?, ?, ?, ?, ?, ?)"
_DONE = "SELECT step, done, name, at_ms FROM room_step WHERE checklist = ? ORDER BY id"


class Checklists:
    """Of the rooms of one controller."""

    def __init__(self, rooms: Rooms, store: Store, clock: Clock) -> None:
        self._rooms = rooms
        self._store = store
        self._clock = clock
        rooms.takers |= {"checklist": self._begin, "step": self._step}

    async def of(self, number: str) -> Json | None:
        """The one that is on, whole."""
        on = await self._store.read(_ON, (number,))
        return _told(on[0], await self._store.read(_DONE, (on[0]["id"],))) if on else None

    async def _begin(self, room: Room, seat: Seat, body: Json) -> None:
        """Another list than the one that is on begins anew; "": none."""
        name = body["which"]
        if seat.party.part != "staff" or (name and name not in library()):
            return

        def work(db: sqlite3.Connection) -> Json | None:
            on = db.execute(_ON, (room.name,)).fetchone()
            if (on["list"] if on else "") != name:
                db.execute(_BEGIN, (room.name, name, seat.party.actor, self._now_ms()))
                self._note(db, "room-checklist", room, seat, which=name)
            return _shown(db, room.name)

        room.tell_all({"kind": "checklist", "checklist": await self._store.write(work)})

    async def _step(self, room: Room, seat: Seat, body: Json) -> None:
        """Of the list that the page shows: if another one is on by now, nothing is done."""
        if seat.party.part != "staff":
            return

        def work(db: sqlite3.Connection) -> Json | None:
            shown = _shown(db, room.name)
            steps = {one["id"]: one["done"] is not None for one in shown["steps"]} if shown else {}
            is_meant = shown is not None and shown["run"] == body["run"]
            if is_meant and steps.get(body["step"], body["done"]) != body["done"]:
                who = seat.party.actor, seat.party.name
                row = body["run"], body["step"], int(body["done"]), *who, self._now_ms()
                db.execute(_STEP, row)
                self._note(db, "room-step", room, seat, step=body["step"], done=int(body["done"]))
            return _shown(db, room.name)

        room.tell_all({"kind": "checklist", "checklist": await self._store.write(work)})

    def _note(self, db: sqlite3.Connection, action: str, room: Room, seat: Seat, **detail: str | int) -> None:
        self._rooms.kinds[letters(room.name)].note(db, action, room.name, By(seat.party.actor), **detail)

    def _now_ms(self) -> int:
        return self._clock.now_us() // 1000


def _shown(db: sqlite3.Connection, number: str) -> Json | None:
    on = db.execute(_ON, (number,)).fetchone()
    return _told(on, db.execute(_DONE, (on["id"],)).fetchall()) if on else None


def _told(on: sqlite3.Row, said: list[sqlite3.Row]) -> Json | None:
    """The list that is on, with each step's words and who did it when; None: it was put away."""
    if on["list"] not in library():
        return None
    last = {row["step"]: row for row in said}
    done = {step: {"name": row["name"], "at_ms": row["at_ms"]} for step, row in last.items() if row["done"]}
    one = library()[on["list"]]
    steps = [{"id": step.id, "words": step.words, "done": done.get(step.id)} for step in one.steps]
    return {"run": on["id"], "which": one.id, "words": one.words, "source": one.source, "steps": steps}
