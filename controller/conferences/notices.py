"""What people of this site are told of conferences, until they have read it."""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from controller.conferences.books import Books, of_id
from controller.conferences.model import Conference
from controller.errors import NotFound
from controller.identity.certificates import By

Kind = Literal[
    "asked", "answered", "agreed", "open-again", "moved", "begun", "to-sign", "closed", "cancelled"
]
_MOST = 200
_ADD = "INSERT INTO conference_notice (conference, person, kind, detail, at_ms) VALUES (?, ?, ?, ?, ?)"
_OPEN = f"""SELECT conference_notice.*, number, title, start_ms FROM conference_notice
JOIN conference ON conference.id = conference_notice.conference
WHERE person = ? AND read_ms IS NULL ORDER BY conference_notice.id DESC LIMIT {_MOST}"""
_ONE = "SELECT * FROM conference_notice WHERE id = ? AND person = ?"
_READ = "UPDATE conference_notice SET read_ms = ? WHERE id = ? AND read_ms IS NULL"


@dataclass(frozen=True, slots=True)
class Notice:
    """Something of a conference that somebody has to know."""

    id: int
    number: str
    title: str
    start_ms: int
    """UTC."""
    kind: Kind
    detail: str
    """Who, and in which words."""
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
                raise NotFound(f"there is no notice {number} for you: see /api/conferences")
            if db.execute(_READ, (self._books.now_ms(), number)).rowcount:
                conference = of_id(db, row["conference"])
                self._books.note(db, "conference-notice-read", conference, by, kind=row["kind"])

        await self._books.store.write(work)


def tell(
    db: sqlite3.Connection,
    books: Books,
    conference: Conference,
    kind: Kind,
    actors: Iterable[str],
    *,
    detail: str = "",
) -> None:
    """Tell those of `actors` who are of this site, inside a transaction; others hear of it by their site."""
    rows = [
        (conference.id, actor, kind, detail, books.now_ms())
        for actor in sorted(set(actors))
        if ":" not in actor
    ]
    db.executemany(_ADD, rows)
