"""A link and a code let one person into one visit, once; the patient, or a guest whom staff invite.

    made = await links.make(visit, Invitee("patient", ""), by)   # made.token and made.code: told this once
    began = await links.enter(token, "481516", where)            # began.token: the session's

    began = await links.enter_own(visit, session, by)          # from the patient's own page, without a link

The link goes to the person in one way and the code in another. After five wrong codes the link opens nothing
any more. Whoever came in comes back by the session, not by the link: who needs another device needs another
link.
"""

import asyncio
import hashlib
import secrets
import sqlite3
from dataclasses import dataclass

from controller.errors import Conflict, NotFound, OrderError
from controller.identity.certificates import By
from controller.telemedicine.access import Began, begin, end_of_link
from controller.telemedicine.books import Books, held
from controller.telemedicine.model import Guest, Link, Visit
from controller.telemedicine.states import OPEN, VisitState

EARLY_MS, LATE_MS = 30 * 60_000, 120 * 60_000
"""A link opens so long before the visit, and so long after its agreed end if it has not begun."""
DIGITS, MOST_TRIES = 6, 5
_MOST = 20
"""Links of one visit that are good."""
_SELECT = """SELECT visit_link.*, visit.number AS visit_number FROM visit_link
JOIN visit ON visit.id = visit_link.visit"""
_ADD = """INSERT INTO visit_link (visit, guest, name, digest, code, tries, by, at_ms)
VALUES (?, ?, ?, ?, ?, 0, ?, ?) RETURNING id"""
_OF = f"{_SELECT} WHERE visit.id = ? ORDER BY visit_link.id"
_BY_ID = f"{_SELECT} WHERE visit_link.id = ?"
_BY_DIGEST = f"{_SELECT} WHERE digest = ?"
_GOOD = "SELECT count(*) FROM visit_link WHERE visit = ? AND used_ms IS NULL AND revoked_ms IS NULL"
_REPLACED = """UPDATE visit_link SET revoked_ms = ?
WHERE visit = ? AND guest = 'patient' AND revoked_ms IS NULL RETURNING id"""
_REVOKE = """UPDATE visit_link SET revoked_ms = ? WHERE id = ? AND visit = ? AND revoked_ms IS NULL"""
_TRIED = "UPDATE visit_link SET tries = tries + 1 WHERE id = ?"
_USED = "UPDATE visit_link SET used_ms = ? WHERE id = ?"


@dataclass(frozen=True, slots=True)
class Invitee:
    """Whom a link is for; `name`: a guest's."""

    guest: Guest
    name: str


@dataclass(frozen=True, slots=True)
class Made:
    """A new link; what opens it is kept nowhere."""

    id: int
    token: str
    code: str


