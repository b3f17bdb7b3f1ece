"""Whether the trail is what was written: every hash, every number, every published head.

verdict = verify(db, heads)       # reads entry after entry: a trail of any length in the same memory

It trusts nothing that lies in the database: triggers may have been dropped, hashes computed anew, the index
that searches use may have been thinned out.
"""

import re
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from controller.audit.chain import START, digest
from controller.audit.guarded import changed, lying
from controller.audit.heads import Head, Told
from controller.store.migrate import migrations

MIGRATION = 110
MOST_FAULTS = 100
"""Faults that are told one by one; the others are only counted."""

_ENTRIES = "SELECT number, CAST(entry AS BLOB), hash FROM audit ORDER BY number"
_CHANGED = "{name!r} in the database is not as this software made it"
_SCHEMA = "SELECT name, sql FROM sqlite_schema WHERE tbl_name = 'audit'"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong. `kind` for programs: "edited", "missing", "cut", "head", "schema", "index"."""

    kind: str
    number: int | None
    """Of the entry; None: of the whole trail."""
    message: str


@dataclass(slots=True)
class Verdict:
    """What was found in a trail of `entries`."""

    entries: int = 0
    last_hash: bytes = START
    heads: int = 0
    """Published heads that agree with the trail."""
    newest_head: Head | None = None
    fault_count: int = 0
    faults: list[Fault] = field(default_factory=list[Fault])

    @property
    def is_whole(self) -> bool:
        """Whether nothing is wrong."""
        return self.fault_count == 0

    def add(self, faults: Iterable[Fault]) -> None:
        """Keep the first of them, count all."""
        for fault in faults:
            self.fault_count += 1
            if len(self.faults) < MOST_FAULTS:
                self.faults.append(fault)


def verify(db: sqlite3.Connection, heads: Iterable[Told] = ()) -> Verdict:
    """Read all of it. Raises sqlite3.Error when the file cannot be read, BadHead when heads cannot."""
    verdict = Verdict()
    verdict.add(_schema(db))
    as_made = verdict.is_whole
    verdict.add(_entries(db, verdict))
    verdict.add(_index(db) if isinstance(db, sqlite3.Connection) else _columns(db, as_made))
    for told in heads:
        verdict.add(_head(db, told, verdict))
    return verdict


def _entries(db: sqlite3.Connection, verdict: Verdict) -> Iterator[Fault]:
    plain = db.cursor()
    plain.row_factory = None
    for number, text, stored in plain.execute(_ENTRIES):
        if number != verdict.entries + 1:
            yield Fault("missing", verdict.entries + 1, _missing(verdict.entries + 1, number - 1))
        elif digest(verdict.last_hash, number, text) != stored:
            yield Fault("edited", number, f"entry {number} is not what was written there: its hash differs")
        verdict.entries, verdict.last_hash = number, stored


def _missing(first: int, last: int) -> str:
    if first >= last:
        return f"entry {first} is missing, or its number was changed"
    return f"entries {first} to {last} are missing"


def _head(db: sqlite3.Connection, told: Told, verdict: Verdict) -> Iterator[Fault]:
    if (head := told.head) is None:
        yield Fault("head", None, f"{told.source}: {told.problem}")
        return
    row = db.execute("SELECT hash FROM audit WHERE number = ?", (head.number,)).fetchone()
    if row is not None and row[0] == head.hash:
        verdict.heads += 1
        if verdict.newest_head is None or verdict.newest_head.number <= head.number:
            verdict.newest_head = head
    elif head.number > verdict.entries:
        message = f"the end is cut off: {told.source} saw {head.number} entries, there are {verdict.entries}"
        yield Fault("cut", head.number, message)
    else:
        message = f"{told.source} saw another entry {head.number}: something up to it was written anew"
        yield Fault("head", head.number, message)


def _schema(db: sqlite3.Connection) -> Iterator[Fault]:
    """The tables' own words: without its triggers the trail can be changed, with other columns it can lie."""
    fresh = sqlite3.connect(":memory:")
    try:
        script = migrations()[MIGRATION][1]
        fresh.executescript(script)
        if not isinstance(db, sqlite3.Connection):
            yield from (
                Fault("schema", None, _CHANGED.format(name=name)) for name in changed(db, fresh, script)
            )
            return
        expected = {name: _plain(sql) for name, sql in fresh.execute(_SCHEMA)}
    finally:
        fresh.close()
    found = {name: _plain(sql) for name, sql in db.execute(_SCHEMA)}
    for name in sorted(expected.keys() | found.keys()):
        if expected.get(name) != found.get(name):
            yield Fault("schema", None, _CHANGED.format(name=name))


def _plain(sql: str | None) -> str:
    return re.sub(r"\s+", " ", sql or "")


def _index(db: sqlite3.Connection) -> Iterator[Fault]:
    """Whether searches, which use indices, find what the entries say (sqlite.org/pragma, integrity_check)."""
    for (problem,) in db.execute("PRAGMA integrity_check(audit)"):
        if problem != "ok":
            yield Fault("index", None, f"the table and its indices disagree: {problem}")


def _columns(db: sqlite3.Connection, as_made: bool) -> Iterator[Fault]:
    """Likewise of a server's database; of its indices themselves pg_amcheck tells that."""
    if as_made and (count := lying(db)):
        yield Fault("index", None, f"{count} entries have columns that do not say what is written in them")
