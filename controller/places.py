"""Which bed a device was on at a time, and how it gets there: it is never on two."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from controller.errors import Conflict

_NOW = "SELECT bed FROM assignment WHERE device = ? AND to_ms IS NULL"
_WITHDRAWN = "SELECT 1 FROM inventory WHERE device = ? AND withdrawn_utc_us IS NOT NULL"


@dataclass(frozen=True, slots=True)
class Assignment:
    """`bed` (None: none) from `from_ms` until `to_ms` (None: still).

    `by` is the person who said so, None when the gateway's configuration did.
    """

    bed: str | None
    from_ms: int
    to_ms: int | None
    by: str | None


def current(assignments: Sequence[Assignment]) -> Assignment | None:
    """The one that has no end; `assignments` are in order of time."""
    return assignments[-1] if assignments and assignments[-1].to_ms is None else None


def bed_at(assignments: Sequence[Assignment], at_ms: int) -> str | None:
    """The bed at `at_ms`.

    What was measured before the first assignment belongs to it when the gateway made it: the device
    stood there before this controller had heard of it.
    """
    for assignment in reversed(assignments):
        if assignment.from_ms <= at_ms:
            return assignment.bed
    return assignments[0].bed if assignments and assignments[0].by is None else None


def gateway_knows(assignments: Sequence[Assignment], at_ms: int) -> bool:
    """Whether no person had said by `at_ms` where the device is: its gateway's own word is the best then."""
    before = [one for one in assignments if one.from_ms <= at_ms] or assignments[:1]
    return not before or before[-1].by is None


def follows_gateway(assignments: Sequence[Assignment], bed: str | None) -> bool:
    """Whether the gateway's `bed` changes anything: a person's word, once given, is above it."""
    now = current(assignments)
    return now is None or (now.by is None and now.bed != bed)


def place(
    db: sqlite3.Connection, device: str, bed: str | None, now_ms: int, by: str, *, move: bool = False
) -> None:
    """A person puts a device on a bed (None: on none), inside a transaction.

    Raises Conflict when it was decommissioned, or is on another bed and nobody said `move`: of two who ask
    at once, the second is refused.
    """
    if bed is not None:
        if db.execute(_WITHDRAWN, (device,)).fetchone():
            raise Conflict(f"device {device!r} was decommissioned: an engineer must provision it again first")
        now = db.execute(_NOW, (device,)).fetchone()
        if now is not None and now["bed"] not in (None, bed) and not move:
            raise Conflict(
                f"device {device!r} is on {now['bed']!r}: take it off there first, or say that it is moved"
            )
    put_on_bed(db, device, bed, now_ms, by)


def put_on_bed(db: sqlite3.Connection, device: str, bed: str | None, now_ms: int, by: str | None) -> None:
    """End the device's assignment and begin one, inside a transaction; `by` None: its gateway says so."""
    db.execute("UPDATE assignment SET to_ms = ? WHERE device = ? AND to_ms IS NULL", (now_ms, device))
    row = device, bed, now_ms, by
    db.execute("INSERT INTO assignment (device, bed, from_ms, by) VALUES (?, ?, ?, ?)", row)
