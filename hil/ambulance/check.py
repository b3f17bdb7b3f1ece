"""What became of a day: the database by SQL, the box's blocks by plain CBOR, against what was said and done.

- every value that the monitor said is stored once, with its own time, unless the power went within a second;
- it stands under the patient who was on board then, and under nobody else's stay;
- every alarm that a value calls for was raised in the box within its delay, whatever the network did, and
  none without a cause; all of them are in the database in the end;
- whatever the crew told is there once, at the patient whom it was about.
"""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import cbor2

from hil.ambulance.patient import Due, Said, due
from hil.blocks import groups_of

VEHICLE, MONITOR = "amb-1", "monitor"
LATE_S = 1.5
"""A monitor says something each second; an alarm comes with the next value after its delay."""
POWER_S = 1.0
"""What was said so long before the box stopped may not have been accepted yet."""
EDGE_S = 0.1
_ALERT, _HEADER_CLOCK, _BOOT, _MONO = 4, 5, 1, 2
_FEW = 5


class Boarded(NamedTuple):
    """A patient on board as planned; virtual seconds. `known_as`: "" if nobody ever learned it."""

    run: int
    from_s: float
    to_s: float
    known_as: str
    name: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the world saw. `runs`: number and end of each, virtual seconds; `downs`: the box was away."""

    runs: Sequence[tuple[int, float]]
    boots: Mapping[bytes, float]
    boarded: Sequence[Boarded]
    said: Sequence[tuple[float, bytes, int, str, str]]
    told: Sequence[tuple[float, str, Mapping[str, Any]]]
    accepted: Mapping[tuple[bytes, int, int], bytes]
    downs: Sequence[tuple[float, float]]

    def run_at(self, at_s: float) -> int:
        """The number of the run at that time; of the last when all are over."""
        return next((number for number, end in self.runs if at_s <= end), self.runs[-1][0])

    def is_down(self, from_s: float, to_s: float) -> bool:
        """Whether the box was away, or about to go, within that time."""
        return any(from_s < end and start - POWER_S < to_s for start, end in self.downs)


@dataclass(slots=True)
class Found:
    """Sentences by run, and `general` ones; figures worth printing."""

    problems: dict[int, list[str]] = field(default_factory=dict[int, list[str]])
    general: list[str] = field(default_factory=list[str])
    figures: dict[str, str] = field(default_factory=dict[str, str])

    def add(self, run: int, what: str) -> None:
        """A few of each run are enough to see what it is."""
        held = self.problems.setdefault(run, [])
        if len(held) < _FEW:
            held.append(what)


class Stored(NamedTuple):
    """A value in the database; `patient`: whose stay its time is in."""

    value: str
    bed: str | None
    stays: tuple[str, ...]


def judged(database: Path, seen: Evidence) -> Found:
    """Everything that does not hold."""
    found = Found()
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as db:
        _values(db, seen, found)
        _stays(db, seen, found)
        _told(db, seen, found)
        _alarms(db, seen, found)
    return found


_VALUES = """SELECT boot.boot, mono_us, metric, value, bed, (SELECT group_concat(stay.name, '|') FROM stay
  WHERE stay.bed = series.bed AND from_ms * 1000 <= at_us AND at_us < ifnull(to_ms, 1 << 50) * 1000)
