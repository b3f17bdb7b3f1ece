"""The pictures that were kept out of visits: each waits here, with its line in the trail, until it is known
what the archive did with it."""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_ADD = """INSERT INTO visit_snapshot (visit, actor, address, at_ms, state, about, bare, annotated,
  study, series, bare_uid, annotated_uid, why)
VALUES (?, ?, ?, ?, 'waiting', ?, ?, ?, '', '', '', '', '')
RETURNING id"""
_COLUMNS = """snapshot.id, visit.number, snapshot.actor, snapshot.address, snapshot.at_ms, snapshot.state,
  snapshot.study, snapshot.series, snapshot.bare_uid, snapshot.annotated_uid, snapshot.why"""
_FROM = "FROM visit_snapshot AS snapshot JOIN visit ON visit.id = snapshot.visit"
OF_VISIT = f"SELECT {_COLUMNS} {_FROM} WHERE visit.number = ? ORDER BY snapshot.id"
WAITING = "SELECT id FROM visit_snapshot WHERE state = 'waiting' ORDER BY id"
_ONE = f"SELECT {_COLUMNS}, about, bare, annotated {_FROM} WHERE snapshot.id = ?"
_SETTLE = """UPDATE visit_snapshot SET state = :state, bare = NULL, annotated = NULL,
  study = :study, series = :series, bare_uid = :bare_uid, annotated_uid = :annotated_uid, why = :why
WHERE id = :id AND state = 'waiting'"""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One, without its bytes. `state`: "waiting", "kept", "refused"; names are the archive's, "" before."""

    id: int
    number: str
    """The visit's."""
    actor: str
    address: str
    at_ms: int
    state: str
    study: str
    series: str
    bare_uid: str
    annotated_uid: str
    why: str


@dataclass(frozen=True, slots=True)
class Taken:
    """What staff took. `about`: as the archive reads it (JSON), but for which of both; JPEGs."""

    about: str
    bare: bytes
    annotated: bytes | None


@dataclass(frozen=True, slots=True)
class Became:
    """What the archive did with it."""

    state: str
    study: str = ""
    series: str = ""
    bare_uid: str = ""
    annotated_uid: str = ""
    why: str = ""


def add(db: sqlite3.Connection, visit: int, taken: Taken, by: tuple[str, str, int]) -> int:
    """Its number. `by`: whom, from where, when (UTC, ms)."""
    return db.execute(_ADD, (visit, *by, taken.about, taken.bare, taken.annotated)).fetchone()[0]


def one(db: sqlite3.Connection, number: int) -> tuple[Snapshot, Taken | None]:
    """None: it does not wait any more, and its bytes are the archive's."""
    row = db.execute(_ONE, (number,)).fetchone()
    waits = row["state"] == "waiting"
    return snapshot(row), Taken(row["about"], row["bare"], row["annotated"]) if waits else None


def settle(db: sqlite3.Connection, number: int, became: Became) -> bool:
    """Whether it was still waiting."""
    told: Mapping[str, Any] = {name: getattr(became, name) for name in Became.__dataclass_fields__}
    return db.execute(_SETTLE, {**told, "id": number}).rowcount > 0


def snapshot(row: sqlite3.Row) -> Snapshot:
    """Of a row of OF_VISIT."""
    return Snapshot(**{name: row[name] for name in Snapshot.__dataclass_fields__})
