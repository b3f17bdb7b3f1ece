"""What the world holds at its end, against what was promised: by SQL and plain CBOR, with none of our code.

Every block that the journal reported as accepted is in the tables record by record, each once; or a gap
record names it, and gives a reason that this world had. Every value is there at most once, with its own time,
and was said by somebody. Whatever was promised to a device is there or in such a gap.
"""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hil.blocks import groups_of, samples_of

_TABLES = ("observation", "waveform", "device_event", "alert", "unknown_record", "gap")
_OPENED = 6
_READING = 0
_MANY = 5
Key = tuple[bytes, int, int]
"""Journal, lane, number of a block."""


@dataclass(slots=True)
class Held:
    """What the database says. Rows and gaps are by block."""

    rows: dict[Key, Counter[int]] = field(default_factory=dict[Key, Counter[int]])
    """How often each place of the block is there."""
    gaps: dict[tuple[bytes, int], list[tuple[int, int, str]]] = field(default_factory=dict)
    values: dict[int, list[tuple[bytes, int]]] = field(default_factory=dict)
    """(boot, monotonic microseconds) of every stored value."""
    produced: dict[tuple[bytes, int], int] = field(default_factory=dict)
    settled: dict[tuple[bytes, int], list[tuple[int, int]]] = field(default_factory=dict)
    quarantined: list[str] = field(default_factory=list[str])

    def gap_of(self, key: Key) -> str | None:
        """Why the block was given up, if a gap record says so."""
        stretches = self.gaps.get(key[:2], [])
        return next((why for first, last, why in stretches if first <= key[2] <= last), None)


def read(database: Path) -> Held:
    """Everything that matters in `database`."""
    held = Held()
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as db:
        for table in _TABLES:
            query = (
                f"SELECT journal, lane, number, place FROM {table} JOIN stream ON stream.id = {table}.stream"
            )
            for journal, lane, number, place in db.execute(query):
                held.rows.setdefault((journal, lane, number), Counter())[place] += 1
        _read_values(db, held)
        _read_ledger(db, held)
    return held


def _read_values(db: sqlite3.Connection, held: Held) -> None:
    readings = (
        "SELECT value, boot.boot, mono_us FROM observation JOIN series ON series.id = series"
        " JOIN boot ON boot.id = observation.boot WHERE metric = 'ppg_red'"
    )
    waves = "SELECT samples, boot.boot, mono_us FROM waveform JOIN boot ON boot.id = waveform.boot"
    for value, *when in (*db.execute(readings), *db.execute(waves)):
        number = int.from_bytes(value[:4], "little") if isinstance(value, bytes) else int(value)
        held.values.setdefault(number, []).append((when[0], when[1]))


def _read_ledger(db: sqlite3.Connection, held: Held) -> None:
    gaps = "SELECT journal, lane, ranges, why FROM gap JOIN stream ON stream.id = of_stream"
    for journal, lane, ranges, why in db.execute(gaps):
        stretches = [(first, last, why) for first, last in json.loads(ranges)]
        held.gaps.setdefault((journal, lane), []).extend(stretches)
    for journal, lane, produced in db.execute("SELECT journal, lane, produced FROM stream"):
        held.produced[journal, lane] = produced
    ledger = "SELECT journal, lane, first, last FROM ledger JOIN stream ON stream.id = stream"
    for journal, lane, first, last in db.execute(ledger):
        held.settled.setdefault((journal, lane), []).append((first, last))
    for reason, detail, times in db.execute("SELECT reason, detail, times FROM quarantine"):
        held.quarantined.append(f"quarantined: {reason}, {times} times: {detail:.80}")


def problems(
    held: Held,
    accepted: Mapping[Key, bytes],
    said: Mapping[int, tuple[bytes, int, str]],
    promised: set[int],
    excuses: set[str],
) -> list[str]:
    """Sentences about what does not hold; `excuses` are the reasons that gaps may have in this world."""
    numbers: dict[int, Key] = {}
    found: list[str] = []
    for key, block in accepted.items():
        records = list(_records(block))
        numbers |= {number: key for record in records if (number := _number(record)) is not None}
        found += _of_block(held, key, sum(record[0] != _OPENED for record in records), excuses)
    found += _of_values(held, said)
    for number in sorted(promised - held.values.keys()):
        key = numbers.get(number)
        if key is None or held.gap_of(key) not in excuses:
            found.append(f"value {number}: its device was told that it is safe, and it is nowhere")
    found += _missing(held)
    return _few(found + held.quarantined)


def _of_block(held: Held, key: Key, records: int, excuses: set[str]) -> Iterator[str]:
    rows, why = held.rows.get(key, Counter()), held.gap_of(key)
    name = f"block {key[0].hex()[:6]}/{key[1]}/{key[2]}"
    if why is not None and why not in excuses:
        yield f"{name}: accepted, and given up as {why!r}, for which there was no cause"
    if rows.total() > len(rows):
        yield f"{name}: stored {max(rows.values())} times"
    if len(rows) != records and why is None:
        yield f"{name}: accepted with {records} records, {len(rows)} are stored, and no gap tells of it"


def _of_values(held: Held, said: Mapping[int, tuple[bytes, int, str]]) -> Iterator[str]:
    for number, places in held.values.items():
        if number not in said:
            yield f"value {number}: nobody said it"
        elif any(place != said[number][:2] for place in places):
            yield f"value {number}: stored with another time than it was said"
        if len(places) > 1:
            yield f"value {number}: stored {len(places)} times"


def _missing(held: Held) -> Iterator[str]:
    """Streams that the database itself knows to be incomplete."""
    for key, produced in held.produced.items():
        settled = {n for first, last in held.settled.get(key, []) for n in range(first, last + 1)}
        if lost := sorted(set(range(produced)) - settled):
            yield f"stream {key[0].hex()[:6]}/{key[1]}: {len(lost)} blocks missing, the first is {lost[0]}"


def _records(block: bytes) -> Iterator[list[Any]]:
    """The records of a block, as contract.cddl lays them out."""
    for group in groups_of(block):
        yield from group[3]


def _number(record: list[Any]) -> int | None:
    """The device's number for a value of one of its two metrics."""
    if record[0] == _READING and record[1] == 124:
        return int(record[3] * 10 ** record[4])
    samples = samples_of(record)
    return None if samples is None else int.from_bytes(samples[:4], "little")


def _few(found: list[str]) -> list[str]:
    """Enough to see what it is."""
    more = [f"... and {len(found) - _MANY} more of {len(found)}"] if len(found) > _MANY else []
    return found[:_MANY] + more
