"""What a prescriber is told: rejected, changed by somebody else, due again; until it is read."""

import sqlite3
from dataclasses import dataclass

from controller.errors import NotFound
from controller.identity.certificates import By
from controller.prescriptions.books import Books, of_id
from controller.prescriptions.model import Prescription

_MOST = 200
_ADD = "INSERT INTO rx_notice (prescription, person, kind, detail, at_ms) VALUES (?, ?, ?, ?, ?)"
_SELECT = """SELECT rx_notice.*, prescription.number, ifnull(stay.identifier, prescription.subject)
  AS identifier, prescription.name FROM rx_notice
JOIN prescription ON prescription.id = rx_notice.prescription LEFT JOIN stay ON stay.id = prescription.stay"""
_OPEN = f"""{_SELECT} WHERE person = ? AND read_ms IS NULL ORDER BY rx_notice.id DESC LIMIT {_MOST}"""
_ONE = "SELECT * FROM rx_notice WHERE id = ? AND person = ?"
_READ = "UPDATE rx_notice SET read_ms = ? WHERE id = ? AND read_ms IS NULL"


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that a prescriber has to know."""

    id: int
    number: str
    """Of the prescription."""
    identifier: str
    name: str
    kind: str
    detail: str
    at_ms: int


class Notices:
    """Methods raise StoreError, too."""

    def __init__(self, books: Books) -> None:
        self._books = books

    async def open(self, person: str) -> list[Notice]:
        """What `person` has not read, the newest first."""
        rows = await self._books.store.read(_OPEN, (person,))
        return [Notice(**{name: row[name] for name in Notice.__dataclass_fields__}) for row in rows]

    async def read(self, number: int, by: By) -> None:
        """Who it is for has read it. Raises NotFound."""

        def work(db: sqlite3.Connection) -> None:
            row = db.execute(_ONE, (number, by.actor)).fetchone()
            if row is None:
                raise NotFound(f"there is no notice {number} for you: see /api/prescriptions/notices")
            if db.execute(_READ, (self._books.now_ms(), number)).rowcount:
                rx = of_id(db, row["prescription"])
                self._books.note(db, "prescription-notice-read", rx, by, kind=row["kind"])

        await self._books.store.write(work)


def tell(
    db: sqlite3.Connection, books: Books, rx: Prescription, kind: str, detail: str, *, person: str = ""
) -> None:
    """Tell who prescribed it, or `person`, inside a transaction."""
    db.execute(_ADD, (rx.id, person or rx.prescriber, kind, detail, books.now_ms()))
