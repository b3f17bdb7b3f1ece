"""Every sample that came out, against the files of what went in: by SQL, with none of the product's code."""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from struct import iter_unpack

Key = tuple[str, str]
"""Device and metric."""
_QUERY = """SELECT device, metric, samples FROM waveform JOIN series ON series.id = series
ORDER BY mono_us, waveform.id"""


@dataclass(frozen=True, slots=True)
class Checked:
    """Samples that were given to the gateway, that are in the store, and that differ (or are missing)."""

    offered: int
    stored: int
    different: int


def check(offered: Mapping[Key, bytes], database: Path) -> Checked:
    """Compare what the store has of each signal, in order of time, with the whole of what was offered."""
    stored = _stored(database)
    different = sum(_differences(offered.get(key, b""), stored.get(key, b"")) for key in {*offered, *stored})
    return Checked(_samples(offered), _samples(stored), different)


def stretches(offered: Mapping[Key, bytes], heard: Mapping[Key, bytes]) -> bool:
    """Whether each signal that an event stream told is a stretch of what was offered, and none is missing."""
    return offered.keys() == heard.keys() and all(heard[key] and heard[key] in offered[key] for key in heard)


def _stored(database: Path) -> dict[Key, bytes]:
    parts: dict[Key, list[bytes]] = {}
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as db:
        for device, metric, samples in db.execute(_QUERY):
            parts.setdefault((device, metric), []).append(samples)
    return {key: b"".join(chunks) for key, chunks in parts.items()}


def _samples(signals: Mapping[Key, bytes]) -> int:
    return sum(map(len, signals.values())) // 2


def _differences(one: bytes, other: bytes) -> int:
    pairs = zip_longest(iter_unpack("<h", one), iter_unpack("<h", other))
    return 0 if one == other else sum(a != b for a, b in pairs)
