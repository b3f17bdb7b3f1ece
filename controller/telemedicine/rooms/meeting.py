"""What a room is of: a visit, or a meeting of another kind, told apart by how its number begins.

    rooms = Rooms(store, clock, epoch)
    rooms.kinds["TV"] = OfVisits(books)          # TV00000001
    await rooms.join("TV00000001", instance, party, by)

How a kind is added: write a Kind, give it to the application's rooms by the two letters of its numbers before
anybody comes (as api/visits_context.py does), and give its pages the ways into a room (api/rooms.py: Ways).
"""

import sqlite3
from typing import Protocol

from controller.errors import Conflict
from controller.identity.certificates import By
from controller.telemedicine.books import Books, held
from controller.telemedicine.states import OPEN

OF_VISITS = "TV"


class Kind(Protocol):
    """Works in the transaction of its caller."""

    @property
    def most(self) -> int:
        """Seats in a room of it, if there is an SFU; without one it is a mesh's (mode.py)."""
        ...

    def check_open(self, db: sqlite3.Connection, number: str) -> None:
        """Raises NotFound; Conflict: nobody may come any more."""
        ...

    def note(self, db: sqlite3.Connection, action: str, number: str, by: By, **detail: str | int) -> None:
        """A line of the trail; `action`: "room-joined", "room-left", "room-lost" or another of a room.

        Raises NotFound."""
        ...


class OfVisits:
    """Visits: "TV"."""

    most = 12

    def __init__(self, books: Books) -> None:
        self._books = books

    def check_open(self, db: sqlite3.Connection, number: str) -> None:
        """Raises NotFound, Conflict."""
        now = held(db, number)
        if now.state not in OPEN:
            raise Conflict(f"visit {now.number} is {now.state}: its room is closed")

    def note(self, db: sqlite3.Connection, action: str, number: str, by: By, **detail: str | int) -> None:
        """Raises NotFound."""
        self._books.note(db, f"visit-{action}", held(db, number), by, **detail)


def letters(number: str) -> str:
    """By which the kind of a meeting is known: those before the digits."""
    return number.rstrip("0123456789")
