"""The controller's database as the campaigns read it: whether it accounts for every block once, by SQL alone.

It shares no code with the product. A block that anyone said was made must be committed, quarantined or given
up by a gap record; no record may lie in the tables twice, nor come from a block that was not committed.
People run `hil/ledger_checker.py` (`./run ledgercheck`), which reads exports, too, and is one file by itself.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from controller.store.where import Where, reader

LANES = ("alert", "vital", "wave", "bulk")
TABLES = ("observation", "waveform", "device_event", "alert", "unknown_record", "gap")

_TWICE = """SELECT stream, sum(copies - 1) FROM (
  SELECT stream, count(*) AS copies FROM {table} GROUP BY stream, number, place HAVING count(*) > 1
) GROUP BY stream"""
_FROM_NOWHERE = """SELECT stream, count(*) FROM {table} AS record WHERE NOT EXISTS (
  SELECT 1 FROM ledger WHERE ledger.stream = record.stream AND kind = 'committed'
  AND record.number BETWEEN first AND last) GROUP BY stream"""

Span = tuple[int, int]
"""First and last number of some blocks."""


@dataclass(frozen=True, slots=True)
class Stream:
    """One lane of one journal: `produced` blocks were made, as far as anyone has said."""

    gateway: str
    journal: bytes
    lane: int
    produced: int
    resent: int
    committed: tuple[Span, ...]
    quarantined: tuple[Span, ...]
    shed: tuple[Span, ...]
    twice: int
    """Records that lie in the tables more than once."""
    from_nowhere: int
    """Records of blocks that the ledger does not call committed."""

    @property
    def name(self) -> str:
        """For people."""
        return f"{self.gateway}, journal {self.journal.hex()}, lane {LANES[self.lane]}"

    def missing(self, below: int | None = None) -> list[Span]:
        """Blocks, below number `below`, that are neither here nor given up."""
        end = self.produced if below is None else below
        return holes((*self.committed, *self.quarantined, *self.shed), end)

    def problems(self) -> Iterator[str]:
        """What does not hold where nothing was to be lost, refused or given up."""
        if missing := self.missing():
            yield f"{self.name}: blocks {missing} are missing"
        if self.twice:
            yield f"{self.name}: {self.twice} records are there twice"
        if self.from_nowhere:
            yield f"{self.name}: {self.from_nowhere} records are of blocks that were never committed"
        for what, spans in (("quarantined", self.quarantined), ("given up", self.shed)):
            if spans:
                yield f"{self.name}: blocks {list(spans)} were {what}"


def holes(held: Iterable[Span], end: int) -> list[Span]:
    """What of 0..end - 1 is in none of `held`."""
    found: list[Span] = []
    place = 0
    for first, last in sorted(held):
        if place < min(first, end):
            found.append((place, min(first, end) - 1))
        place = max(place, last + 1)
    return [*found, (place, end - 1)] if place < end else found


def connected(database: Where) -> sqlite3.Connection:
    """A connection that only reads; to a server it is the product's."""
    if isinstance(database, str):
        return reader(database)
    return sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=20)


def streams(database: Path, *, with_records: bool = True) -> list[Stream]:
    """Every lane of every journal. Without records, `twice` and `from_nowhere` are 0: that is quick."""
    with closing(connected(database)) as db:
        db.execute("BEGIN")  # all of it from one moment
        twice = _counted(db, _TWICE) if with_records else {}
        from_nowhere = _counted(db, _FROM_NOWHERE) if with_records else {}
        spans = _spans(db)
        rows = db.execute("SELECT id, gateway, journal, lane, produced, resent FROM stream ORDER BY id")
        kinds = "committed", "quarantined", "shed"
        return [
            Stream(
                *rest,
                *(tuple(spans.get((stream, kind), ())) for kind in kinds),
                twice=twice.get(stream, 0),
                from_nowhere=from_nowhere.get(stream, 0),
            )
            for stream, *rest in rows.fetchall()
        ]


def _counted(db: sqlite3.Connection, query: str) -> dict[int, int]:
    counts: dict[int, int] = {}
    for table in TABLES:
        for stream, count in db.execute(query.format(table=table)):
            counts[stream] = counts.get(stream, 0) + count
    return counts


def _spans(db: sqlite3.Connection) -> dict[tuple[int, str], list[Span]]:
    spans: dict[tuple[int, str], list[Span]] = {}
    for stream, kind, first, last in db.execute("SELECT stream, kind, first, last FROM ledger"):
        spans.setdefault((stream, kind), []).append((first, last))
    return spans
