"""Bytes on the wire for a reading: the blocks that a run cut, against one JSON message for each reading.

Both count the MQTT payload and topic (MQTT 3.1.1 section 3.3: fixed header, topic length, packet identifier).
"""

import sqlite3
from collections.abc import Iterator
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from devices.model.identity import DeviceId, LocationId
from devices.model.observation import Instant, NoValue, Quality, Reading
from devices.wire.block import BlockClock, Lane, Sync, seal
from devices.wire.records import Group
from devices.wire.topics import up
from hil.bench.bare import reading_json

_PUBLISH_BYTES = 7
"""Fixed header with a length of two bytes, length of the topic, packet identifier."""
_QUERY = """SELECT stream, number, mono_us, boot.boot AS boot, device, bed, metric, value, reason, quality
FROM observation JOIN series ON series.id = series JOIN boot ON boot.id = observation.boot
WHERE observation.id > ? ORDER BY stream, number, device, place"""


def _rows(database: Path, since: int = 0) -> Iterator[sqlite3.Row]:
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as db:
        db.row_factory = sqlite3.Row
        yield from db.execute(_QUERY, (since,))


def _reading(row: sqlite3.Row) -> Reading:
    at = Instant(row["mono_us"] * 1000)
    if row["value"] is None:
        return Reading(row["metric"], at, None, NoValue(row["reason"]), Quality(row["quality"]))
    return Reading(row["metric"], at, Decimal(f"{row['value']:g}"), None, Quality(row["quality"]))


class Block(NamedTuple):
    """What a block of a run weighs, and how many readings it carries, on average."""

    bytes: int
    readings: float


def block(database: Path, latest: int) -> Block:
    """The average of the blocks that brought the `latest` readings, the first of which may be cut."""
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as db:
        last = db.execute("SELECT max(id) FROM observation").fetchone()[0]
    blocks = _blocks(_rows(database, last - latest))
    sizes = [_sealed_bytes(block) for block in blocks]
    return Block(round(sum(sizes) / len(sizes)), sum(map(len, blocks)) / len(sizes))


def block_bytes(database: Path) -> float:
    """Bytes a reading when the readings of each block are sealed as that block was (events left out)."""
    blocks = _blocks(_rows(database))
    head = len(up("ward-a", "vital")) + _PUBLISH_BYTES
    return sum(_sealed_bytes(block) + head for block in blocks) / sum(map(len, blocks))


def _blocks(rows: Iterator[sqlite3.Row]) -> list[list[sqlite3.Row]]:
    return [list(block) for _, block in groupby(rows, lambda row: (row["stream"], row["number"]))]


def _sealed_bytes(block: list[sqlite3.Row]) -> int:
    groups = [
        Group(
            DeviceId(device), None if bed is None else LocationId(bed), [_reading(row) for row in of_device]
        )
        for (device, bed), of_device in groupby(block, lambda row: (row["device"], row["bed"]))
    ]
    clock = BlockClock(block[0]["boot"], block[-1]["mono_us"], 1_790_000_000_000_000, Sync.NETWORK, 5000)
    return len(seal(bytes(8), Lane.VITAL, block[0]["number"], clock, groups))


def json_bytes(database: Path) -> float:
    """Bytes a reading when each is a JSON message of its own."""
    sizes = [len(reading_json(row["mono_us"] * 1000, row["value"] or 0.0)) for row in _rows(database)]
    return sum(sizes) / len(sizes) + len(up("ward-a", "vital")) + _PUBLISH_BYTES
