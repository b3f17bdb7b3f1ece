#!/usr/bin/env python3
"""Checks that every block is accounted for exactly once. Standard library only: copy it anywhere.

    python ledger_checker.py FILE [LATER ...]

FILE is an export (`wardlink ledger --export`, or the engineers' page) or a controller's database, which is
only read. Nothing of the product is used; docs/integrator.md describes the export. In each lane of each
journal every number below `produced` must be one of: committed, quarantined, given up by a gap record,
missing. LATER files must still have what FILE had: the same blocks with the same records (their SHA-256).

Exit code 0: everything holds and nothing is missing. 1: sentences tell what is not so. 2: cannot be read.
"""

import hashlib
import heapq
import json
import sqlite3
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

LANES = ("alert", "vital", "wave", "bulk")
STATES = ("committed", "quarantined", "shed")
_SERIES, _WHOSE = "series.device, series.bed, series.metric", "r.gateway, r.device, r.bed"
_BOOT = "LEFT JOIN boot ON boot.id = r.boot"
_OF = "LEFT JOIN stream AS of ON of.id = of_stream"
_SERIES_OF = f"{_BOOT} LEFT JOIN series ON series.id = r.series"
DIGESTED = {
    "observation": (f"boot.boot, mono_us, {_SERIES}, value, reason, quality", _SERIES_OF),
    "waveform": (f'boot.boot, mono_us, {_SERIES}, rate_mhz, scale, "offset", samples, quality', _SERIES_OF),
    "device_event": (f"boot.boot, mono_us, {_WHOSE}, kind, detail", _BOOT),
    "alert": (f"boot.boot, mono_us, {_WHOSE}, code, priority, active, detail", _BOOT),
    "unknown_record": (f"boot.boot, mono_us, {_WHOSE}, raw", _BOOT),
    "gap": ("r.boot, from_us, of.journal, of.lane, ranges, to_us, why", _OF),
}
"""What a block's digest covers, table by table: columns, and where they come from."""
_KEY = "lower(hex(journal)), lane"
RECORDS = """SELECT lower(hex(stream.journal)), stream.lane, number, place, '{0}', {1} FROM {0} AS r
JOIN stream ON stream.id = r.stream {2} ORDER BY stream.journal, stream.lane, number, place, r.id"""
TOLD = {
    "stream": f"SELECT {_KEY}, gateway, produced FROM stream",
    "range": f"SELECT {_KEY}, kind AS state, first, last FROM ledger JOIN stream ON id = stream",
    "gap": f"""SELECT {_KEY}, json_extract(value, '$[0]') AS first, json_extract(value, '$[1]') AS last
        FROM gap JOIN stream ON stream.id = of_stream, json_each(ranges)""",
    "quarantined": f"SELECT {_KEY}, number FROM quarantine JOIN stream ON stream.id = stream",
    "dropped": f"SELECT {_KEY}, first, last FROM dropped JOIN stream ON stream.id = stream",
}
"""What a database says beside its records."""

Span = tuple[int, int]
"""First and last number of some blocks."""
Key = tuple[str, int]
"""Journal and lane."""


class CannotCheck(Exception):
    """The file is none that this program can read."""


