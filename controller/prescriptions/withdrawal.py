"""A prescription is withdrawn: the pharmacy's open work ends at once, what is on its way comes back, and the
pharmacy is told if it had begun."""

import sqlite3

from controller.identity.certificates import By
from controller.prescriptions import notices, pharmacy_notices
from controller.prescriptions.books import Books
from controller.prescriptions.model import Prescription
from controller.prescriptions.states import DispenseState, TaskState
from controller.prescriptions.tasks import OPEN, step_task, tasks_of

_LEFT = "SELECT 1 FROM rx_dispense WHERE prescription = ? AND state = 'completed' LIMIT 1"
_DISPENSES = """SELECT id, number, state FROM rx_dispense
WHERE prescription = ? AND state IN ('preparation', 'in-progress', 'on-hold')"""
_END = """UPDATE rx_dispense SET state = ?, why = ?, revision = revision + 1, changed_by = ?, changed_ms = ?
WHERE id = ?"""
_RETURN = """UPDATE rx_delivery SET coming_back = 1, revision = revision + 1, changed_by = ?, changed_ms = ?
WHERE state = 'in-progress' AND coming_back = 0
  AND dispense IN (SELECT id FROM rx_dispense WHERE prescription = ?) RETURNING number"""


def something_left(db: sqlite3.Connection, rx: Prescription) -> bool:
    """Whether something of it has left the pharmacy's bench."""
    return db.execute(_LEFT, (rx.id,)).fetchone() is not None


def end_tasks(db: sqlite3.Connection, books: Books, rx: Prescription, by: By) -> None:
    """In the transaction that ends `rx`: nobody works for it any more."""
    for task in tasks_of(db, rx):
        if task.state in OPEN:
            step_task(db, books, task, TaskState.CANCELLED, by)


def withdraw(db: sqlite3.Connection, books: Books, rx: Prescription, by: By) -> None:
    """In the transaction that withdraws `rx`: nothing of it is to reach the patient."""
    touched: list[str] = []
    for row in db.execute(_DISPENSES, (rx.id,)).fetchall():
        begun = row["state"] != DispenseState.PREPARATION
        to = DispenseState.STOPPED if begun else DispenseState.CANCELLED
        db.execute(_END, (to, by.why, by.actor, books.now_ms(), row["id"]))
        books.note(db, "dispense-changed", rx, by, dispense=row["number"], state=str(to))
        touched.append(row["number"])
    for row in db.execute(_RETURN, (by.actor, books.now_ms(), rx.id)).fetchall():
        books.note(db, "delivery-returns", rx, by, delivery=row["number"])
        touched.append(row["number"])
    for number in touched:
        what = pharmacy_notices.What("withdrawn", number, by.why or "ended")
        pharmacy_notices.tell(db, books, what, by, rx=rx)
    if by.actor != rx.prescriber:
        notices.tell(db, books, rx, "changed", by.why or "ended")