class Links:
    """Methods raise StoreError, too."""

    def __init__(self, books: Books) -> None:
        self._books = books

    async def of(self, visit: Visit) -> list[Link]:
        """Those of a visit, the oldest first."""
        return [_link(row) for row in await self._books.store.read(_OF, (visit.id,))]

    async def make(self, visit: Visit, invitee: Invitee, by: By) -> Made:
        """Another link; the patient's takes the place of the one before, whose session ends.

        Raises NotFound; Conflict: the visit is over, or too many are good; OrderError: a guest has no name.
        """
        if invitee.guest != "patient" and not invitee.name.strip():
            raise OrderError("expected the guest's name, got none: all in the room see it")
        token, code = secrets.token_urlsafe(16), f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"
        kept = await asyncio.to_thread(_code_digest, token, code)

        def work(db: sqlite3.Connection) -> Made:
            _check_open(held(db, visit.number))
            now_ms = self._books.now_ms()
            if invitee.guest == "patient":
                _replace(db, visit, now_ms)
            if db.execute(_GOOD, (visit.id,)).fetchone()[0] >= _MOST:
                raise Conflict(f"expected at most {_MOST} unused links to a visit: withdraw one")
            row = visit.id, invitee.guest, invitee.name.strip(), _digest(token), kept, by.actor, now_ms
            (number,) = db.execute(_ADD, row).fetchone()
            self._books.note(db, "visit-link-made", visit, by, link=number, guest=invitee.guest)
            return Made(number, token, code)

        return await self._books.store.write(work)

    async def revoke(self, visit: Visit, number: int, by: By) -> Link:
        """It opens nothing any more, and who came in by it is out. Raises NotFound."""

        def work(db: sqlite3.Connection) -> Link:
            now_ms = self._books.now_ms()
            if db.execute(_REVOKE, (now_ms, number, visit.id)).rowcount == 0:
                raise NotFound(f"there is no link {number} to visit {visit.number} any more: look again")
            end_of_link(db, number, now_ms)
            self._books.note(db, "visit-link-revoked", visit, by, link=number)
            return _link(db.execute(_BY_ID, (number,)).fetchone())

        return await self._books.store.write(work)

    async def enter(self, token: str, code: str, where: str) -> Began | None:
        """A session begins; None: link or code are not good, and nothing says which.

        Raises Conflict to who knows both: it was used already, it is too early, or the visit is over.
        """
        digest, kept = _digest(token), await asyncio.to_thread(_code_digest, token, code)

        def work(db: sqlite3.Connection) -> Began | Conflict | None:
            row = db.execute(_BY_DIGEST, (digest,)).fetchone()
            if row is None or row["revoked_ms"] is not None or row["tries"] >= MOST_TRIES:
                return None
            link, visit = _link(row), held(db, row["visit_number"])
            by = By(link.who(visit.identifier), where)
            if not secrets.compare_digest(row["code"], kept):
                db.execute(_TRIED, (link.id,))
                self._books.refuse(db, "visit-entered", visit, by, link=link.id)
                return None
            if why := self._why_not(link, visit):
                self._books.refuse(db, "visit-entered", visit, by, link=link.id)
                return Conflict(why)
            db.execute(_USED, (self._books.now_ms(), link.id))
            self._books.note(db, "visit-entered", visit, by, link=link.id)
            session = secrets.token_urlsafe(32)
            begin(db, (link.id, visit.id), session, where, self._books.now_ms())
            return Began(session, visit.number, visit.identifier if link.guest == "patient" else "")

        # What was tried is kept, hence it is raised after the transaction.
        found = await self._books.store.write(work)
        if isinstance(found, Conflict):
            raise found
        return found

    async def enter_own(self, visit: Visit, session: bytes, by: By) -> Began:
        """The patient comes in from their own page, whose session has the digest `session`: whoever came in
        as the patient before is out. Raises Conflict: it is too early, or the visit is over."""

        def work(db: sqlite3.Connection) -> Began:
            now, now_ms = held(db, visit.number), self._books.now_ms()
            if why := why_shut(now, self._books.utc_ms()):
                raise Conflict(why)
            _replace(db, now, now_ms)
            drawn = secrets.token_bytes(16), secrets.token_bytes(16)  # a link that nobody has
            (link,) = db.execute(_ADD, (now.id, "patient", "", *drawn, by.actor, now_ms)).fetchone()
            db.execute(_USED, (now_ms, link))
            self._books.note(db, "visit-entered", now, by, link=link, own=1)
            token = secrets.token_urlsafe(32)
            begin(db, (link, now.id), token, by.where, now_ms, own=session)
            return Began(token, now.number, now.identifier)

        return await self._books.store.write(work)

    def _why_not(self, link: Link, visit: Visit) -> str:
        if visit.state in OPEN and link.used_ms is not None:
            return "this link was used already: go on where you used it, or ask for another"
        return why_shut(visit, self._books.utc_ms())


def why_shut(visit: Visit, utc_ms: int) -> str:
    """Why nobody comes into it now; "": it is open."""
    if visit.state not in OPEN:
        return f"the visit is {visit.state}: nobody comes in any more"
    if visit.state is VisitState.IN_PROGRESS:
        return ""
    if utc_ms < visit.plan.start_ms - EARLY_MS:
        return f"the waiting room opens {EARLY_MS // 60_000} minutes before the visit: come back then"
    if utc_ms > visit.plan.start_ms + visit.plan.minutes * 60_000 + LATE_MS:
        return "the visit's time has passed: ask for another"
    return ""


def _replace(db: sqlite3.Connection, visit: Visit, now_ms: int) -> None:
    """The patient's link before opens nothing any more, and who came in by it is out."""
    for (number,) in db.execute(_REPLACED, (now_ms, visit.id)).fetchall():
        end_of_link(db, number, now_ms)


def _check_open(visit: Visit) -> None:
    if visit.state not in OPEN:
        raise Conflict(f"visit {visit.number} is {visit.state}: nobody is let in any more")


def _link(row: sqlite3.Row) -> Link:
    told = {name: row[name] for name in Link.__dataclass_fields__ if name != "visit"}
    return Link(**told, visit=row["visit_number"])


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def _code_digest(token: str, code: str) -> bytes:
    """RFC 7914. The token is its salt: whoever has the database alone has neither. About 20 ms, 8 MiB."""
    return hashlib.scrypt(code.encode(), salt=_digest(f"code of {token}"), n=2**13, r=8, p=1)