FROM observation JOIN series ON series.id = series JOIN boot ON boot.id = observation.boot WHERE device = ?"""


def _values(db: sqlite3.Connection, seen: Evidence, found: Found) -> None:
    held: dict[tuple[bytes, int, str], list[Stored]] = {}
    for boot, mono_us, metric, value, bed, names in db.execute(_VALUES, (MONITOR,)):
        stored = Stored(f"{value:.1f}", bed, tuple((names or "").split("|")) if names else ())
        held.setdefault((boot, mono_us, metric), []).append(stored)
    lost = 0
    for at_s, boot, mono_us, metric, value in seen.said:
        run, rows = seen.run_at(at_s), held.pop((boot, mono_us, metric), [])
        what = f"{metric} {value} said at {at_s:.1f} s"
        if not rows:
            lost += 1
            if not seen.is_down(at_s, at_s):
                found.add(run, f"{what}: lost")
            continue
        if len(rows) > 1 or rows[0].value != value:
            found.add(run, f"{what}: stored as {[row.value for row in rows]}")
        _right_patient(seen, found, (run, at_s, what), rows[0])
    for key in held:
        found.general.append(f"{key[2]} at {key[1]} us of a boot: stored, and nobody said it")
    found.general = found.general[:_FEW]
    found.figures["values said"] = f"{len(seen.said)}, {lost} of them in the second before the box stopped"


def _right_patient(seen: Evidence, found: Found, what: tuple[int, float, str], row: Stored) -> None:
    run, at_s, said = what
    aboard = next(one for one in seen.boarded if one.from_s - EDGE_S <= at_s <= one.to_s + EDGE_S)
    name = f"Known {aboard.known_as}" if aboard.known_as else aboard.name
    if row.bed != VEHICLE or not row.stays or any(stay != name for stay in row.stays):
        found.add(run, f"{said}: stored at {row.bed} under {row.stays or 'nobody'}, and {name} was on board")


def _stays(db: sqlite3.Connection, seen: Evidence, found: Found) -> None:
    """Each patient has one stay."""
    stays = Counter(name for (name,) in db.execute("SELECT name FROM stay WHERE bed = ?", (VEHICLE,)))
    known = Counter(
        identifier for (identifier,) in db.execute("SELECT identifier FROM stay WHERE bed = ?", (VEHICLE,))
    )
    for one in seen.boarded:
        name = f"Known {one.known_as}" if one.known_as else one.name
        if stays[name] != 1:
            found.add(one.run, f"{name} has {stays[name]} stays")
        if one.known_as and known[one.known_as] != 1:
            found.add(one.run, f"{one.known_as} is the identifier of {known[one.known_as]} stays")
    if stays.total() != len(seen.boarded):
        found.general.append(f"{stays.total()} stays of {len(seen.boarded)} patients: {dict(stays)}")


def _told(db: sqlite3.Connection, seen: Evidence, found: Found) -> None:
    """Each mark is there, under one number, and says whose it is."""
    marks: dict[str, set[str]] = {}
    for (detail,) in db.execute("SELECT detail FROM device_event WHERE kind = 'mark' AND device IS NULL"):
        said = json.loads(detail)
        marks.setdefault(said["text"], set()).add(said["event"])
    for at_s, kind, detail in seen.told:
        if kind != "mark":
            continue
        numbers = marks.pop(str(detail["text"]), set())
        if len(numbers) != 1:
            found.add(
                seen.run_at(at_s), f"{detail['text']!r} was marked once and is there {len(numbers)} times"
            )
    found.general += [f"nobody marked {text!r}" for text in marks][:_FEW]
    found.figures["told by the crew"] = str(len(seen.told))


class Raised(NamedTuple):
    """An alert in the box's own journal."""

    at_s: float
    code: str
    active: bool
    over: bool


_NUMBERED = "SELECT count(*) FROM alert WHERE device = ? AND json_extract(detail, '$.alarm') IS NOT NULL"


def _alarms(db: sqlite3.Connection, seen: Evidence, found: Found) -> None:
    raised = sorted(_raised(seen))
    stored = db.execute(_NUMBERED, (MONITOR,)).fetchone()[0]
    if stored != len(raised):
        found.general.append(f"{len(raised)} alerts of the monitor were accepted, {stored} are stored")
    wanted = sorted({one for stretch in _stretches(seen) for one in due(stretch)})
    delays, skipped = list[float](), 0
    for one in wanted:
        if seen.is_down(one.onset_s, one.due_s + LATE_S):
            skipped += 1
            continue
        late = _lateness(one, raised)
        if late is None:
            found.add(seen.run_at(one.due_s), f"{one.code} was due at {one.due_s:.1f} s and was not raised")
        else:
            delays.append(late)
    for alarm in raised:
        if alarm.active and not alarm.over and not _has_cause(alarm, wanted, seen):
            found.add(
                seen.run_at(alarm.at_s), f"{alarm.code} was raised at {alarm.at_s:.1f} s without a cause"
            )
    told = f"{len(delays)}, the latest {max(delays, default=0):.2f} s after it was due"
    found.figures["true alarms raised in the box"] = f"{told}; {skipped} while the box was down not judged"


def _raised(seen: Evidence) -> Iterator[Raised]:
    for block in seen.accepted.values():
        clock = cbor2.loads(cbor2.loads(block)[0])[_HEADER_CLOCK]
        began = seen.boots[clock[_BOOT]]
        for group in groups_of(block):
            for record in group[3]:
                if record[0] == _ALERT and group.get(1) == MONITOR and "alarm" in record[5]:
                    at_s = began + (clock[_MONO] + record[1]) / 1e6
                    yield Raised(at_s, record[2], record[4], bool(record[5].get("over")))


def _stretches(seen: Evidence) -> Iterator[Said]:
    """What was said, cut where the box was down and where patients changed."""
    stretch, last = list[tuple[float, str, Any]](), None
    for at_s, boot, _, metric, value in seen.said:
        if last is not None and (boot != last[1] or at_s - last[0] > 60):
            yield stretch
            stretch = []
        stretch.append((at_s, metric, Decimal(value)))
        last = at_s, boot
    yield stretch


def _lateness(one: Due, raised: Sequence[Raised]) -> float | None:
    """How long after it was due it was raised; None: it was not, in time."""
    times = [
        alarm.at_s
        for alarm in raised
        if alarm.code == one.code
        and alarm.active
        and not alarm.over
        and one.onset_s - EDGE_S <= alarm.at_s <= one.due_s + LATE_S
    ]
    return max(0.0, min(times) - one.due_s) if times else None


def _has_cause(alarm: Raised, wanted: Sequence[Due], seen: Evidence) -> bool:
    """It is due, or goes on: told again after a restart, acknowledged, escalated."""
    near = [
        one
        for one in wanted
        if one.code == alarm.code and one.onset_s - EDGE_S <= alarm.at_s <= one.due_s + 400
    ]
    return bool(near) or seen.is_down(alarm.at_s - 60, alarm.at_s)
