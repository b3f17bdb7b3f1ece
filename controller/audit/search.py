"""Asks the trail: who saw a patient, what a person did, what happened when.

"Who saw patient X between …" is one question. An open board is an entry for each patient that it shows,
written again every hour (controller/api/watching.py): it counts for the hour after it, until it is closed.
"""

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

WATCHING = "events"
"""The action of a stream that shows patients from then on."""
CLOSED = "events-closed"
WATCHED_US = 3_600_000_000
"""So often an open stream is recorded again."""

_WATCHED = f"""utc_us BETWEEN :from_us - {WATCHED_US} AND :from_us - 1 AND action = '{WATCHING}'
AND NOT EXISTS (SELECT 1 FROM audit AS closed WHERE closed.action = '{CLOSED}'
  AND closed.entity = audit.entity AND closed.utc_us < :from_us)"""
_BETWEEN = "utc_us BETWEEN :from_us AND :to_us"
ALL = 2**62
"""Entries: as many as there are."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked for; "" is anything. Times are UTC, µs. `before` is for the next page: a number."""

    from_us: int
    to_us: int
    patient: str = ""
    actor: str = ""
    action: str = ""
    before: int | None = None
    limit: int = ALL

    @property
    def where(self) -> str:
        """The condition in SQL, for `parameters`."""
        times = f"({_BETWEEN} OR ({_WATCHED}))" if self.patient else _BETWEEN
        parts = [
            times,
            *(f"{name} = :{name}" for name in ("patient", "actor", "action") if getattr(self, name)),
        ]
        return " AND ".join(parts if self.before is None else [*parts, "number < :before"])

    @property
    def parameters(self) -> dict[str, Any]:
        """The values in it."""
        names = "from_us", "to_us", "patient", "actor", "action", "before", "limit"
        return {name: getattr(self, name) for name in names}


def found(db: sqlite3.Connection, question: Question) -> Iterator[dict[str, Any]]:
    """The entries, newest first, as dictionaries with their `number` and `hash` (hexadecimal).

    Inside a transaction: a server keeps the rows until they are asked for.
    """
    query = f"SELECT number, entry, hash FROM audit WHERE {question.where} ORDER BY number DESC LIMIT :limit"
    return map(told, db.cursor().execute(query, question.parameters))


def everything(db: sqlite3.Connection, after: int = 0, most: int = ALL) -> Iterator[dict[str, Any]]:
    """Every entry after the number `after`, oldest first; likewise."""
    query = "SELECT number, entry, hash FROM audit WHERE number > ? ORDER BY number LIMIT ?"
    return map(told, db.cursor().execute(query, (after, most)))


def told(row: sqlite3.Row) -> dict[str, Any]:
    """A row as a dictionary."""
    number, entry, digest = row
    return {"number": number, **json.loads(entry), "hash": digest.hex()}