@dataclass(slots=True)
class Stream:
    """One lane of one journal. `spans` by name: the ledger's states, and what else there is about blocks."""

    gateway: str
    journal: str
    lane: int
    produced: int
    claims: dict[str, int] = field(default_factory=dict[str, int])
    """Counts as an export states them."""
    spans: defaultdict[str, list[Span]] = field(default_factory=lambda: defaultdict[str, list[Span]](list))
    twice: int = 0
    """Records that are there more than once."""

    @property
    def name(self) -> str:
        """For people."""
        return f"{self.gateway}, journal {self.journal}, lane {LANES[self.lane]}"

    def fates(self) -> dict[str, list[Span]]:
        """What became of each block that was produced; one given up after it had arrived is here."""
        committed, quarantined, shed = (self.spans[state] for state in STATES)
        missing = minus([(0, self.produced - 1)], [*committed, *quarantined, *shed])
        given_up = minus(shed, [*committed, *quarantined])
        fates = committed, minus(quarantined, committed), given_up, missing
        return dict(zip((*STATES, "missing"), fates, strict=True))

    def problems(self) -> Iterator[str]:
        """What is missing, and what may not be."""
        committed, quarantined, shed = (self.spans[state] for state in STATES)
        every, stored = [*committed, *quarantined, *shed], self.spans["block"]
        gaps, messages = self.spans["gap"], self.spans["message"]
        found = {
            "are missing: on their way, or lost": self.fates()["missing"],
            "are a range that ends before it begins": [span for span in every if not 0 <= span[0] <= span[1]],
            "are in the ledger twice": [span for state in STATES for span in doubled(self.spans[state])],
            "are both committed and quarantined": minus(committed, minus(committed, quarantined)),
            "are in the ledger and were never produced": minus(every, [(0, self.produced - 1)]),
            "were given up without a gap record": minus(shed, gaps),
            "are named by a gap record, but not given up in the ledger": minus(gaps, shed),
            "are quarantined, but their message is not there": minus(quarantined, messages),
            "lie in quarantine, but the ledger does not say so": minus(messages, quarantined),
            "have records, but were never committed": minus(stored, committed),
            "are told twice": doubled(stored),
        }
        yield from (f"{self.name}: blocks {text(spans)} {what}" for what, spans in found.items() if spans)
        if self.twice:
            yield f"{self.name}: {self.twice} records are there twice"
        for state, spans in self.fates().items():
            if self.claims.get(state, size(spans)) != size(spans):
                yield f"{self.name}: {size(spans)} are {state}, the export says {self.claims[state]}"

    def counts(self) -> str:
        """What became of how many blocks."""
        counts = " + ".join(f"{size(spans)} {state}" for state, spans in self.fates().items())
        return f"{self.name}: {self.produced} produced = {counts}"

    def store(self, number: int, records: int, places: int) -> None:
        """The next block that has records."""
        self.twice += records - places
        blocks = self.spans["block"]
        if blocks and blocks[-1][1] == number - 1:
            blocks[-1] = blocks[-1][0], number
        else:
            blocks.append((number, number))


def merged(spans: Iterable[Span]) -> list[Span]:
    """The same numbers in as few spans as there can be, in order."""
    found: list[Span] = []
    for first, last in sorted(spans):
        if found and first <= found[-1][1] + 1:
            found[-1] = found[-1][0], max(found[-1][1], last)
        elif first <= last:
            found.append((first, last))
    return found


def minus(spans: Iterable[Span], others: Iterable[Span]) -> list[Span]:
    """What of `spans` is in none of `others`."""
    found, rest, taken = list[Span](), merged(spans)[::-1], merged(others)[::-1]
    while rest:
        first, last = rest.pop()
        while taken and taken[-1][1] < first:
            taken.pop()
        after, end = taken[-1] if taken else (last + 1, last)
        if first < after:
            found.append((first, min(last, after - 1)))
        if after <= last and end < last:
            rest.append((end + 1, last))
    return found


def doubled(spans: Iterable[Span]) -> list[Span]:
    """What is in more than one of `spans`."""
    found, end = list[Span](), -1
    for first, last in sorted(spans):
        if first <= end:
            found.append((first, min(last, end)))
        end = max(end, last)
    return merged(found)


def size(spans: Iterable[Span]) -> int:
    """How many numbers there are."""
    return sum(last - first + 1 for first, last in merged(spans))


def text(spans: list[Span]) -> str:
    """The first of them for people, and how many more there are."""
    shown = ", ".join(str(first) if first == last else f"{first} to {last}" for first, last in spans[:10])
    return shown + (f" and {len(spans) - 10} more ranges" if len(spans) > 10 else "")


Told = tuple[Key, dict[str, Any]]
"""A line of an export, or the same from a database, and the stream that it is about."""


def export_told(path: Path) -> Iterator[Told]:
    """The lines of an export. Raises CannotCheck when it is none, or not as it was written; ValueError."""
    digest, count, key = hashlib.sha256(), 0, ("", 0)
    with path.open("rb") as file:
        for line in file:
            told = json.loads(line)
            if told["kind"] == "end" and (told["lines"], told["sha256"]) == (count, digest.hexdigest()):
                return
            if count == 0 and (told.get("format"), told.get("version")) != ("wardlink-ledger", 1):
                raise CannotCheck("it is no export of a ledger in version 1")
            if told["kind"] == "stream":
                key = told["journal"], LANES.index(told["lane"])
            digest.update(line)
            count += 1
            yield key, told
    raise CannotCheck(f"it was cut off or changed: {count} lines, and the last one is not theirs")


def database_told(path: Path) -> Iterator[Told]:
    """The same of a database, all of it from one moment. Raises sqlite3.Error."""
    uri = f"{path.absolute().as_uri()}?mode=ro"
    with closing(sqlite3.connect(uri, uri=True, timeout=20, isolation_level=None)) as db:
        db.execute("BEGIN")
        for kind, query in TOLD.items():
            rows = db.execute(query)
            names = [column[0] for column in rows.description]
            for journal, lane, *rest in rows:
                yield (journal, lane), {"kind": kind, **dict(zip(names[2:], rest, strict=True))}
        for table in DIGESTED:
            query = f"SELECT count(*) FROM {table} WHERE stream NOT IN (SELECT id FROM stream)"
            if records := db.execute(query).fetchone()[0]:
                yield ("", 0), {"kind": "stray", "table": table, "records": records}
        yield from _blocks(db)


