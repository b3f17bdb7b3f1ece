"""Visits by video: agreed upon, moved, begun, ended.

    visits = Visits(books)
    visit = await visits.book(Subject("4711", "Muster, Anna"), Plan("ben", start_ms, 20, "cough"), by)
    visit = await visits.step(Known(visit.number, visit.revision, sight), VisitState.IN_PROGRESS, by)

Who sees the patient sees the visits, and so does who holds them: of another's nobody learns of any.
"""

import sqlite3

from controller.errors import Conflict, NotFound, OrderError
from controller.identity.certificates import By
from controller.imaging.sight import WHOLE
from controller.prescriptions.books import next_number
from controller.security.permissions import Permission
from controller.security.users import ACCOUNT, account_of
from controller.steps import check_step
from controller.telemedicine.books import Books, current, held
from controller.telemedicine.model import Known, Plan, Subject, Visit
from controller.telemedicine.states import OPEN, VISIT_STEPS, WITH_REASON, VisitState

FEWEST_MINUTES, MOST_MINUTES = 5, 240
AHEAD_MS = 366 * 24 * 3_600_000
"""Nothing is agreed upon for later than in a year."""
LATE_MS = 5 * 60_000
"""An agreed time may have passed so long ago when it is written down."""
_STAY = "SELECT id FROM stay WHERE identifier = ? AND to_ms IS NULL ORDER BY from_ms DESC LIMIT 1"
_ADD = """INSERT INTO visit (id, number, stay, subject, subject_name, way, host, start_ms, minutes, reason,
  follows, state, revision, booked_by, booked_ms, changed_by, changed_ms, began_ms, ended_ms)
VALUES (:id, :number, :stay, :subject, :name, :way, :host, :start_ms, :minutes, :reason, :follows,
  :state, 1, :by, :now_ms, :by, :now_ms, :began_ms, NULL)"""
_CHANGE = """UPDATE visit SET state = :state, start_ms = :start_ms, minutes = :minutes, began_ms = :began_ms,
  ended_ms = :ended_ms, revision = revision + 1, changed_by = :by, changed_ms = :now_ms WHERE id = :id"""
_BUSY = """SELECT number, start_ms, minutes FROM visit WHERE host = :host AND number <> :number
AND state IN ('booked', 'arrived', 'in-progress')
AND start_ms < :end_ms AND start_ms + minutes * 60000 > :start_ms ORDER BY start_ms"""
_ENDED = "UPDATE visit_session SET ended_ms = ? WHERE visit = ? AND ended_ms IS NULL"
_ENDED_GUESTS = f"{_ENDED} AND link IN (SELECT id FROM visit_link WHERE guest = 'guest')"
"""The patient's goes on for the day: to read the summary, since nothing else is open any more."""


