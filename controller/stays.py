"""Who lay where, from when until when: the table `stay`, inside the caller's transaction.

On one bed each stay ends at the latest when the next begins, whichever was heard of first: what was measured
at any time belongs to one patient. A patient of whom nothing is known has an identifier of our own,
`unknown(…)`, until somebody says who it is: then every stay of that patient gets the real one.
"""

import sqlite3
from dataclasses import dataclass
from typing import NamedTuple

from controller.audit.chain import append
from controller.audit.entry import Entry
from controller.errors import Conflict
from controller.identity.certificates import By
from controller.patients.follow import follow

UNKNOWN = "UNKNOWN-"
"""How our own identifiers begin: no hospital's patient has one."""

_OPEN = "SELECT * FROM stay WHERE bed = ? AND to_ms IS NULL"
_END = "UPDATE stay SET to_ms = ? WHERE id = ?"
_CUT = """UPDATE stay SET to_ms = :from
WHERE bed = :bed AND from_ms <= :from AND (to_ms IS NULL OR to_ms > :from)
RETURNING id, identifier"""
_NEXT = "SELECT min(from_ms) FROM stay WHERE bed = ? AND from_ms > ?"
_ADD = """INSERT INTO stay (bed, identifier, name, from_ms, to_ms, by, gateway, box_stay)
VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING id"""
_ELSEWHERE = """SELECT 1 FROM stay WHERE identifier = :identifier AND bed <> :bed
AND (to_ms IS NULL OR to_ms > :from) AND (:to IS NULL OR from_ms < :to) LIMIT 1"""
_SAME = """SELECT * FROM stay WHERE id = :id
OR id = (SELECT to_stay FROM handover WHERE from_stay = :id)
OR (identifier = :identifier AND substr(identifier, 1, length(:unknown)) = :unknown)"""
_NAME = "UPDATE stay SET identifier = ?, name = ?, identified_by = ifnull(?, identified_by) WHERE id = ?"


@dataclass(frozen=True, slots=True)
class Patient:
    """A person on a bed: `identifier` is the hospital's."""

    identifier: str
    name: str


class Moment(NamedTuple):
    """Now: in the controller's time scale, and UTC for the audit trail."""

    now_ms: int
    utc_us: int


@dataclass(frozen=True, slots=True)
class Box:
    """Where a stay that a crew began comes from."""

    gateway: str
    stay: str


def unknown(stay: str) -> str:
    """The identifier of a patient of whom nothing is known, from the box's number of the stay."""
    return f"{UNKNOWN}{stay}"


def is_unknown(identifier: str) -> bool:
    """Whether nobody has said yet who it is."""
    return identifier.startswith(UNKNOWN)


def present(db: sqlite3.Connection, bed: str) -> sqlite3.Row | None:
    """The stay that has no end."""
    return db.execute(_OPEN, (bed,)).fetchone()


def begin(
    db: sqlite3.Connection, bed: str, patient: Patient, from_ms: int, by: str, *, box: Box | None = None
) -> tuple[int, list[str]]:
    """Put a patient there from `from_ms` on. Returns the stay's id, and who had to leave for it.

    If somebody else came later, of whom was heard before, the stay has an end from its beginning on.
    """
    left = [row["identifier"] for row in db.execute(_CUT, {"bed": bed, "from": from_ms}).fetchall()]
    (next_ms,) = db.execute(_NEXT, (bed, from_ms)).fetchone()
    origin = (box.gateway, box.stay) if box else (None, None)
    row = bed, patient.identifier, patient.name, from_ms, next_ms, by, *origin
    return db.execute(_ADD, row).fetchone()["id"], left


def end(db: sqlite3.Connection, stay: sqlite3.Row, at_ms: int) -> bool:
    """It ended at `at_ms`, if not earlier. Whether that is news."""
    at_ms = max(at_ms, stay["from_ms"])
    if stay["to_ms"] is not None and stay["to_ms"] <= at_ms:
        return False
    db.execute(_END, (at_ms, stay["id"]))
    return True


def identify(
    db: sqlite3.Connection, stay: sqlite3.Row, patient: Patient, by_hospital: str | None = None
) -> list[sqlite3.Row]:
    """Say who it is, of every stay of the same unknown patient, and of where this one was handed over to:
    what was said of the patient there goes along. Returns them as they were.

    Raises Conflict: that patient lies on another bed at the same time. Which one, not everybody may know.
    """
    whose = {"id": stay["id"], "identifier": stay["identifier"], "unknown": UNKNOWN}
    same = db.execute(_SAME, whose).fetchall()
    if patient.identifier != stay["identifier"] and any(_elsewhere(db, row, patient) for row in same):
        raise Conflict(
            "expected a patient who is on no other bed at the same time, this one is: find out who is where"
        )
    for row in same:
        db.execute(_NAME, (patient.identifier, patient.name, by_hospital, row["id"]))
    for before in {row["identifier"] for row in same}:
        stays = [row["id"] for row in same if row["identifier"] == before]
        follow(db, before, patient.identifier, patient.name, stays)
    return same


def admit(db: sqlite3.Connection, bed: str, patient: Patient, by: By, when: Moment) -> None:
    """Somebody at the hospital puts a patient on `bed` now, in place of whoever was there."""
    discharge(db, bed, by, when)
    begin(db, bed, patient, when.now_ms, by.actor)
    append(db, _entry("admit", bed, patient.identifier, by), when.utc_us)


def discharge(db: sqlite3.Connection, bed: str, by: By, when: Moment) -> None:
    """Nobody is on `bed` from now on."""
    if (stay := present(db, bed)) is not None:
        end(db, stay, when.now_ms)
        append(db, _entry("discharge", bed, stay["identifier"], by), when.utc_us)


def identify_present(db: sqlite3.Connection, bed: str, patient: Patient, by: By, when: Moment) -> None:
    """Somebody at the hospital says who the unknown patient on `bed` is. Raises Conflict."""
    stay = present(db, bed)
    if stay is None or not is_unknown(stay["identifier"]):
        raise Conflict(f"expected an unknown patient on bed {bed!r}, there is none any more: look at the bed")
    if is_unknown(patient.identifier):
        raise Conflict(f"expected the hospital's identifier, got one that begins with {UNKNOWN}")
    for before in identify(db, stay, patient, by.actor):
        for whose in (before["identifier"], patient.identifier):
            append(db, _entry("identify", before["bed"], whose, by), when.utc_us)


def _entry(action: str, bed: str, patient: str, by: By) -> Entry:
    return Entry(action, by.actor, f"bed/{bed}", patient=patient, where=by.where)


def _elsewhere(db: sqlite3.Connection, stay: sqlite3.Row, patient: Patient) -> bool:
    span = {"bed": stay["bed"], "from": stay["from_ms"], "to": stay["to_ms"]}
    return db.execute(_ELSEWHERE, {"identifier": patient.identifier, **span}).fetchone() is not None