def _blocks(db: sqlite3.Connection) -> Iterator[Told]:
    tables = (db.execute(RECORDS.format(table, *what)) for table, what in DIGESTED.items())
    rows = heapq.merge(*tables, key=itemgetter(0, 1, 2, 3, 4))
    for (journal, lane, number), records in groupby(rows, key=itemgetter(0, 1, 2)):
        digest, places = hashlib.sha256(), list[int]()
        for _, _, _, place, table, *columns in records:
            plain = [column.hex() if isinstance(column, bytes) else column for column in columns]
            digest.update(json.dumps([table, place, *plain], separators=(",", ":")).encode() + b"\n")
            places.append(place)
        counts = {"records": len(places), "places": len(set(places)), "sha256": digest.hexdigest()}
        yield (journal, lane), {"kind": "block", "number": number, **counts}


def told_by(path: Path) -> Iterator[Told]:
    """Of either kind of file."""
    with path.open("rb") as file:
        return database_told(path) if file.read(16) == b"SQLite format 3\0" else export_told(path)


def read(path: Path) -> tuple[dict[Key, Stream], list[str]]:
    """The streams of a file, and what belongs to none."""
    streams, problems = dict[Key, Stream](), list[str]()
    for key, told in told_by(path):
        match told:
            case {"kind": "stream", "gateway": gateway, "produced": produced}:
                claims = {state: told[state] for state in (*STATES, "missing") if state in told}
                streams[key] = Stream(gateway, *key, produced, claims)
            case {"kind": "range" | "gap" | "dropped" as kind, "first": first, "last": last}:
                streams[key].spans[told.get("state", kind)].append((first, last))
            case {"kind": "quarantined", "number": number}:
                streams[key].spans["message"].append((number, number))
            case {"kind": "block", "number": number, "records": records, "places": places}:
                streams[key].store(number, records, places)
            case {"kind": "stray", "table": table, "records": records}:
                problems.append(f"{records} records of the table {table} belong to no journal")
    return streams, problems


def not_kept(earlier: Path, before: dict[Key, Stream], later: Path, now: dict[Key, Stream]) -> Iterator[str]:
    """What `later` does not have of `earlier`; records whose dropping for their age is on record may go."""
    nothing = Stream("", "", 0, 0)
    for key, stream in before.items():
        if now.get(key, nothing).produced < stream.produced or key not in now:
            yield f"{stream.name}: {stream.produced} blocks were produced in {earlier}, and fewer here"
        for state in STATES:
            if gone := minus(stream.spans[state], now.get(key, nothing).spans[state]):
                yield f"{stream.name}: blocks {text(gone)} were {state} in {earlier}, and are not any more"
    other: dict[Key, list[Span]] = {}
    old, new = ((one for one in told_by(path) if one[1]["kind"] == "block") for path in (earlier, later))
    held = next(new, None)
    for key, told in old:
        while held is not None and (held[0], held[1]["number"]) < (key, told["number"]):
            held = next(new, None)
        if held != (key, told):
            other.setdefault(key, []).append((told["number"], told["number"]))
    for key, spans in other.items():
        if changed := minus(spans, now.get(key, nothing).spans["dropped"]):
            yield f"{before[key].name}: the records of blocks {text(changed)} are not those of {earlier}"


def main(arguments: list[str], say: Callable[[str], object]) -> int:
    """Check the files in their order; `say` takes the sentences. Returns the exit code."""
    code, before, earlier = 0, dict[Key, Stream](), Path()
    for path in map(Path, arguments or ["(no file given)"]):
        try:
            streams, problems = read(path)
            problems += [line for stream in streams.values() for line in stream.problems()]
            problems += not_kept(earlier, before, path, streams) if before else ()
        except (CannotCheck, OSError, sqlite3.Error, ValueError, LookupError, TypeError) as error:
            is_told = isinstance(error, (CannotCheck, OSError, sqlite3.Error))
            say(f"{path}: cannot be checked: {error if is_told else f'not what was expected: {error!r}'}")
            return 2
        for line in (*(stream.counts() for stream in streams.values()), *problems):
            say(line)
        holds = "it does not hold" if problems else "everything holds, and nothing is missing"
        say(f"{path}: {len(streams)} streams, {len(problems)} problems: {holds}")
        code, before, earlier = max(code, bool(problems)), streams, path
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], lambda line: sys.stdout.write(f"{line}\n")))
