"""An import: every good row of a table is recorded, and each other row has its error.

batch = Batch()
batch.take(db, rows[:AT_ONCE], change)      # in a transaction, and the next rows in the next
batch.done                                  # how many of what, and the errors
"""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field

from controller.errors import Conflict
from controller.inventory import records
from controller.inventory.record import COLUMNS, Problem, checked
from controller.inventory.records import Change, Outcome
from controller.inventory.table import Fault, Row
from controller.store.migrate import migrate

AT_ONCE = 50
"""Rows of one transaction: what gateways send waits for its end."""
_NEEDED = ("gateway", "inventory")
"""The tables that a record is held against."""


def _none() -> dict[Outcome, int]:
    return {"added": 0, "changed": 0, "unchanged": 0}


@dataclass(slots=True)
class Imported:
    """What an import did, or would do: how many of each outcome, and what is wrong with which row."""

    outcomes: dict[Outcome, int] = field(default_factory=_none)
    faults: list[Fault] = field(default_factory=list[Fault])


class Batch:
    """One import under way."""

    def __init__(self) -> None:
        self.done = Imported()
        self._lines: dict[str, int] = {}
        """The row of each device."""

    def take(self, db: sqlite3.Connection, rows: Sequence[Row | Fault], change: Change) -> None:
        """Record the good ones of these rows, inside a transaction."""
        for row in rows:
            self.done.faults += [row] if isinstance(row, Fault) else self._take(db, row, change)

    def _take(self, db: sqlite3.Connection, row: Row, change: Change) -> list[Fault]:
        """Record one row; a column that the table does not have stays as it is. Returns what is wrong."""
        device = row.values["device"].strip()
        held = db.execute("SELECT * FROM inventory WHERE device = ?", (device,)).fetchone()
        recorded = {name: held[name] for name in COLUMNS} if held else {}
        record, problems = checked({**recorded, **row.values})
        if record is None:
            return [Fault(row.number, problem) for problem in problems]
        if (first := self._lines.setdefault(device, row.number)) != row.number:
            remedy = f"it is in row {first} already: keep one of them"
            return [Fault(row.number, Problem("device", "one row for each device", device, remedy))]
        problems = records.clashes(db, record)
        if not problems:
            try:
                self.done.outcomes[records.save(db, record, change)] += 1
            except Conflict as error:
                problems = [Problem("device", "a device in use", device, str(error))]
        return [Fault(row.number, problem) for problem in problems]


def rehearse(db: sqlite3.Connection, rows: Sequence[Row | Fault], change: Change) -> Imported:
    """What an import of `rows` would do: it is done to a copy, in memory, of what `db` has recorded."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as copy:
        copy.row_factory = sqlite3.Row
        migrate(copy)
        for name in _NEEDED:
            for held in db.execute(f"SELECT * FROM {name}"):
                copy.execute(f"INSERT INTO {name} VALUES ({', '.join('?' * len(held))})", tuple(held))
        batch = Batch()
        batch.take(copy, rows, change)
        return batch.done
