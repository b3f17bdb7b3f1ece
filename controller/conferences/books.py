"""What every part of the conferences works with: the database, the time, the trail, conferences by number."""

import json
import sqlite3
from collections.abc import Mapping
from typing import Any, Protocol

from controller.audit.chain import append
from controller.audit.entry import Entry
from controller.clock import Clock
from controller.conferences.model import Case, Conference, Known, Member, Person, Plan
from controller.conferences.states import AnswerState, CaseState, ConferenceState
from controller.errors import Conflict, NotFound, Outdated
from controller.identity.certificates import By
from controller.store import Store

MOST = 500
"""Conferences in one answer."""
_MEMBERS = """(SELECT json_group_array(json_object('site', site, 'name', name, 'display', display,
  'part', part, 'required', required, 'answer', answer, 'why', why, 'proposed_ms', proposed_ms,
  'answered_ms', answered_ms, 'place', place))
  FROM conference_member WHERE conference = conference.id)"""
_CASES = """(SELECT json_group_array(json_object('id', conference_case.id, 'place', place, 'identifier',
  ifnull(stay.identifier, subject), 'name', ifnull(stay.name, subject_name), 'question', question,
  'minutes', conference_case.minutes, 'presenter', presenter, 'state', conference_case.state))
  FROM conference_case LEFT JOIN stay ON stay.id = conference_case.stay
  WHERE conference_case.conference = conference.id)"""
SELECT = f"SELECT conference.*, {_MEMBERS} AS members, {_CASES} AS cases FROM conference"
_ONE = f"{SELECT} WHERE number = ?"
_BY_ID = f"{SELECT} WHERE id = ?"
_OF = f"""{SELECT} WHERE requester = :actor OR id IN (SELECT conference FROM conference_member
  WHERE site = :site AND name = :name) ORDER BY start_ms DESC, id DESC LIMIT {MOST}"""


_MARK = """SELECT revision || '.' ||
  ifnull((SELECT max(id) FROM sharing_consent WHERE what = 'conference/' || number), 0) || '.' ||
  (SELECT count(*) || '-' || count(removed_ms) FROM conference_item
    JOIN conference_case ON conference_case.id = conference_case WHERE conference = conference.id) AS mark
FROM conference WHERE id = ?"""


class Follower(Protocol):
    """Told of every change, in the transaction that makes it: so partner sites hear of it, and once."""

    def __call__(self, db: sqlite3.Connection, action: str, conference: Conference, by: By) -> None:
        """`action`: as the trail calls it."""
        ...


class Books:
    """The conferences of one controller. Methods raise StoreError, too."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self.store = store
        self.clock = clock
        self.followers: list[Follower] = []

    def now_ms(self) -> int:
        """In the controller's time scale."""
        return self.clock.now_us() // 1000

    def utc_ms(self) -> int:
        """UTC."""
        return self.clock.utc_us() // 1000

    async def find(self, number: str, person: Person) -> Conference:
        """One, if `person` was asked to it. Raises NotFound."""
        rows = await self.store.read(_ONE, (number,))
        return _asked(conference_of(rows[0]) if rows else None, number, person)

    async def of(self, person: Person) -> list[Conference]:
        """Those that `person` was asked to, the latest first."""
        told = {"actor": person.actor, "site": person.site, "name": person.name}
        return [conference_of(row) for row in await self.store.read(_OF, told)]

    async def mark(self, conference: Conference) -> str:
        """Another as soon as anything of it is: its rows, a consent, a file. For pages that ask again and
        again, so that a look at a patient is recorded when there was something to see."""
        [row] = await self.store.read(_MARK, (conference.id,))
        return row["mark"]

    def note(
        self, db: sqlite3.Connection, action: str, conference: Conference, by: By, **detail: str | int
    ) -> None:
        """One line of the trail, in the transaction that makes the change; `patient`: whom it is about."""
        append(db, _entry(action, conference, by, detail), self.clock.utc_us())
        for told in self.followers:
            told(db, action, conference, by)


