"""The pharmacy's queue: a FHIR Task for each time that a prescription's quantity is to be handed out."""

import sqlite3
from dataclasses import dataclass

from controller.errors import Conflict, NotFound, OrderError
from controller.identity.certificates import By
from controller.imaging.sight import Sight, parameters
from controller.prescriptions import notices
from controller.prescriptions.books import MOST, SEEN, Books, check_revision, ids_of, of_id
from controller.prescriptions.model import Prescription
from controller.prescriptions.signatures import Signatures, verified
from controller.prescriptions.states import TASK_STEPS, RxState, TaskState
from controller.steps import check_step
from controller.store.sql import IDS

OPEN = (TaskState.REQUESTED, TaskState.ACCEPTED, TaskState.IN_PROGRESS, TaskState.ON_HOLD)
_OPEN_SQL = "('requested', 'accepted', 'in-progress', 'on-hold')"
_ADD = """INSERT INTO rx_task (prescription, fill, state, revision, why, owner, asked_by, asked_ms,
  changed_by, changed_ms) VALUES (?, ?, 'requested', 1, '', '', ?, ?, ?, ?)"""
_ONE = "SELECT * FROM rx_task WHERE id = ?"
_OF = "SELECT * FROM rx_task WHERE prescription = ? ORDER BY id"
_OF_ALL = f"SELECT * FROM rx_task WHERE prescription IN {IDS} ORDER BY id"
_QUEUE = f"""SELECT rx_task.* FROM rx_task JOIN prescription ON prescription.id = rx_task.prescription
LEFT JOIN stay ON stay.id = prescription.stay
WHERE rx_task.state IN {_OPEN_SQL} AND {SEEN} ORDER BY rx_task.asked_ms, rx_task.id LIMIT {MOST}"""
_STEP = """UPDATE rx_task SET state = ?, why = ?, owner = ?, revision = revision + 1, changed_by = ?,
  changed_ms = ? WHERE id = ?"""
_BY_DISPENSE = frozenset({TaskState.IN_PROGRESS, TaskState.COMPLETED})
_WITH_REASON = frozenset({TaskState.REJECTED, TaskState.ON_HOLD, TaskState.FAILED, TaskState.CANCELLED})


@dataclass(frozen=True, slots=True)
class Task:
    """Work of the pharmacy, as it stands."""

    id: int
    prescription: int
    fill: int
    """0: the first time, then each repeat."""
    state: TaskState
    revision: int
    why: str
    owner: str
    """The pharmacist who has it; "": nobody yet."""
    asked_by: str
    asked_ms: int
    changed_by: str
    changed_ms: int


class Tasks:
    """Methods raise StoreError, too."""

    def __init__(self, books: Books, signatures: Signatures) -> None:
        self._books = books
        self._signatures = signatures

    async def queue(self, sight: Sight) -> list[tuple[Task, Prescription]]:
        """What is open, the oldest first."""
        rows = await self._books.store.read(_QUEUE, {"patients": parameters(sight)["patients"]})
        return await self._with_prescriptions([task_of(row) for row in rows])

    async def of(self, *rxs: Prescription) -> list[Task]:
        """Of these prescriptions, the oldest first."""
        return [task_of(row) for row in await self._books.store.read(_OF_ALL, (ids_of(rxs),))]

    async def find(self, number: int, sight: Sight) -> tuple[Task, Prescription]:
        """One. Raises NotFound."""
        rows = await self._books.store.read(_ONE, (number,))
        found = await self._with_prescriptions([task_of(row) for row in rows])
        if not found or not sight.shows(found[0][1].identifier, ""):
            raise NotFound(f"there is no task {number}: see /api/pharmacy/queue for those there are")
        return found[0]

    async def step(self, number: int, over: int, to: TaskState, sight: Sight, by: By) -> Task:
        """Accept it, which looks at the signature again; reject it, which tells the prescriber why; put it on
        hold; give it up. It begins and completes by what is handed out.

        Raises NotFound, Outdated, Conflict, OrderError.
        """
        if to in _BY_DISPENSE:
            raise Conflict(f"a task is {to} by what is handed out for it: begin there")
        if to in _WITH_REASON and not by.why.strip():
            raise OrderError(f"expected a reason for {to}, got none: say why")
        task, rx = await self.find(number, sight)
        check_revision(f"task {number}", task.revision, over)
        check_step(TASK_STEPS, task.state, to)
        if to is TaskState.ACCEPTED:
            await verified(self._books, self._signatures, rx, by)
        return await self._books.store.write(lambda db: self._step(db, task, to, by))

    def _step(self, db: sqlite3.Connection, known: Task, to: TaskState, by: By) -> Task:
        task = held_task(db, known.id)
        check_revision(f"task {task.id}", task.revision, known.revision)
        rx = of_id(db, task.prescription)
        if to is TaskState.ACCEPTED and rx.state is not RxState.ACTIVE:
            raise Conflict(f"prescription {rx.number} is {rx.state} by now: nothing of it is handed out")
        made = step_task(db, self._books, task, to, by)
        if to in (TaskState.REJECTED, TaskState.FAILED):
            notices.tell(db, self._books, rx, "rejected", by.why)
        return made

    async def _with_prescriptions(self, found: list[Task]) -> list[tuple[Task, Prescription]]:
        of = await self._books.by_ids(task.prescription for task in found)
        return [(task, of[task.prescription]) for task in found]


def ask(db: sqlite3.Connection, books: Books, rx: Prescription, fill: int, by: By) -> None:
    """Ask the pharmacy for it, in the transaction that signs or repeats."""
    now_ms = books.now_ms()
    db.execute(_ADD, (rx.id, fill, by.actor, now_ms, by.actor, now_ms))


def held_task(db: sqlite3.Connection, number: int) -> Task:
    """The task, inside a transaction. It is known to be there."""
    return task_of(db.execute(_ONE, (number,)).fetchone())


def tasks_of(db: sqlite3.Connection, rx: Prescription) -> list[Task]:
    """Those of a prescription, inside a transaction."""
    return [task_of(row) for row in db.execute(_OF, (rx.id,)).fetchall()]


def step_task(db: sqlite3.Connection, books: Books, task: Task, to: TaskState, by: By) -> Task:
    """Change its state, inside a transaction. Raises Conflict."""
    check_step(TASK_STEPS, task.state, to)
    owner = by.actor if to is TaskState.ACCEPTED else task.owner
    db.execute(_STEP, (to, by.why, owner, by.actor, books.now_ms(), task.id))
    rx = of_id(db, task.prescription)
    books.note(db, "pharmacy-task-changed", rx, by, task=task.id, state=str(to))
    return held_task(db, task.id)


def task_of(row: sqlite3.Row) -> Task:
    """The task of a row."""
    told = {name: row[name] for name in Task.__dataclass_fields__ if name != "state"}
    return Task(**told, state=TaskState(row["state"]))
