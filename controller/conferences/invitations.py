"""Who was asked to a conference: rows of conference_member, inside transactions."""

import sqlite3
from collections.abc import Sequence

from controller.conferences.model import SIGN, Conference, Member, Person
from controller.errors import Conflict, NotFound, OrderError
from controller.security.permissions import Permission
from controller.security.users import ACCOUNT, account_of

MOST = 40
_ADD = """INSERT INTO conference_member (conference, site, name, display, part, required, answer, why,
  proposed_ms, answered_ms, place) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?,
  (SELECT ifnull(max(place), 0) + 1 FROM conference_member WHERE conference = ?))"""
_PUT = """UPDATE conference_member SET required = ?, answer = ?, why = ?, proposed_ms = ?, answered_ms = ?
WHERE conference = ? AND site = ? AND name = ?"""
_NAME = "SELECT profile ->> '$.display' AS display FROM expert WHERE site = ? AND name = ?"


def add(db: sqlite3.Connection, conference: Conference, members: Sequence[Member]) -> None:
    """Ask them. Raises Conflict: somebody was asked already; OrderError: cannot be asked."""
    known = {one.person for one in conference.members}
    if len(known) + len(members) > MOST:
        raise OrderError(f"expected at most {MOST} people in a conference, got more")
    for one in members:
        if one.person in known:
            raise Conflict(f"{one.person.actor} was asked already: look again")
        known.add(one.person)
        display = _display(db, one)
        said = str(one.answer), one.why, one.proposed_ms, one.answered_ms
        row = conference.id, one.person.site, one.person.name, display, one.part, int(one.required), *said
        db.execute(_ADD, (*row, conference.id))


def put(db: sqlite3.Connection, conference: Conference, member: Member) -> None:
    """What is said now, and whether they have to be there."""
    said = str(member.answer), member.why, member.proposed_ms, member.answered_ms
    whom = conference.id, member.person.site, member.person.name
    db.execute(_PUT, (int(member.required), *said, *whom))


def member_in(conference: Conference, actor: str) -> Member:
    """Raises NotFound."""
    if (member := conference.member(actor)) is None:
        raise NotFound(f"nobody asked {actor!r:.80} to conference {conference.number}: look again")
    return member


def needs(part: str) -> Permission:
    """What somebody of this site has to have for a part: who signs, more than who presents."""
    return Permission.HOLD_CONFERENCES if part in SIGN else Permission.READ_CONFERENCES


def _display(db: sqlite3.Connection, one: Member) -> str:
    """How the person is called; whoever may not take part is refused. Raises OrderError."""
    known = db.execute(_NAME, (one.person.site, one.person.name)).fetchone()
    if one.person.site:
        if known is None:
            raise OrderError(f"expected an expert of the directory, got {one.person.actor!r:.80}")
        return known["display"]
    _check_account(db, one.person, one.part)
    return known["display"] if known else one.person.name


def _check_account(db: sqlite3.Connection, person: Person, part: str) -> None:
    row = db.execute(f"{ACCOUNT} WHERE user.name = ?", (person.name,)).fetchone()
    account = account_of(row) if row else None
    if account is None or account.disabled or needs(part) not in account.user.permissions:
        raise OrderError(f"expected an account that may be {part}, got {person.name!r:.64}: see the list")
