"""What every part of the visits works with: the database, the time, the trail, and rows by number."""

import sqlite3
from collections.abc import Mapping

from controller.audit.chain import append
from controller.audit.entry import DONE, REFUSED, Entry
from controller.clock import Clock
from controller.errors import NotFound, Outdated
from controller.identity.certificates import By
from controller.imaging.sight import WHOLE, Sight, parameters
from controller.store import Store
from controller.telemedicine.model import Known, Plan, Visit
from controller.telemedicine.states import VisitState

MOST = 500
"""Visits in one answer."""
_WHOSE = "ifnull(stay.identifier, visit.subject)"
SELECT = f"""SELECT visit.*, {_WHOSE} AS identifier,
  ifnull(stay.name, visit.subject_name) AS name
FROM visit LEFT JOIN stay ON stay.id = visit.stay"""
_SEEN = f"""(:patients IS NULL OR host = :person OR {_WHOSE} IN (SELECT value FROM json_each(:patients)))"""
_ONE = f"{SELECT} WHERE number = ?"
_BETWEEN = f"""{SELECT} WHERE {_SEEN} AND start_ms >= :from_ms AND start_ms < :to_ms
ORDER BY start_ms, visit.id LIMIT {MOST}"""
_OF = f"{SELECT} WHERE {_SEEN} AND {_WHOSE} = :patient ORDER BY start_ms DESC, visit.id DESC LIMIT {MOST}"


class Books:
    """The visits of one controller. Methods raise StoreError, too."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self.store = store
        self.clock = clock

    def now_ms(self) -> int:
        """In the controller's time scale."""
        return self.clock.now_us() // 1000

    def utc_ms(self) -> int:
        """UTC."""
        return self.clock.utc_us() // 1000

    async def find(self, number: str, sight: Sight, person: str = "") -> Visit:
        """One, if `sight` shows its patient or `person` holds it. Raises NotFound."""
        rows = await self.store.read(_ONE, (number,))
        return _seen(visit_of(rows[0]) if rows else None, number, sight, person)

    async def between(self, span: tuple[int, int], sight: Sight, person: str) -> list[Visit]:
        """Those that start from `span[0]` on and before `span[1]` (UTC, ms), the earliest first."""
        told = {"from_ms": span[0], "to_ms": span[1], "person": person}
        found = await self.store.read(_BETWEEN, {**told, "patients": parameters(sight)["patients"]})
        return [visit_of(row) for row in found]

    async def of(self, patient: str, sight: Sight, person: str = "") -> list[Visit]:
        """Of one patient, the latest first."""
        told = {"patient": patient, "person": person, "patients": parameters(sight)["patients"]}
        return [visit_of(row) for row in await self.store.read(_OF, told)]

    def note(self, db: sqlite3.Connection, action: str, visit: Visit, by: By, **detail: str | int) -> None:
        """One line of the trail, in the transaction that makes the change."""
        append(db, _entry(action, visit, by, detail), self.clock.utc_us())

    def refuse(self, db: sqlite3.Connection, action: str, visit: Visit, by: By, **detail: str | int) -> None:
        """A line about what was tried and must not be, in a transaction that keeps the try."""
        append(db, _entry(action, visit, by, detail, REFUSED), self.clock.utc_us())


def held(db: sqlite3.Connection, number: str, sight: Sight = WHOLE, person: str = "") -> Visit:
    """The visit, inside a transaction, if `sight` shows it or `person` holds it. Raises NotFound."""
    row = db.execute(_ONE, (number,)).fetchone()
    return _seen(visit_of(row) if row else None, number, sight, person)


def current(db: sqlite3.Connection, known: Known, by: By) -> Visit:
    """The visit, if it is still at the revision that is known. Raises NotFound, Outdated."""
    visit = held(db, known.number, known.sight, by.actor)
    if visit.revision != known.over:
        raise Outdated(f"visit {visit.number} is at revision {visit.revision}, not {known.over}: look again")
    return visit


def visit_of(row: sqlite3.Row) -> Visit:
    """The visit of a row of SELECT."""
    plan = Plan(**{name: row[name] for name in Plan.__dataclass_fields__})
    names = [name for name in Visit.__dataclass_fields__ if name not in ("plan", "state")]
    return Visit(**{name: row[name] for name in names}, plan=plan, state=VisitState(row["state"]))


def _entry(action: str, visit: Visit, by: By, detail: Mapping[str, str | int], outcome: str = DONE) -> Entry:
    whose = {"patient": visit.identifier, "where": by.where, "why": by.why}
    return Entry(action, by.actor, visit.entity, outcome, **whose, detail=detail)


def _seen(visit: Visit | None, number: str, sight: Sight, person: str) -> Visit:
    is_own = visit is not None and person != "" and visit.plan.host == person
    if visit is None or not (is_own or sight.shows(visit.identifier, "")):
        raise NotFound(f"there is no visit {number!r:.40}: see /api/visits for those there are")
    return visit
