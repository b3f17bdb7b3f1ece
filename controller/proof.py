"""The proof: what became of every block of every journal, read from the database in one moment.

with reading(path) as db:
    for journal in journals(db, count_twice(db)): ...

Nothing of it comes from the ledger in memory, so that it can find a defect of that, too.
"""

import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter

from devices.wire.block import Lane, Sync
from devices.wire.ranges import Range

MOST_RANGES = 200
"""Ranges that are kept of one lane; their number is always told."""
SUMMED = ("produced", "committed", "missing", "duplicated", "quarantined", "shed", "resent", "waiting")
RECORD_TABLES = ("observation", "waveform", "device_event", "alert", "unknown_record", "gap")

_SPANS = "SELECT stream, kind, first, last FROM ledger {where} ORDER BY stream, first"
_STREAMS = "SELECT * FROM stream {where} ORDER BY gateway, min(id) OVER (PARTITION BY journal), journal, lane"
_TWICE = """SELECT stream, sum(copies - 1) AS twice FROM (
  SELECT stream, count(*) AS copies FROM {table} GROUP BY stream, number, place HAVING count(*) > 1
) GROUP BY stream"""
_GAPS = "SELECT of_stream, count(*) FROM gap GROUP BY of_stream"
_OF_JOURNAL = "WHERE stream IN (SELECT id FROM stream WHERE journal = :journal)"


@dataclass(slots=True)
class LedgerRow:
    """The proof for one lane of a journal: counts of blocks, `duplicated` of records."""

    journal: str
    """Hexadecimal."""
    lane: str
    gateway: str
    produced: int
    committed: int = 0
    quarantined: int = 0
    shed: int = 0
    """Given up by the gateway, which said so, and never received."""
    missing: int = 0
    """Produced, and neither here nor given up: on the way, or lost."""
    missing_ranges: list[Range] = field(default_factory=list[Range])
    """The first MOST_RANGES of them."""
    holes: int = 0
    """How many ranges are missing."""
    gaps: int = 0
    """Gap records about this lane."""
    duplicated: int | None = 0
    """Records that lie in the store more than once: 0, or there is a defect. None: not counted yet."""
    resent: int = 0
    """Blocks that came again and changed nothing."""
    waiting: int | None = None
    """Blocks of this lane without a receipt, of all of its gateway's journals. Only beside the open one."""
    oldest_ms: int | None = None
    """The age of the oldest of those, when its gateway said it."""


@dataclass(slots=True)
class JournalClock:
    """A journal's newest clock: `sync` in words, the estimated error, the boot, whether UTC was known."""

    sync: str
    error_ms: float | None
    boot: str
    utc_known: bool


@dataclass(slots=True)
class JournalProof:
    """One journal. Times are in the controller's scale; None: never heard since this was noted."""

    gateway: str
    journal: str
    open: bool
    """Whether it is the one that its gateway writes, as far as the gateway has told."""
    heard_ms: int | None
    told_ms: int | None
    """As of when `waiting` and `oldest_ms` of its lanes are."""
    clock: JournalClock | None
    lanes: list[LedgerRow]
    sums: dict[str, int] = field(init=False)
    """SUMMED over all lanes; what is not known counts as 0."""

    def __post_init__(self) -> None:
        self.sums = {name: sum(getattr(lane, name) or 0 for lane in self.lanes) for name in SUMMED}

    @property
    def is_troubled(self) -> bool:
        """Whether anything of it needs a look."""
        return any(self.sums[name] for name in ("missing", "duplicated", "quarantined", "shed"))


