"""The chain: each entry's hash covers the entry and the hash before it.

hash(n) = SHA-256(hash(n-1) || n as 8 bytes, big endian || entry as canonical JSON); hash(0) is 32 zeros
"""

import hashlib
import sqlite3
from collections.abc import Iterable

from controller.audit.entry import Entry, canonical
from controller.store.where import many

START = bytes(32)
_FEW = 8
"""Of more rows it pays to say that they are many."""
_LAST = "SELECT number, hash FROM audit ORDER BY number DESC LIMIT 1"
_ADD = "INSERT INTO audit (number, entry, hash) VALUES (?, ?, ?)"


def append(db: sqlite3.Connection, entry: Entry, utc_us: int) -> None:
    """Add `entry` to the trail inside the caller's transaction: both are there afterwards, or neither."""
    append_all(db, [(entry, utc_us)])


def append_all(db: sqlite3.Connection, entries: Iterable[tuple[Entry, int]]) -> None:
    """Add entries, each with its UTC in µs, inside the caller's transaction."""
    number, before = db.execute(_LAST).fetchone() or (0, START)
    rows: list[tuple[int, str, bytes]] = []
    for entry, utc_us in entries:
        text = canonical(entry, utc_us)
        number, before = number + 1, digest(before, number + 1, text.encode())
        rows.append((number, text, before))
    if len(rows) > _FEW:  # a board of a thousand beds is a thousand entries
        many(db, "audit", "number, entry, hash", rows)
    else:
        db.executemany(_ADD, rows)


def digest(before: bytes, number: int, text: bytes) -> bytes:
    """The hash of entry `number`, whose canonical JSON is `text`."""
    return hashlib.sha256(before + number.to_bytes(8, "big") + text).digest()
