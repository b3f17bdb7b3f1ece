"""The export: the ledger and a digest of every block as lines of JSON, to be checked by somebody else.

docs/integrator.md describes the format; hil/ledger_checker.py reads it and shares no code with this.
"""

import hashlib
import heapq
import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from itertools import groupby
from operator import itemgetter
from typing import Any, BinaryIO

from controller.proof import RECORD_TABLES, JournalProof, LedgerRow, journals
from devices.wire.block import Lane

FORMAT, VERSION = "wardlink-ledger", 1

_SERIES = "series.device, series.bed, series.metric"
_WHOSE = "record.gateway, record.device, record.bed"
_COLUMNS = {
    "observation": f"{_SERIES}, value, reason, quality",
    "waveform": f'{_SERIES}, rate_mhz, scale, "offset", samples, quality',
    "device_event": f"{_WHOSE}, kind, detail",
    "alert": f"{_WHOSE}, code, priority, active, detail",
    "unknown_record": f"{_WHOSE}, raw",
    "gap": "of.journal, of.lane, ranges, to_us, why",
}
"""What a digest covers of a record, beside table, place, boot and monotonic time: all that never changes."""
_JOINS = {
    **dict.fromkeys(("observation", "waveform"), "LEFT JOIN series ON series.id = record.series"),
    "gap": "LEFT JOIN stream AS of ON of.id = of_stream",
}
_RECORDS = """SELECT stream.journal, stream.lane, number, place, '{table}', {when}, {columns}
FROM {table} AS record JOIN stream ON stream.id = record.stream {joins}
ORDER BY stream.journal, stream.lane, number, place, record.id"""
_STRAY = "SELECT count(*) FROM {table} WHERE stream NOT IN (SELECT id FROM stream)"
_GAPS = """SELECT gap.of_stream AS stream, CAST(json_extract(json_each.value, '$[0]') AS INTEGER) AS first,
  CAST(json_extract(json_each.value, '$[1]') AS INTEGER) AS last, why,
  lower(hex(gap.boot)) AS boot, from_us, to_us,
  from_us + boot.utc_offset_us AS from_utc_us, to_us + boot.utc_offset_us AS to_utc_us,
  lower(hex(told.journal)) AS told_by_journal, told.lane AS told_by_lane, number AS told_by_number
FROM gap CROSS JOIN json_each(gap.ranges) JOIN stream AS told ON told.id = gap.stream
LEFT JOIN boot ON boot.boot = gap.boot AND boot.gateway = gap.gateway ORDER BY gap.id, first"""
_QUARANTINED = """SELECT stream, number, reason, detail, size, payload, first_ms
FROM quarantine WHERE stream IS NOT NULL ORDER BY number"""
_DROPPED = """SELECT stream, what, min(first) AS first, max(last) AS last, sum(records) AS records, why,
  max(dropped_ms) AS dropped_ms FROM dropped WHERE stream IS NOT NULL GROUP BY stream, what, why"""
_SPANS = "SELECT kind, first, last FROM ledger WHERE stream = ? ORDER BY first, last"

Block = tuple[tuple[bytes, int], dict[str, Any]]
"""(Journal and lane, the line of one block)."""


