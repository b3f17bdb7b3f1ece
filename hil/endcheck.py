"""The end check: what the simulated devices say that they sent, against what the controller's store has.

It shares no code with the product: it reads the devices' own records and the database's tables. Every stored
observation must be one that its device sent, once, and no more than `_LATEST_NS` before it arrived. Every
one sent after the first that arrived must be in the store, unless a link began or ended in that gap.
Waveforms are compared packet by packet, sample by sample: a stored run that is only a part of its packet is
not surplus, but the packet counts as not stored. A sensor that advertises says one measurement until the
next: a gateway that was killed and started again hears it once more, and its link to it is new.
"""

import json
import math
import sqlite3
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

_LATEST_NS = 5_000_000_000
_SET_UP_NS = 10_000_000_000
"""A new link may be told as begun so long after the first value came over it."""
_CLOCK_STEP_NS = 1_000_000
_ROUNDING = 1e-6
_NO_SAMPLE = -32768
_ADVERTISES = ("bthome-sensor",)
"""Profiles of devices to which nobody connects."""

Samples = tuple[int | None, ...]
"""A run of a waveform; None is "no sample"."""
Value = float | Samples | None
"""None is "the device has none"."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One value of one metric at one time (CLOCK_BOOTTIME, ns).

    A packet of samples was sent at its beginning, and stored at its end.
    """

    at: int
    value: Value


@dataclass(frozen=True, slots=True)
class Compared:
    """One metric of one device. `unheard` were sent while no gateway had a link to the device."""

    device: str
    metric: str
    sent: int
    stored: int
    unheard: int
    missing: int
    surplus: int

    @property
    def is_clean(self) -> bool:
        """Nothing missing, nothing twice, nothing invented."""
        return self.missing == 0 and self.surplus == 0


def compared(folder_of_emitted: Path, database: Path, boot: bytes, since_ns: int) -> list[Compared]:
    """Every metric of every device that sent or has something since `since_ns` of the boot `boot`."""
    sent = dict(_sent(folder_of_emitted, since_ns))
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as db:
        stored = _stored(db, boot, since_ns) | _waves(db, boot, since_ns)
        links = _links(db, boot, since_ns)
        advertise = _advertise(db)
    keys = sorted(sent.keys() | stored.keys())
    return [
        compare(
            *key,
            sent.get(key, []),
            stored.get(key, []),
            links.get(device, []),
            advertises=device in advertise,
        )
        for key in keys
        for device, _ in [key]
    ]


def compare(
    device: str,
    metric: str,
    sent: Sequence[Seen],
    stored: Sequence[Seen],
    links: Sequence[int],
    *,
    advertises: bool = False,
) -> Compared:
    """Pair what was sent with what was stored, newest first, each with the nearest before it.

    Args:
        links: when a link to the device began or ended.
    """
    paired: set[int] = set()
    surplus, end = 0, len(sent)
    for one in reversed(stored):
        found = _nearest(sent, one, end)
        if found is None:
            surplus += not (advertises and _is_heard_again(sent[end : end + 1], one, links))
        else:
            end = found
            if _same(sent[found].value, one.value):
                paired.add(found)
    unpaired = [index for index in range(len(sent)) if index not in paired]
    heard = [sent[index].at for index in sorted(paired)]
    missing = sum(_was_owed(sent[index].at, heard, links) for index in unpaired)
    return Compared(device, metric, len(sent), len(stored), len(unpaired) - missing, missing, surplus)


def _nearest(sent: Sequence[Seen], stored: Seen, end: int) -> int | None:
    """The last of `sent[:end]` that can be `stored`."""
    for index in range(end - 1, -1, -1):
        if sent[index].at < stored.at - _LATEST_NS:
            return None
        if sent[index].at <= stored.at + _CLOCK_STEP_NS and _holds(sent[index].value, stored.value):
            return index
    return None


def _is_heard_again(sent: Sequence[Seen], first: Seen, links: Sequence[int]) -> bool:
    """Whether what was found last is what was stored `first`, too, before a link began or ended."""
    same = any(_same(one.value, first.value) and one.at <= first.at + _CLOCK_STEP_NS for one in sent)
    return same and any(first.at < time for time in links)


