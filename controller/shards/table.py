"""The leases in the database. All of it runs inside one transaction, of which there is one at a time."""

import sqlite3
from collections.abc import Mapping

from controller.shards.leases import NOBODY, Found, Lease, Turn

_BEAT = """INSERT INTO replica (id, beat, address, knows_others, heard_at) VALUES (?, 1, ?, 1, ?)
ON CONFLICT (id) DO UPDATE SET
  beat = replica.beat + 1, address = excluded.address, heard_at = excluded.heard_at"""
_TAKE = "UPDATE shard_lease SET holder = ?, token = token + 1 WHERE shard = ? AND token = ? AND holder = ?"
_RELEASE = "UPDATE shard_lease SET holder = ? WHERE shard = ? AND token = ? AND holder = ?"


def beat(db: sqlite3.Connection, me: str, address: str = "", heard_at: int | None = None) -> None:
    """Say that `me` is there; `address`: where the others reach its pages; `heard_at`: at so many brokers."""
    db.execute(_BEAT, (me, address, heard_at))


def all_know(db: sqlite3.Connection) -> bool:
    """Whether every replica is of a release that knows that others store at the same time."""
    return db.execute("SELECT 1 FROM replica WHERE knows_others = 0").fetchone() is None


def find(db: sqlite3.Connection) -> Found:
    """Everything."""
    replicas = db.execute("SELECT id, beat, address, heard_at FROM replica").fetchall()
    beats, addresses = {row[0]: row[1] for row in replicas}, {row[0]: row[2] for row in replicas}
    leases = db.execute("SELECT shard, holder, token FROM shard_lease ORDER BY shard").fetchall()
    return Found(beats, [Lease(*row) for row in leases], addresses, {row[0]: row[3] for row in replicas})


def apply(db: sqlite3.Connection, me: str, turn: Turn) -> None:
    """Make these changes; what has become another's meanwhile stays so."""
    for lease in turn.take:
        db.execute(_TAKE, (me, lease.shard, lease.token, lease.holder))
    for lease in turn.release:
        db.execute(_RELEASE, (NOBODY, lease.shard, lease.token, me))
    for name in turn.gone:
        db.execute("DELETE FROM replica WHERE id = ?", (name,))


def held(db: sqlite3.Connection, me: str) -> Mapping[int, int]:
    """The tokens of `me`, by shard."""
    rows = db.execute("SELECT shard, token FROM shard_lease WHERE holder = ?", (me,)).fetchall()
    return {row[0]: row[1] for row in rows}


def leave(db: sqlite3.Connection, me: str) -> None:
    """`me` ends in order: nobody has to wait for its shards."""
    db.execute("UPDATE shard_lease SET holder = ? WHERE holder = ?", (NOBODY, me))
    db.execute("DELETE FROM replica WHERE id = ?", (me,))
