"""The cases of a conference: rows of conference_case, inside transactions."""

import sqlite3
from collections.abc import Sequence

from controller.conferences.model import Asked, Conference
from controller.errors import Conflict, OrderError

MOST = 30
FEWEST_MINUTES, MOST_MINUTES = 1, 240
_STAY = "SELECT id FROM stay WHERE identifier = ? AND to_ms IS NULL ORDER BY from_ms DESC LIMIT 1"
_ADD = """INSERT INTO conference_case (conference, place, stay, subject, subject_name, question, minutes,
  presenter, state) VALUES (?, (SELECT ifnull(max(place), 0) + 1 FROM conference_case WHERE conference = ?),
  ?, ?, ?, ?, ?, ?, 'waiting')"""
_PLACE = "UPDATE conference_case SET place = ? WHERE id = ? AND conference = ?"
_STATE = "UPDATE conference_case SET state = ? WHERE id = ?"
_CHANGE = "UPDATE conference_case SET question = ?, minutes = ?, presenter = ? WHERE id = ?"


def check(cases: Sequence[Asked]) -> None:
    """Raises OrderError."""
    for one in cases:
        check_case(one.question, one.minutes)


def check_case(question: str, minutes: int) -> None:
    """Raises OrderError."""
    if not question.strip():
        raise OrderError("expected the question of each case, got none: say what is to be decided")
    if not FEWEST_MINUTES <= minutes <= MOST_MINUTES:
        raise OrderError(f"expected {FEWEST_MINUTES} to {MOST_MINUTES} minutes for a case, got {minutes}")


def add(db: sqlite3.Connection, conference: Conference, cases: Sequence[Asked]) -> None:
    """Put them on the agenda, at the end. Raises Conflict: a patient is on it already; OrderError."""
    known = {one.identifier for one in conference.cases}
    if len(known) + len(cases) > MOST:
        raise OrderError(f"expected at most {MOST} cases in a conference, got more")
    for one in cases:
        if one.identifier in known:
            raise Conflict(f"patient {one.identifier} is on the agenda already: change that case")
        known.add(one.identifier)
        stay = db.execute(_STAY, (one.identifier,)).fetchone()
        about = one.identifier, one.name, one.question, one.minutes, one.presenter
        db.execute(_ADD, (conference.id, conference.id, stay and stay["id"], *about))


def arrange(db: sqlite3.Connection, conference: Conference, order: Sequence[int]) -> None:
    """In this order. Raises Conflict: it does not name every case once."""
    if sorted(order) != sorted(one.id for one in conference.cases):
        raise Conflict("expected every case of the agenda once: look again")
    for place, number in enumerate(order, start=1):
        db.execute(_PLACE, (place, number, conference.id))


def set_state(db: sqlite3.Connection, number: int, state: str) -> None:
    """Of one case."""
    db.execute(_STATE, (state, number))


def change(db: sqlite3.Connection, number: int, said: Asked) -> None:
    """What is asked of one case, for how long, and who presents it."""
    db.execute(_CHANGE, (said.question, said.minutes, said.presenter, number))