def _same(one: Value, other: Value) -> bool:
    if isinstance(one, int | float) and isinstance(other, int | float):
        return abs(one - other) <= _ROUNDING
    return one == other


def _holds(sent: Value, stored: Value) -> bool:
    """Whether `stored` is what was sent: of samples, some of it in a row, less what was lost in between."""
    if not isinstance(sent, tuple) or not isinstance(stored, tuple):
        return _same(sent, stored)
    return _same(sent, stored) or any(
        all(there is None or there == here for here, there in zip(sent[start:], stored, strict=False))
        for start in range(len(sent) - len(stored) + 1)
    )


def _was_owed(at: int, heard: Sequence[int], links: Sequence[int]) -> bool:
    """Whether what was sent at `at` came after the first that arrived, in a gap without a change of link."""
    before = [time for time in heard if time < at]
    after = [time for time in heard if time > at]
    if not before:
        return False
    end = after[0] + _SET_UP_NS if after else math.inf
    return not any(before[-1] <= time <= end for time in links)


def _sent(folder: Path, since_ns: int) -> Iterator[tuple[tuple[str, str], list[Seen]]]:
    for path in sorted(folder.glob("*.jsonl")):
        by_metric: dict[str, list[Seen]] = {}
        for line in path.read_text(encoding="utf-8").splitlines():
            entry = json.loads(line)
            if entry["at"] >= since_ns:
                value = tuple(entry["value"]) if isinstance(entry["value"], list) else entry["value"]
                by_metric.setdefault(entry["metric"], []).append(Seen(entry["at"], value))
        yield from (((path.stem, metric), seen) for metric, seen in by_metric.items())


def _stored(db: sqlite3.Connection, boot: bytes, since_ns: int) -> dict[tuple[str, str], list[Seen]]:
    rows = db.execute(
        "SELECT device, metric, mono_us, value FROM observation JOIN series ON series.id = series"
        " JOIN boot ON boot.id = observation.boot WHERE boot.boot = ? AND mono_us * 1000 >= ?"
        " ORDER BY mono_us, observation.id",
        (boot, since_ns),
    )
    stored: dict[tuple[str, str], list[Seen]] = {}
    for device, metric, mono_us, value in rows:
        stored.setdefault((device, metric), []).append(Seen(mono_us * 1000, value))
    return stored


def _waves(db: sqlite3.Connection, boot: bytes, since_ns: int) -> dict[tuple[str, str], list[Seen]]:
    rows = db.execute(
        "SELECT device, metric, mono_us, rate_mhz, samples FROM waveform JOIN series ON series.id = series"
        " JOIN boot ON boot.id = waveform.boot WHERE boot.boot = ? AND mono_us * 1000 >= ?"
        " ORDER BY mono_us, waveform.id",
        (boot, since_ns),
    )
    stored: dict[tuple[str, str], list[Seen]] = {}
    for device, metric, mono_us, rate_mhz, packed in rows:
        run = tuple(None if n == _NO_SAMPLE else n for (n,) in struct.iter_unpack("<h", packed))
        end_ns = mono_us * 1000 + len(run) * 1_000_000_000_000 // rate_mhz
        stored.setdefault((device, metric), []).append(Seen(end_ns, run))
    return stored


def _advertise(db: sqlite3.Connection) -> frozenset[str]:
    marks = ", ".join("?" * len(_ADVERTISES))
    found = db.execute(f"SELECT id FROM device WHERE profile IN ({marks})", _ADVERTISES)
    return frozenset(row[0] for row in found)


def _links(db: sqlite3.Connection, boot: bytes, since_ns: int) -> dict[str, list[int]]:
    """For each device, when a link to it began or ended."""
    rows = db.execute(
        "SELECT device, mono_us FROM device_event JOIN boot ON boot.id = device_event.boot"
        " WHERE boot.boot = ? AND mono_us * 1000 >= ? AND kind IN ('connected', 'disconnected')",
        (boot, since_ns),
    )
    links: dict[str, list[int]] = {}
    for device, mono_us in rows:
        links.setdefault(device, []).append(mono_us * 1000)
    return links
