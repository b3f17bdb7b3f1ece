"""What patients say of what they took: append-only, the last word on a dose counts.

said = await taken.say(Saying("RX00000001", due_ms, "taken"), access, where)
said = await taken.say(Saying("RX00000001", due_ms, "undone", after=7), access, where)    # a slip of just now
rows = await taken.of(rx)
"""

import sqlite3

from controller.clock import Zone
from controller.errors import Conflict, Outdated
from controller.identity.certificates import By
from controller.patient_access.doses import holding, prescribed_for
from controller.patient_access.model import Said, Saying
from controller.patient_access.sessions import PatientAccess, actor_of
from controller.prescriptions.books import Books, held
from controller.prescriptions.model import Prescription
from controller.prescriptions.states import RxState
from controller.prescriptions.timing import DAY_MS, HOUR_MS, Span, due

BACK_MS, AHEAD_MS = 2 * DAY_MS, HOUR_MS
"""Of doses that were due so long ago, or will be so soon, something may be said."""
UNDO_MS = 15 * 60_000
"""So long what was said may be undone."""
_MOST = 2000
_ADD = """INSERT INTO rx_taken (prescription, due_ms, said, why, by, at_ms) VALUES (?, ?, ?, ?, ?, ?)
RETURNING id"""
_OF = f"""SELECT * FROM (SELECT * FROM rx_taken WHERE prescription = ? ORDER BY id DESC LIMIT {_MOST})
ORDER BY id"""


class Taken:
    """Methods raise StoreError, too; `zone` None: this machine's."""

    def __init__(self, books: Books, zone: Zone | None = None) -> None:
        self._books = books
        self._zone = zone

    async def of(self, rx: Prescription) -> list[Said]:
        """All of one prescription, the oldest first, at most the last 2000."""
        return [_said(row) for row in await self._books.store.read(_OF, (rx.id,))]

    async def say(self, what: Saying, access: PatientAccess, where: str) -> Prescription:
        """Said again it is said once.

        Raises NotFound; Conflict: no dose is due then, it is too long ago or too soon, or the ward gives it;
        Outdated: of a medicine as needed, or of what is undone, something was said meanwhile.
        """
        by = By(actor_of(access.identifier), where)
        return await self._books.store.write(lambda db: self._say(db, what, access, by))

    def _say(self, db: sqlite3.Connection, what: Saying, access: PatientAccess, by: By) -> Prescription:
        rx = held(db, what.number, access.sight)
        if rx.signed_ms is None or rx.wanted.setting == "inpatient":
            raise Conflict(f"nothing is said of {rx.number} here: it is no medicine that is taken at home")
        before = [_said(row) for row in db.execute(_OF, (rx.id,)).fetchall()]
        of_it = [one for one in holding(before) if one.due_ms == what.due_ms]
        last = of_it[-1] if of_it else None
        if what.said == "undone":
            if what.after in {one.id for one in before} - {one.id for one in of_it}:
                return rx  # it is undone already
            self._check_undone(rx, what, last)
        elif rx.wanted.timing.rhythm == "as-needed":
            _check_needed(rx, what, last)
        elif last and (last.said, last.why) == (what.said, what.why):
            return rx
        else:
            self._check_due(rx, what)
        row = rx.id, what.due_ms, what.said, what.why, by.actor, self._books.now_ms()
        (number,) = db.execute(_ADD, row).fetchone()
        told = {"said": what.said, "due_ms": what.due_ms or 0, "taken": number}
        self._books.note(db, "medicine-taken", rx, by, **told)
        return rx

    def _check_undone(self, rx: Prescription, what: Saying, last: Said | None) -> None:
        if last is None or what.after != last.id:
            raise Outdated(f"something was said of {rx.number} meanwhile: look again")
        if self._books.now_ms() - last.at_ms > UNDO_MS:
            raise Conflict("what was said is undone within 15 minutes: tell your pharmacist what was wrong")

    def _check_due(self, rx: Prescription, what: Saying) -> None:
        at_ms, now_ms = -1 if what.due_ms is None else what.due_ms, self._books.utc_ms()
        if not now_ms - BACK_MS <= at_ms <= now_ms + AHEAD_MS:
            raise Conflict("a dose is ticked from one hour before its time until two days after it")
        if not due(rx.wanted.timing, prescribed_for(rx), Span(at_ms, at_ms + 1), self._zone):
            raise Conflict(f"no dose of {rx.number} is due at that time: look again")


def _check_needed(rx: Prescription, what: Saying, last: Said | None) -> None:
    if rx.state is not RxState.ACTIVE or what.due_ms is not None or what.said != "taken":
        raise Conflict(f"of {rx.number}, which is {rx.state}, it is said when it was taken, and nothing else")
    if what.after != (last.id if last else 0):
        raise Outdated(f"something was said of {rx.number} meanwhile: look again")


def _said(row: sqlite3.Row) -> Said:
    return Said(**{name: row[name] for name in Said.__dataclass_fields__})
