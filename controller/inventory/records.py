"""Records in the database: each change is made in a transaction, with its lines of history and of audit."""

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Literal

from controller.audit.chain import append
from controller.audit.entry import Entry
from controller.errors import Conflict, NotFound
from controller.inventory.matching import bonds
from controller.inventory.record import COLUMNS, Problem, Record
from controller.places import place

Outcome = Literal["added", "changed", "unchanged"]

_FIND = "SELECT * FROM inventory WHERE device = ?"
_SAVE = f"""INSERT INTO inventory ({", ".join(COLUMNS)}) VALUES ({", ".join("?" * len(COLUMNS))})
ON CONFLICT (device) DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in COLUMNS[1:])}"""
_IN_STOCK_NO_MORE = """INSERT INTO device (id, gateway, profile, metrics, added_ms) VALUES (?, ?, ?, '[]', ?)
ON CONFLICT (id) DO NOTHING"""
_CHANGE = "INSERT INTO inventory_change (device, utc_us, by, what, detail, receipt) VALUES (?, ?, ?, ?, ?, ?)"
_BONDED = "UPDATE inventory SET pairing = ? WHERE device = ? AND pairing = ''"
"""What the profile asks for is expected from the first connection on."""
_OTHER = "SELECT device FROM inventory WHERE device <> :device"
# The last term of each is that of its partial index, which is not used without it.
_UNIQUE = {
    "asset_tag": f"{_OTHER} AND asset_tag = :asset_tag AND asset_tag <> ''",
    "serial": f"{_OTHER} AND serial = :serial AND profile = :profile AND serial <> ''",
    "address": f"{_OTHER} AND address = :address AND address <> ''",
}


class Pairing(IntEnum):
    """How a Bluetooth connection is secured, the weakest first (Core 5.4, Vol 3, Part C, 10.2.1)."""

    NONE = 1
    ENCRYPTED = 2
    BONDED = 3

    @property
    def code(self) -> str:
        """As it is stored."""
        return self.name.lower()


def pairing_of(code: object) -> Pairing | None:
    """The pairing called `code`; None when it is none of them."""
    return next((one for one in Pairing if one.code == code), None)


@dataclass(frozen=True, slots=True)
class Change:
    """By whom, from where and when something is changed: both clocks, as one moment."""

    by: str
    utc_us: int
    now_ms: int
    where: str = ""


def find(db: sqlite3.Connection, device: str) -> sqlite3.Row:
    """The row of `device`. Raises NotFound."""
    row = db.execute(_FIND, (device,)).fetchone()
    if row is None:
        raise NotFound(f"there is no record of a device {device!r}: scan its label to make one")
    return row


def clashes(db: sqlite3.Connection, record: Record) -> list[Problem]:
    """What of `record` cannot be true beside what is recorded already."""
    values = record.as_row()
    problems: list[Problem] = []
    for column, query in _UNIQUE.items():
        other = db.execute(query, values).fetchone() if values[column] else None
        if other is not None:
            remedy = f"it is that of {other['device']!r}: change the one that is wrong"
            problems.append(Problem(column, "a value of no other device", values[column], remedy))
    known = "SELECT 1 FROM gateway WHERE id = ?"
    if record.gateway and not db.execute(known, (record.gateway,)).fetchone():
        names = [row["id"] for row in db.execute("SELECT id FROM gateway ORDER BY id LIMIT 20")]
        remedy = f"there are: {', '.join(names) or 'none'}; or leave it empty for stock"
        problems.append(Problem("gateway", "a gateway that exists", record.gateway, remedy))
    return problems


def save(db: sqlite3.Connection, record: Record, change: Change, *, again: bool = False) -> Outcome:
    """Write `record`, which clashes with nothing; `again`: also a decommissioned one. Raises Conflict."""
    row = db.execute(_FIND, (record.device,)).fetchone()
    returns = row is not None and row["withdrawn_utc_us"] is not None
    if returns and not again:
        raise Conflict(
            f"device {record.device!r} was decommissioned: say that it is provisioned again, or name it anew"
        )
    values = record.as_row()
    before = {name: row[name] if row else "" for name in COLUMNS[1:]}
    news = {name: [before[name], values[name]] for name in before if before[name] != values[name]}
    if row is not None and not news and not returns:
        return "unchanged"
    db.execute(_SAVE, tuple(values.values()))
    if returns:
        db.execute("UPDATE inventory SET withdrawn_utc_us = NULL WHERE device = ?", (record.device,))
    if bonds(record.profile):
        db.execute(_BONDED, (Pairing.BONDED.code, record.device))
    if record.gateway:
        whose = record.device, record.gateway, record.profile, change.now_ms
        db.execute(_IN_STOCK_NO_MORE, whose)
    tell(db, record.device, "returned" if returns else "changed" if row else "recorded", news, change)
    return "changed" if row else "added"


def put(db: sqlite3.Connection, device: str, bed: str | None, change: Change, *, move: bool) -> None:
    """Place a recorded device. Raises Conflict, NotFound."""
    if not db.execute("SELECT 1 FROM device WHERE id = ?", (device,)).fetchone():
        find(db, device)
        raise Conflict(f"device {device!r} is in stock: record first which gateway it hangs on")
    if bed is not None and not db.execute("SELECT 1 FROM bed WHERE id = ?", (bed,)).fetchone():
        beds = ", ".join(row["id"] for row in db.execute("SELECT id FROM bed ORDER BY id LIMIT 20"))
        raise NotFound(f"there is no bed {bed!r}; there are: {beds or 'none'}")
    place(db, device, bed, change.now_ms, change.by, move=move)
    detail = {"bed": bed or ""}
    entry = Entry("device-placed", change.by, f"device/{device}", where=change.where, detail=detail)
    append(db, entry, change.utc_us)


def pair(db: sqlite3.Connection, device: str, pairing: Pairing, why: str, change: Change) -> None:
    """Record how `device` may be paired from now on. Raises NotFound."""
    before = find(db, device)["pairing"]
    db.execute("UPDATE inventory SET pairing = ? WHERE device = ?", (pairing.code, device))
    tell(db, device, "paired", {"pairing": [before, pairing.code], "why": why}, change)


def withdraw(db: sqlite3.Connection, device: str, change: Change, why: str, receipt: str) -> None:
    """Decommission `device`: it leaves its bed, and its pairing is forgotten."""
    columns = "withdrawn_utc_us = ?, pairing = ''"
    db.execute(f"UPDATE inventory SET {columns} WHERE device = ?", (change.utc_us, device))
    if db.execute("SELECT 1 FROM device WHERE id = ?", (device,)).fetchone():
        place(db, device, None, change.now_ms, change.by)
    tell(db, device, "withdrawn", {"why": why}, change, receipt=receipt)


def tell(
    db: sqlite3.Connection,
    device: str,
    what: str,
    detail: Mapping[str, Any],
    change: Change,
    *,
    receipt: str | None = None,
) -> None:
    """A line of the device's history, and one of the audit trail (which columns changed, and why)."""
    row = device, change.utc_us, change.by, what, json.dumps(detail, ensure_ascii=False), receipt
    db.execute(_CHANGE, row)
    about = {"columns": " ".join(name for name in detail if name != "why")}
    why = str(detail.get("why", ""))
    entry = Entry(f"device-{what}", change.by, f"device/{device}", where=change.where, why=why, detail=about)
    append(db, entry, change.utc_us)