def journals(
    db: sqlite3.Connection, twice: Mapping[int, int] | None, journal: bytes | None = None
) -> list[JournalProof]:
    """Every journal (or the one), in order of gateway and first mention. `twice`: see `count_twice`."""
    which = {"journal": journal}
    plain = db.cursor()
    plain.row_factory = None  # there may be very many
    spans = plain.execute(_SPANS.format(where=_OF_JOURNAL if journal else ""), which)
    by_stream = {stream: list(rows) for stream, rows in groupby(spans, key=itemgetter(0))}
    streams = db.execute(_STREAMS.format(where="WHERE journal = :journal" if journal else ""), which)
    gaps = dict(plain.execute(_GAPS))
    heard = {row["journal"]: row for row in db.execute("SELECT * FROM journal")}
    written = _open_journals(heard.values())
    found: list[JournalProof] = []
    for key, rows in groupby(streams, key=itemgetter("journal")):
        lanes = [(row, _lane(row, by_stream.get(row["id"], ()))) for row in rows]
        for row, lane in lanes:
            lane.gaps = gaps.get(row["id"], 0)
            lane.duplicated = None if twice is None else twice.get(row["id"], 0)
        found.append(_journal([lane for _, lane in lanes], heard.get(key), is_open=key in written))
    return found


def count_twice(db: sqlite3.Connection) -> dict[int, int]:
    """Records that lie in the tables more than once, by stream. Reads every record: that may take minutes."""
    counts: dict[int, int] = {}
    for table in RECORD_TABLES:
        for stream, copies in db.execute(_TWICE.format(table=table)):
            counts[stream] = counts.get(stream, 0) + copies
    return counts


def _lane(stream: sqlite3.Row, spans: Iterable[tuple[int, str, int, int]]) -> LedgerRow:
    """The counts of one stream: one sweep over its (stream, kind, first, last), in order of `first`."""
    name = stream["journal"].hex(), Lane(stream["lane"]).name.lower(), stream["gateway"]
    row = LedgerRow(*name, stream["produced"], resent=stream["resent"])
    counts = {"committed": 0, "quarantined": 0}
    settled = held = never_came = 0
    for _, kind, first, last in spans:
        if first > settled:
            _miss(row, settled, first)
        if last >= settled:
            settled = last + 1
        if kind == "shed":
            continue
        if first > held:
            never_came += first - held
        if last >= held:
            held = last + 1
        counts[kind] += last - first + 1
    if row.produced > settled:
        _miss(row, settled, row.produced)
    # A block that was given up after it had arrived is here.
    row.shed = never_came + max(settled, row.produced) - held - row.missing
    row.committed, row.quarantined = counts["committed"], counts["quarantined"]
    return row


def _miss(row: LedgerRow, first: int, following: int) -> None:
    row.missing += following - first
    row.holes += 1
    if row.holes <= MOST_RANGES:
        row.missing_ranges.append((first, following - 1))


def _open_journals(heard: Iterable[sqlite3.Row]) -> set[bytes]:
    """The journal that each gateway writes: the one that it named last."""
    newest: dict[str, sqlite3.Row] = {}
    for row in heard:
        if row["told_ms"] is None:
            continue
        known = newest.get(row["gateway"])
        if known is None or row["told_ms"] > known["told_ms"]:
            newest[row["gateway"]] = row
    return {row["journal"] for row in newest.values()}


def _journal(lanes: list[LedgerRow], heard: sqlite3.Row | None, *, is_open: bool) -> JournalProof:
    first = lanes[0]
    if heard is None:
        return JournalProof(first.gateway, first.journal, is_open, None, None, None, lanes)
    if is_open:
        _wait(lanes, json.loads(heard["waiting"]), json.loads(heard["oldest_us"]))
    told_ms = heard["told_ms"] if is_open else None
    return JournalProof(
        first.gateway, first.journal, is_open, heard["heard_ms"], told_ms, _clock(heard), lanes
    )


def _wait(lanes: list[LedgerRow], waiting: list[int], oldest_us: list[int | None]) -> None:
    for row in lanes:
        lane = Lane[row.lane.upper()]
        oldest = oldest_us[lane]
        row.waiting, row.oldest_ms = waiting[lane], None if oldest is None else oldest // 1000


def _clock(heard: sqlite3.Row) -> JournalClock:
    error_us = heard["error_us"]
    return JournalClock(
        Sync(heard["sync"]).name.lower(),
        None if error_us is None else error_us / 1000,
        heard["boot"].hex(),
        heard["utc_us"] is not None,
    )
