"""What of a patient's record is chosen to be shown with a case.

    items = Items(books)
    added = await items.choose("MC00000001", case, Chosen("results", {"from_ms": …, "to_ms": …}, "blood"), by)

Only these are shown; the members of `what` depend on the kind (WHAT). Whoever chooses takes part and sees the
patient, which the caller looked at, as it did that the item is this patient's.
"""

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from controller.conferences.books import Books, asked_to, case_in
from controller.conferences.model import Conference
from controller.conferences.sight import knows
from controller.conferences.states import OPEN
from controller.errors import Conflict, NotFound, OrderError
from controller.identity.certificates import By

Kind = Literal["vitals", "results", "imaging", "report", "prescription", "summary", "document"]
What = Mapping[str, str | int]
_SPAN = {"from_ms": int, "to_ms": int}
WHAT: Mapping[Kind, Mapping[str, type]] = {
    "vitals": _SPAN,
    "results": _SPAN,
    "imaging": {"study": str},
    "report": {"accession": str},
    "prescription": {"number": str},
    "summary": {"visit": str},
    "document": {"text": str},
}
"""By kind, what has to be said."""
LONGEST_MS = 31 * 24 * 3_600_000
LONGEST_TEXT = 20_000
MOST = 100
"""Items of one case."""
_ADD = """INSERT INTO conference_item (conference_case, kind, what, title, by, at_ms)
VALUES (?, ?, ?, ?, ?, ?) RETURNING id"""
_OF = "SELECT * FROM conference_item WHERE conference_case = ? AND removed_ms IS NULL ORDER BY id"
_ONE = "SELECT * FROM conference_item WHERE id = ? AND conference_case = ? AND removed_ms IS NULL"
_REMOVE = "UPDATE conference_item SET removed_ms = ? WHERE id = ?"


@dataclass(frozen=True, slots=True)
class Chosen:
    """What somebody chooses."""

    kind: Kind
    what: What
    title: str


@dataclass(frozen=True, slots=True)
class Item:
    """What was chosen."""

    id: int
    kind: Kind
    what: What
    title: str
    by: str
    at_ms: int


class Items:
    """Methods raise StoreError, too."""

    def __init__(self, books: Books) -> None:
        self._books = books

    async def of(self, case: int) -> list[Item]:
        """Of one case, in the order in which they were chosen."""
        return [_item(row) for row in await self._books.store.read(_OF, (case,))]

    async def choose(self, number: str, case: int, chosen: Chosen, by: By) -> Item:
        """Raises NotFound; Conflict: who asks does not take part, or it is over; OrderError."""
        check(chosen)

        def work(db: sqlite3.Connection) -> Item:
            conference = _open(db, number, by)
            found = case_in(conference, case)
            if len(db.execute(_OF, (case,)).fetchall()) >= MOST:
                raise Conflict(f"expected at most {MOST} items in a case: take some out")
            what, now_ms = json.dumps(dict(chosen.what)), self._books.now_ms()
            row = db.execute(_ADD, (case, chosen.kind, what, chosen.title, by.actor, now_ms)).fetchone()
            detail = {"patient": found.identifier, "case": case, "item": row["id"], "kind": chosen.kind}
            self._books.note(db, "conference-item-chosen", conference, by, **detail)
            return Item(row["id"], chosen.kind, chosen.what, chosen.title, by.actor, now_ms)

        return await self._books.store.write(work)

    async def remove(self, number: str, case: int, item: int, by: By) -> None:
        """It is shown no more. Raises NotFound, Conflict."""

        def work(db: sqlite3.Connection) -> None:
            conference = _open(db, number, by)
            found = case_in(conference, case)
            item_in(db, case, item)
            db.execute(_REMOVE, (self._books.now_ms(), item))
            detail = {"patient": found.identifier, "case": case, "item": item}
            self._books.note(db, "conference-item-removed", conference, by, **detail)

        await self._books.store.write(work)


def item_in(db: sqlite3.Connection, case: int, item: int) -> Item:
    """An item of the case, inside a transaction. Raises NotFound."""
    row = db.execute(_ONE, (item, case)).fetchone()
    if row is None:
        raise NotFound(f"there is no item {item} in this case: look again")
    return _item(row)


def check(chosen: Chosen) -> None:
    """Raises OrderError."""
    wanted = WHAT[chosen.kind]
    if {name: type(value) for name, value in chosen.what.items()} != dict(wanted):
        names = ", ".join(f"{name} ({kind.__name__})" for name, kind in wanted.items())
        raise OrderError(f"expected of {chosen.kind}: {names}, got {', '.join(chosen.what) or 'nothing'}")
    if wanted is _SPAN and not 0 < int(chosen.what["to_ms"]) - int(chosen.what["from_ms"]) <= LONGEST_MS:
        raise OrderError("expected a span that ends after it begins, of 31 days at most: look at the dates")
    if any(isinstance(value, str) and not 0 < len(value) <= LONGEST_TEXT for value in chosen.what.values()):
        raise OrderError(f"expected 1 to {LONGEST_TEXT} characters, got none or more")
    if not chosen.title.strip():
        raise OrderError("expected a title, got none: say what it shows")


def _open(db: sqlite3.Connection, number: str, by: By) -> Conference:
    conference = asked_to(db, number, by.actor)
    if not knows(conference, by.actor):
        raise Conflict("expected somebody who takes part, you have not accepted: answer first")
    if conference.state not in OPEN:
        raise Conflict(f"conference {number} is {conference.state}: its files do not change any more")
    return conference


def _item(row: sqlite3.Row) -> Item:
    return Item(row["id"], row["kind"], json.loads(row["what"]), row["title"], row["by"], row["at_ms"])