class Visits:
    """Methods raise StoreError, too; those that take a Known raise NotFound and Outdated."""

    def __init__(self, books: Books) -> None:
        self.books = books

    async def book(self, subject: Subject, plan: Plan, by: By) -> Visit:
        """Agree upon one; whoever books sees the patient, which the caller has looked at.

        One at the bedside or from a vehicle begins now. Raises OrderError; NotFound: what it follows.
        """
        self._check_plan(plan)
        return await self.books.store.write(lambda db: self._book(db, subject, plan, by))

    async def move(self, known: Known, start_ms: int, minutes: int, by: By) -> Visit:
        """To another time. Raises Conflict: it has begun, or is over; OrderError."""

        def work(db: sqlite3.Connection) -> Visit:
            visit = current(db, known, by)
            if visit.state not in (VisitState.BOOKED, VisitState.NOSHOW):
                raise Conflict(f"visit {visit.number} is {visit.state}: only one that is to come is moved")
            self._check_time(start_ms, minutes)
            told = {"start_ms": start_ms, "minutes": minutes, "state": VisitState.BOOKED}
            return self._change(db, visit, by, "visit-moved", **told)

        return await self.books.store.write(work)

    async def step(self, known: Known, to: VisitState, by: By) -> Visit:
        """Change its state. Raises Conflict, which says what is possible; OrderError: `by.why` says why."""
        if to in WITH_REASON and not by.why.strip():
            raise OrderError(f"expected a reason for {to}, got none: say why")
        return await self.books.store.write(lambda db: self._step(db, current(db, known, by), to, by))

    async def arrive(self, number: str, by: By) -> Visit:
        """The patient is there; said again, nothing again. Raises Conflict: it is over."""

        def work(db: sqlite3.Connection) -> Visit:
            visit = held(db, number)
            if visit.state in (VisitState.ARRIVED, VisitState.IN_PROGRESS):
                return visit
            return self._step(db, visit, VisitState.ARRIVED, by)

        return await self.books.store.write(work)

    async def check_host(self, name: str) -> None:
        """Raises OrderError: nobody of that name may hold a visit."""
        rows = await self.books.store.read(f"{ACCOUNT} WHERE user.name = ?", (name,))
        account = account_of(rows[0]) if rows else None
        if account is None or account.disabled or Permission.HOLD_VISITS not in account.user.permissions:
            raise OrderError(f"expected the account of who may hold a visit, got {name!r:.64}: see the list")

    async def busy(self, plan: Plan, number: str = "") -> list[str]:
        """Numbers of other visits that the same person holds at that time: for people, who may mean it."""
        told = {"host": plan.host, "start_ms": plan.start_ms, "number": number}
        found = await self.books.store.read(_BUSY, {**told, "end_ms": plan.start_ms + plan.minutes * 60_000})
        return [row["number"] for row in found]

    def _book(self, db: sqlite3.Connection, subject: Subject, plan: Plan, by: By) -> Visit:
        if plan.follows and held(db, plan.follows, WHOLE).identifier != subject.identifier:
            raise NotFound(f"there is no visit {plan.follows!r:.40} of this patient: see /api/visits")
        number, name = next_number(db, "visit", "TV")
        stay, now_ms = db.execute(_STAY, (subject.identifier,)).fetchone(), self.books.now_ms()
        is_now = plan.way != "scheduled"
        state = VisitState.IN_PROGRESS if is_now else VisitState.BOOKED
        made = {"id": number, "number": name, "subject": subject.identifier, "name": subject.name}
        told = {part: getattr(plan, part) for part in Plan.__dataclass_fields__}
        when = {"now_ms": now_ms, "began_ms": now_ms if is_now else None}
        whose = {"stay": stay and stay["id"], "state": state, "by": by.actor}
        db.execute(_ADD, {**made, **told, **when, **whose})
        visit = held(db, name)
        self.books.note(db, "visit-booked", visit, by, host=plan.host, start_ms=plan.start_ms, way=plan.way)
        return visit

    def _step(self, db: sqlite3.Connection, visit: Visit, to: VisitState, by: By) -> Visit:
        check_step(VISIT_STEPS, visit.state, to)
        now_ms = self.books.now_ms()
        times: dict[str, int] = {"began_ms": now_ms} if to is VisitState.IN_PROGRESS else {}
        if to not in OPEN:
            times = {"ended_ms": now_ms}
            ends = _ENDED_GUESTS if to is VisitState.FULFILLED else _ENDED
            db.execute(ends, (now_ms, visit.id))
        return self._change(db, visit, by, "visit-changed", state=to, **times)

    def _change(
        self, db: sqlite3.Connection, visit: Visit, by: By, action: str, **changes: str | int
    ) -> Visit:
        kept = {"state": visit.state, "start_ms": visit.plan.start_ms, "minutes": visit.plan.minutes}
        times = {"began_ms": visit.began_ms, "ended_ms": visit.ended_ms}
        who = {"id": visit.id, "by": by.actor, "now_ms": self.books.now_ms()}
        db.execute(_CHANGE, {**kept, **times, **changes, **who})
        changed = held(db, visit.number)
        self.books.note(db, action, changed, by, **{name: str(value) for name, value in changes.items()})
        return changed

    def _check_plan(self, plan: Plan) -> None:
        if not plan.reason.strip():
            raise OrderError("expected what the visit is for, got nothing: say it in a few words")
        self._check_time(plan.start_ms, plan.minutes)

    def _check_time(self, start_ms: int, minutes: int) -> None:
        if not FEWEST_MINUTES <= minutes <= MOST_MINUTES:
            raise OrderError(f"expected {FEWEST_MINUTES} to {MOST_MINUTES} minutes, got {minutes}")
        now_ms = self.books.utc_ms()
        if not now_ms - LATE_MS <= start_ms <= now_ms + AHEAD_MS:
            raise OrderError("expected a time from now on and within a year, got another: look at the date")