class _Lines:
    """Writes lines, and counts and digests them."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self._digest = hashlib.sha256()
        self._count = 0

    def tell(self, kind: str, fields: dict[str, Any]) -> None:
        line = _compact({"kind": kind, **fields})
        self._digest.update(line)
        self._out.write(line)
        self._count += 1

    def end(self) -> int:
        """Write the last line. Returns how many lines there are."""
        self.tell("end", {"lines": self._count, "sha256": self._digest.hexdigest()})
        return self._count


def write_export(db: sqlite3.Connection, out: BinaryIO, utc_us: int) -> int:
    """Write all of what `db` holds now. Returns how many lines. Raises sqlite3.Error, OSError."""
    lines = _Lines(out)
    lines.tell("export", {"format": FORMAT, "version": VERSION, "made_utc_ms": utc_us // 1000})
    ids = {(row["journal"], row["lane"]): row["id"] for row in db.execute("SELECT * FROM stream")}
    told = _Told(db)
    blocks = groupby(_blocks(db), key=itemgetter(0))
    of_blocks = next(blocks, None)
    for journal, lane in _in_order(journals(db, None)):
        key = bytes.fromhex(journal.journal), int(Lane[lane.lane.upper()])
        lines.tell("stream", _stream(journal, lane))
        told.about(ids[key], lines)
        if of_blocks is not None and of_blocks[0] == key:
            for _, block in of_blocks[1]:
                lines.tell("block", block)
            of_blocks = next(blocks, None)
    for table in RECORD_TABLES:
        if count := db.execute(_STRAY.format(table=table)).fetchone()[0]:
            lines.tell("stray", {"table": table, "records": count})
    return lines.end()


class _Told:
    """What the ledger and its neighbours hold about each stream."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._gaps = _by_stream(db, _GAPS, _gap)
        self._quarantined = _by_stream(db, _QUARANTINED, _quarantined)
        self._dropped = _by_stream(db, _DROPPED, dict)

    def about(self, stream: int, lines: _Lines) -> None:
        for kind, first, last in self._db.execute(_SPANS, (stream,)):
            lines.tell("range", {"state": kind, "first": first, "last": last})
        for kind, known in (
            ("gap", self._gaps),
            ("quarantined", self._quarantined),
            ("dropped", self._dropped),
        ):
            for fields in known.get(stream, ()):
                lines.tell(kind, fields)


def _by_stream(
    db: sqlite3.Connection, query: str, fields: Callable[[sqlite3.Row], dict[str, Any]]
) -> dict[int, list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = {}
    for row in db.execute(query):
        line = fields(row)
        found.setdefault(line.pop("stream"), []).append(line)
    return found


def _gap(row: sqlite3.Row) -> dict[str, Any]:
    return {**dict(row), "told_by_lane": Lane(row["told_by_lane"]).name.lower()}


def _quarantined(row: sqlite3.Row) -> dict[str, Any]:
    fields = dict(row)
    digest = hashlib.sha256(fields.pop("payload")).hexdigest()
    return {**fields, "sha256": digest}


def _in_order(proof: Iterable[JournalProof]) -> list[tuple[JournalProof, LedgerRow]]:
    """By journal and lane, as the blocks come."""
    lanes = [(journal, lane) for journal in proof for lane in journal.lanes]
    return sorted(lanes, key=lambda one: (one[0].journal, Lane[one[1].lane.upper()]))


def _stream(journal: JournalProof, lane: LedgerRow) -> dict[str, Any]:
    fields = asdict(lane)
    del fields["missing_ranges"], fields["duplicated"]
    clock = None if journal.clock is None else asdict(journal.clock)
    about = {"open": journal.open, "heard_ms": journal.heard_ms, "told_ms": journal.told_ms, "clock": clock}
    return {**fields, **about}


def _blocks(db: sqlite3.Connection) -> Iterator[Block]:
    """Every block that has records, in order of journal, lane and number."""
    tables = heapq.merge(*(_records(db, table) for table in RECORD_TABLES), key=itemgetter(0, 1, 2, 3, 4))
    for (journal, lane, number), records in groupby(tables, key=itemgetter(0, 1, 2)):
        digest, count, places = hashlib.sha256(), 0, set[int]()
        for record in records:
            digest.update(_compact([record[4], record[3], *map(_plain, record[5:])]))
            count += 1
            places.add(record[3])
        fields = {"records": count, "places": len(places), "sha256": digest.hexdigest()}
        yield (journal, lane), {"number": number, **fields}


def _records(db: sqlite3.Connection, table: str) -> sqlite3.Cursor:
    at = "record.boot, from_us" if table == "gap" else "boot.boot, mono_us"
    joins = _JOINS.get(table, "")
    if table != "gap":
        joins += " LEFT JOIN boot ON boot.id = record.boot"
    plain = db.cursor()
    plain.row_factory = None
    return plain.execute(_RECORDS.format(table=table, when=at, columns=_COLUMNS[table], joins=joins))


def _compact(item: Any) -> bytes:
    return json.dumps(item, separators=(",", ":")).encode("ascii") + b"\n"


def _plain(column: Any) -> Any:
    return column.hex() if isinstance(column, bytes) else column
