"""The check of what may be given up: all that devices sent is in the store once, or a gap covers its time.

It shares no code with the product: it reads what the devices wrote down (`small_disk_gateway`) and the
database's tables. A gap covers what its lane measured in its time, and says why; alerts may not be given up
at all. By number, too, each stream of the ledger is whole: every block produced is committed or given up.
"""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from zlib import crc32

LANES = {"alert": 0, "reading": 1, "wave": 2}
"""The lane on which each kind of thing sent climbs."""
_QUERIES = {
    "reading": "SELECT device, mono_us, value FROM observation JOIN series ON series.id = series"
    " JOIN boot ON boot.id = observation.boot WHERE boot.boot = ? AND mono_us >= ?",
    "wave": "SELECT device, mono_us, samples FROM waveform JOIN series ON series.id = series"
    " JOIN boot ON boot.id = waveform.boot WHERE boot.boot = ? AND mono_us >= ?",
    "alert": "SELECT device, mono_us, active FROM alert JOIN boot ON boot.id = alert.boot"
    " WHERE boot.boot = ? AND mono_us >= ? AND code = 'device-lost'",
}
_GAPS = """SELECT lane, from_us, to_us, why FROM gap JOIN stream ON stream.id = of_stream
    WHERE gap.boot = ? AND to_us >= ?"""

Sent = tuple[str, str, int, float]
"""Kind, device, microseconds of the boot, value (of a wave: the CRC-32 of its samples)."""


@dataclass(slots=True)
class Settled:
    """What became of what was sent. `given_up` counts by kind and reason; `problems` are sentences."""

    sent: Counter[str] = field(default_factory=Counter[str])
    given_up: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])
    problems: list[str] = field(default_factory=list[str])


def settled(emitted: Path, database: Path, boot: bytes, since_ns: int, until_ns: int) -> Settled:
    """Everything that was sent between two times of the boot `boot`."""
    sent = Counter(one for one in _sent(emitted) if since_ns <= one[2] * 1000 < until_ns)
    found = Settled(Counter(kind for kind, *_ in sent.elements()))
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=10) as db:
        stored = Counter(one for one in _stored(db, boot, since_ns // 1000) if one[2] * 1000 < until_ns)
        gaps = db.execute(_GAPS, (boot, since_ns // 1000)).fetchall()
    _give_up(found, sent - stored, gaps)
    for kind, count in Counter(kind for kind, *_ in (stored - sent).elements()).items():
        found.problems.append(f"{count} of kind {kind} are stored that nobody sent, or twice")
    return found


def _give_up(found: Settled, missing: Counter[Sent], gaps: list[tuple[int, int, int, str]]) -> None:
    lost: Counter[str] = Counter()
    for kind, _, at_us, _ in missing.elements():
        why = next((w for lane, a, b, w in gaps if lane == LANES[kind] and a <= at_us <= b), None)
        if why is None or kind == "alert":
            lost[kind] += 1
        else:
            found.given_up[kind, why] += 1
    found.problems += [
        f"{count} of kind {kind} are neither stored nor in a gap" for kind, count in lost.items()
    ]


def ledger_problems(database: Path) -> list[str]:
    """Blocks of the ledger that are nowhere, or records that are there twice."""
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=10) as db:
        return [*_holes(db), *_doubles(db)]


def shedding_was_told(database: Path) -> bool:
    """Whether a gateway has ever raised the alert that it gives up blocks."""
    query = "SELECT count(*) FROM alert WHERE code = 'journal-shedding' AND active = 1"
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=10) as db:
        return db.execute(query).fetchone()[0] > 0


def _holes(db: sqlite3.Connection) -> Iterator[str]:
    streams = db.execute("SELECT id, lower(hex(journal)), lane, produced FROM stream").fetchall()
    for stream, journal, lane, produced in streams:
        held: set[int] = set()
        for first, last in db.execute("SELECT first, last FROM ledger WHERE stream = ?", (stream,)):
            held.update(range(first, last + 1))
        if holes := set(range(produced)) - held:
            yield f"journal {journal} lane {lane}: blocks {sorted(holes)[:10]} are nowhere"


def _doubles(db: sqlite3.Connection) -> Iterator[str]:
    for table in ("observation", "waveform", "alert", "device_event", "gap"):
        grouped = f"SELECT 1 FROM {table} GROUP BY stream, number, place HAVING count(*) > 1"
        if count := len(db.execute(grouped).fetchall()):
            yield f"{count} records of {table} are there twice"


def _sent(folder: Path) -> Iterator[Sent]:
    for path in sorted(folder.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines(keepends=True):
            if line.endswith("\n"):
                entry = json.loads(line)
                yield entry["kind"], path.stem, entry["at"] // 1000, entry["value"]


def _stored(db: sqlite3.Connection, boot: bytes, since_us: int) -> Iterator[Sent]:
    for kind, query in _QUERIES.items():
        for device, mono_us, value in db.execute(query, (boot, since_us)):
            yield kind, device, mono_us, crc32(value) if isinstance(value, bytes) else value