def held(db: sqlite3.Connection, number: str) -> Conference:
    """The conference, inside a transaction. Raises NotFound."""
    row = db.execute(_ONE, (number,)).fetchone()
    if row is None:
        raise NotFound(_NONE.format(number))
    return conference_of(row)


def of_id(db: sqlite3.Connection, number: int) -> Conference:
    """The conference of a row that refers to it."""
    return conference_of(db.execute(_BY_ID, (number,)).fetchone())


def current(db: sqlite3.Connection, known: Known, by: By) -> Conference:
    """The conference, if who asks was asked to it, and it is still at the revision that is known.

    Raises NotFound, Outdated.
    """
    conference = asked_to(db, known.number, by.actor)
    if conference.revision != known.over:
        raise Outdated(
            f"{conference.number} is at revision {conference.revision}, not {known.over}: look again"
        )
    return conference


def asked_to(db: sqlite3.Connection, number: str, actor: str) -> Conference:
    """The conference, if `actor` was asked to it. Raises NotFound."""
    conference = held(db, number)
    if conference.member(actor) is None:
        raise NotFound(_NONE.format(number))
    return conference


def led(conference: Conference, by: By, *, by_requester: bool = False) -> Conference:
    """The same, if who asks leads it, or has asked for it where that is enough. Raises Conflict."""
    leads = conference.chair.person.actor == by.actor
    if not (leads or (by_requester and conference.requester == by.actor)):
        raise Conflict(
            f"expected {conference.chair.display} to do this, who leads {conference.number}: ask them"
        )
    return conference


def case_in(conference: Conference, number: int) -> Case:
    """The case of that id on its agenda. Raises NotFound."""
    if (case := conference.case(number)) is None:
        raise NotFound(f"there is no case {number} in conference {conference.number}: look again")
    return case


def changed(
    db: sqlite3.Connection, conference: Conference, by: By, now_ms: int, **columns: Any
) -> Conference:
    """One revision on, with these columns; who and when is kept."""
    names = "".join(f"{name} = :{name}, " for name in columns)
    told = {**columns, "id": conference.id, "by": by.actor, "now_ms": now_ms}
    db.execute(
        f"UPDATE conference SET {names}revision = revision + 1, changed_by = :by, changed_ms = :now_ms "
        "WHERE id = :id",
        told,
    )
    return of_id(db, conference.id)


def conference_of(row: sqlite3.Row) -> Conference:
    """The conference of a row of SELECT."""
    plan = Plan(**{name: row[name] for name in Plan.__dataclass_fields__})
    parts = {"plan", "state", "members", "cases"}
    names = [name for name in Conference.__dataclass_fields__ if name not in parts]
    members, cases = (sorted(json.loads(row[name]), key=_place) for name in ("members", "cases"))
    return Conference(
        **{name: row[name] for name in names},
        plan=plan,
        state=ConferenceState(row["state"]),
        members=tuple(map(_member, members)),
        cases=tuple(Case(**{**one, "state": CaseState(one["state"])}) for one in cases),
    )


_NONE = "there is no conference {!r:.40}: see /api/conferences for those you were asked to"


def _place(row: Mapping[str, Any]) -> int:
    return row["place"]


def _member(row: Mapping[str, Any]) -> Member:
    names = ("display", "part", "why", "proposed_ms", "answered_ms")
    kept = {name: row[name] for name in names}
    who, answer = Person(row["site"], row["name"]), AnswerState(row["answer"])
    return Member(person=who, required=bool(row["required"]), answer=answer, **kept)


def _asked(conference: Conference | None, number: str, person: Person) -> Conference:
    if conference is None or conference.member(person.actor) is None:
        raise NotFound(_NONE.format(number))
    return conference


def _entry(action: str, conference: Conference, by: By, detail: Mapping[str, str | int]) -> Entry:
    told = dict(detail)
    patient = told.pop("patient", None)
    whose = {"patient": None if patient is None else str(patient), "where": by.where, "why": by.why}
    return Entry(action, by.actor, conference.entity, **whose, detail=told)
