"""Demands that a recording be erased which somebody has to answer: where the hospital has to keep it.

    demanded(db, recording, by, now_ms)                            # in the caller's transaction
    erasure = await newest(books, recording)                       # Erasure; None: nobody demanded it

Where consent alone carried a recording there is no such thing: endings.demand erases it at once.
"""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from controller.errors import Conflict
from controller.identity.certificates import By
from controller.steps import check_step
from controller.telemedicine.recordings.books import Books
from controller.telemedicine.recordings.model import Recording

_NEWEST = "SELECT * FROM recording_erasure WHERE recording = ? ORDER BY id DESC LIMIT 1"
_ADD = "INSERT INTO recording_erasure (recording, state, by, why, at_ms) VALUES (?, 'requested', ?, ?, ?)"
_ANSWER = "UPDATE recording_erasure SET state = ?, answered_by = ?, answer = ?, answered_ms = ? WHERE id = ?"


class ErasureState(StrEnum):
    """How far a demand is. The names are those of FHIR's task status, as far as there are some."""

    REQUESTED = "requested"
    COMPLETED = "completed"
    """The recording is erased."""
    REJECTED = "rejected"
    """It has to be kept until its time; it may be demanded again."""


_S = ErasureState
ERASURE_STEPS: Mapping[ErasureState, frozenset[ErasureState]] = {
    _S.REQUESTED: frozenset({_S.COMPLETED, _S.REJECTED}),
    _S.COMPLETED: frozenset(),
    _S.REJECTED: frozenset(),
}
"""Where a demand may go, by where it is."""


@dataclass(frozen=True, slots=True)
class Erasure:
    """One demand. Times are in the controller's time scale."""

    id: int
    state: ErasureState
    by: str
    why: str
    at_ms: int
    answered_by: str
    answer: str
    answered_ms: int | None


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said to a demand, and why."""

    number: str
    state: ErasureState
    why: str


async def newest(books: Books, recording: Recording) -> Erasure | None:
    """The last demand; None: nobody has demanded it. Raises StoreError."""
    rows = await books.store.read(_NEWEST, (recording.id,))
    return _erasure(rows[0]) if rows else None


def demanded(db: sqlite3.Connection, recording: Recording, by: By, now_ms: int) -> None:
    """It waits for an answer; demanded again meanwhile, it waits once."""
    if (found := _newest(db, recording)) is None or found.state is not _S.REQUESTED:
        db.execute(_ADD, (recording.id, by.actor, by.why, now_ms))


def answered(db: sqlite3.Connection, recording: Recording, said: Answer, by: By, now_ms: int) -> None:
    """Raises Conflict: nobody waits for one."""
    if (found := _newest(db, recording)) is None:
        raise Conflict(f"nobody has demanded that {recording.number} be erased: there is nothing to answer")
    check_step(ERASURE_STEPS, found.state, said.state)
    db.execute(_ANSWER, (said.state, by.actor, said.why, now_ms, found.id))


def _newest(db: sqlite3.Connection, recording: Recording) -> Erasure | None:
    row = db.execute(_NEWEST, (recording.id,)).fetchone()
    return _erasure(row) if row else None


def _erasure(row: sqlite3.Row) -> Erasure:
    kept = {name: row[name] for name in Erasure.__dataclass_fields__}
    return Erasure(**{**kept, "state": ErasureState(row["state"])})
