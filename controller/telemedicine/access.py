"""Who came in by a link: a session that opens one visit, by a permission that no role has.

found = await sessions.find(token)       # VisitAccess; None: there is none
"""

import hashlib
import sqlite3
from dataclasses import dataclass
from typing import NamedTuple

from controller.errors import NotFound
from controller.identity.certificates import By
from controller.security.permissions import Permission
from controller.security.sessions import State
from controller.security.users import User
from controller.telemedicine.books import Books, held
from controller.telemedicine.model import Guest
from controller.view import View

LASTS_MS = 24 * 3_600_000
"""A visit that nobody ends ends for its guests."""
_FIND = """SELECT visit.number, ifnull(stay.identifier, visit.subject) AS identifier,
  ifnull(stay.name, visit.subject_name) AS patient,
  visit_link.id AS link, visit_link.guest, visit_link.name
FROM visit_session JOIN visit_link ON visit_link.id = visit_session.link
JOIN visit ON visit.id = visit_session.visit LEFT JOIN stay ON stay.id = visit.stay
WHERE visit_session.digest = ? AND visit_session.ended_ms IS NULL AND visit_session.began_ms > ?
AND (own IS NULL OR EXISTS (SELECT 1 FROM patient_session JOIN patient
  ON patient.id = patient_session.patient AND patient.identifier = patient_session.identifier
  WHERE patient_session.digest = own AND patient.identifier = ifnull(stay.identifier, visit.subject)))"""
_BEGIN = "INSERT INTO visit_session (digest, link, visit, address, began_ms, own) VALUES (?, ?, ?, ?, ?, ?)"
_END = "UPDATE visit_session SET ended_ms = ? WHERE digest = ? AND ended_ms IS NULL"
_ORPHANS = """UPDATE visit_session SET ended_ms = ? WHERE ended_ms IS NULL AND own IS NOT NULL
AND own NOT IN (SELECT digest FROM patient_session) RETURNING visit"""
_WHOSE = """SELECT number, ifnull(stay.identifier, subject) AS identifier
FROM visit LEFT JOIN stay ON stay.id = visit.stay WHERE visit.id = ?"""
_END_OF_LINK = "UPDATE visit_session SET ended_ms = ? WHERE link = ? AND ended_ms IS NULL"
_NOBODY = View(frozenset())
_JOINS = frozenset({Permission.JOIN_VISIT})


class Began(NamedTuple):
    """A session that begins: its token, told this once."""

    token: str
    visit: str
    """Its number."""
    patient: str
    """The identifier, if it is the patient who came in."""


@dataclass(frozen=True, slots=True)
class VisitAccess:
    """What security.gate asks: no person of ours, no ward, no bed; nothing but one visit."""

    visit: str
    """Its number."""
    link: int
    guest: Guest
    name: str
    """As the others in the room see it."""
    identifier: str
    """The patient's whose visit it is."""
    permissions: frozenset[Permission] = _JOINS
    view: View = _NOBODY
    state: State = State.OPEN

    @property
    def is_patient(self) -> bool:
        """Or else somebody whom staff invited."""
        return self.guest == "patient"

    @property
    def user(self) -> User:
        """The name under which the trail has what this person does."""
        name = f"patient:{self.identifier}" if self.is_patient else f"guest:{self.visit}/{self.link}"
        return User(name, frozenset(), frozenset())


class VisitSessions:
    """Methods raise StoreError, too."""

    def __init__(self, books: Books) -> None:
        self.books = books

    async def find(self, token: str | None) -> VisitAccess | None:
        """Whose session it is; None: nobody's any more."""
        if token is None:
            return None
        since_ms = self.books.now_ms() - LASTS_MS
        rows = await self.books.store.read(_FIND, (_digest(token), since_ms))
        if not rows:
            return None
        [row] = rows
        name = row["patient"] if row["guest"] == "patient" else row["name"]
        return VisitAccess(row["number"], row["link"], row["guest"], name, row["identifier"])

    async def end(self, access: VisitAccess, token: str, where: str) -> None:
        """Who came in goes. Raises NotFound."""

        def work(db: sqlite3.Connection) -> None:
            if db.execute(_END, (self.books.now_ms(), _digest(token))).rowcount == 0:
                raise NotFound("this way in is open no more: there is nothing to leave")
            visit = held(db, access.visit)
            self.books.note(db, "visit-left", visit, By(access.user.name, where), link=access.link)

        await self.books.store.write(work)

    async def end_orphans(self) -> list[tuple[str, str]]:
        """Those entered from a patient's page whose own session has ended, end: numbers of the visits, and
        as whom."""

        def work(db: sqlite3.Connection) -> list[tuple[str, str]]:
            ended = db.execute(_ORPHANS, (self.books.now_ms(),)).fetchall()
            whose = [db.execute(_WHOSE, (row["visit"],)).fetchone() for row in ended]
            return [(row["number"], f"patient:{row['identifier']}") for row in whose]

        return await self.books.store.write(work)


def begin(
    db: sqlite3.Connection,
    of: tuple[int, int],
    token: str,
    where: str,
    now_ms: int,
    *,
    own: bytes | None = None,
) -> None:
    """In the transaction that uses a link. `of`: the link's row and the visit's; `own`: the digest of the
    patient's session with which it ends."""
    db.execute(_BEGIN, (_digest(token), *of, where, now_ms, own))


def end_of_link(db: sqlite3.Connection, link: int, now_ms: int) -> None:
    """Who came in by it is out."""
    db.execute(_END_OF_LINK, (now_ms, link))


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
