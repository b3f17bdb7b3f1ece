"""What became of the excerpt: the database by SQL, and the devices' own word of what they sent.

- whatever was measured stands at the bed and the patient where it was measured, and nowhere else;
- what the crew marked is there once, under its patient;
- each alarm was raised in the box, and shown, within its delay after the value that called for it; once;
- nothing that a device sent is lost, doubled or invented; the ledgers of all gateways are whole.

None of the product's code is used.
"""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from hil import ledger_checker
from hil.database import connected
from hil.demo_ambulance import told_by_value
from hil.endcheck import compared
from hil.sims.emitted import boot_id
from hil.ward import Folder, WardDevice

VEHICLE, OXIMETER, BED, LIES_THERE = "amb-1", "ox-a", "bed-2", "DEMO-0002"
ALARM = "spo2-desaturation"
"""The alarm of the story, of high priority."""
ALARMS: Mapping[str, tuple[int, float]] = MappingProxyType({ALARM: (80, 6.0), "spo2-low": (90, 10.0)})
"""All that are due in it, and what for in an adult (docs/alarms.md): SpO2 below that for so many seconds."""
EDGE_NS = 100_000_000
_FEW = 5

Span = tuple[int, int, str | None]
"""From when to when it is certain that this patient (None: nobody) was on board: ns since the boot."""


@dataclass(slots=True)
class Seen:
    """What the story saw. Between two spans nobody knows: the crew was just telling."""

    began_ns: int
    spans: list[Span] = field(default_factory=list[Span])
    marks: list[tuple[str, str | None]] = field(default_factory=list[tuple[str, str | None]])
    """Text, and on whose stay."""
    tunnel: tuple[int, int] = (0, 0)
    unplugged_ns: int = 0
    """The oximeter was the vehicle's until then,"""
    plugged_ns: int = 0
    """and is the ward's since then; 0: not yet."""
    shown: dict[str, int] = field(default_factory=dict[str, int])
    """When each alarm, by its id, was first seen at the page."""
    devices: Sequence[WardDevice] = ()
    """Of which all has arrived; none: the story did not come so far."""
    aboard: str | None = None
    _since: int = 0

    def enters(self, now: int, identifier: str) -> None:
        """The box has said that it knows."""
        self._since, self.aboard = now, identifier

    def empty(self, now: int) -> None:
        """Nobody is on board from now on."""
        self._since, self.aboard = now, None

    def leaves(self, now: int) -> None:
        """What was so is so for the last time."""
        self.spans.append((self._since, now, self.aboard))

    def whose(self, at: int) -> Span | None:
        """Of whom something is that was measured at `at` in the vehicle; None: it is not certain."""
        return next((one for one in self.spans if one[0] + EDGE_NS <= at <= one[1] - EDGE_NS), None)


def newest_ns(database: Path, device: str) -> int:
    """When the newest stored value of the device was measured; 0: there is none."""
    query = """SELECT max(mono_us) FROM observation JOIN series ON series.id = series
    JOIN boot ON boot.id = observation.boot WHERE device = ? AND boot.boot = ?"""
    with closing(connected(database)) as db:
        return 1000 * (db.execute(query, (device, boot_id())).fetchone()[0] or 0)


def alarms_stored(database: Path) -> dict[tuple[str, str], dict[str, int]]:
    """Of each device and code of a patient's alarm: its numbers, and when each was first told, ns."""
    query = """SELECT device, code, json_extract(detail, '$.alarm'), min(mono_us) FROM alert
    JOIN boot ON boot.id = alert.boot WHERE active = 1 AND boot.boot = ? GROUP BY 1, 2, 3"""
    found: dict[tuple[str, str], dict[str, int]] = {}
    with closing(connected(database)) as db:
        for device, code, number, mono_us in db.execute(query, (boot_id(),)):
            if number is not None:
                found.setdefault((device, code), {})[str(number)] = 1000 * mono_us
    return found


def believed(database: Path, device: str) -> tuple[str, str | None]:
    """The gateway and the bed of the device, as the controller has them now."""
    query = """SELECT gateway, bed FROM device
    LEFT JOIN assignment ON assignment.device = device.id AND to_ms IS NULL WHERE device.id = ?"""
    with closing(connected(database)) as db:
        return db.execute(query, (device,)).fetchone()


def problems(
    folder: Folder, seen: Seen, raised_late_s: float, shown_late_s: float
) -> tuple[list[str], dict[str, str]]:
    """Everything that does not hold, as sentences, and figures."""
    database, figures = folder.controller / "wardlink.sqlite", dict[str, str]()
    found = [
        *_lost(folder, database, seen, figures),
        *_alarms(folder, database, seen, (raised_late_s, shown_late_s), figures),
    ]
    with closing(connected(database)) as db:
        judged = Counter[str]()
        for table in _TABLES:
            wrong = list(_misplaced(db, table, seen, judged))
            found += wrong[:_FEW] + ([f"{len(wrong)} of {table} in all"] if len(wrong) > _FEW else [])
        found += _marks(db, seen)
    figures["under the right patient"] = ", ".join(f"{n} {what}" for what, n in judged.items())
    return found, figures


_STAYS = """(SELECT group_concat(identifier, '|') FROM stay WHERE stay.bed = {table}.bed
  AND from_ms * 1000 <= at_us AND at_us < ifnull(to_ms, 1 << 50) * 1000)"""
_IN_SERIES = """SELECT device, series.bed, metric, mono_us, (SELECT group_concat(identifier, '|') FROM stay
  WHERE stay.bed = series.bed AND from_ms * 1000 <= at_us AND at_us < ifnull(to_ms, 1 << 50) * 1000)
FROM {table} JOIN series ON series.id = series JOIN boot ON boot.id = {table}.boot WHERE boot.boot = ?"""
_WITH_BED = f"""SELECT device, bed, {{what}}, mono_us, {_STAYS}
FROM {{table}} JOIN boot ON boot.id = {{table}}.boot WHERE device IS NOT NULL AND boot.boot = ?"""
_TABLES = {
    "observation": _IN_SERIES,
    "waveform": _IN_SERIES,
    "alert": _WITH_BED.replace("{what}", "code"),
    "device_event": _WITH_BED.replace("{what}", "kind"),
}


def _misplaced(db: sqlite3.Connection, table: str, seen: Seen, judged: Counter[str]) -> Iterator[str]:
    for device, bed, what, mono_us, stays in db.execute(_TABLES[table].format(table=table), (boot_id(),)):
        at = mono_us * 1000
        place = _place(device, at, seen)
        if at < seen.began_ns or place is None:
            continue
        judged[f"of {table}"] += 1
        wanted_bed, patient = place
        if bed != wanted_bed or (patient is not _ANYBODY and stays != patient):
            when = (at - seen.began_ns) / 1e9
            wanted = f"not {wanted_bed}, {patient or 'nobody in particular'}"
            yield f"{device}, {what} at {when:.2f} s: stored at {bed} under {stays}, {wanted}"


_ANYBODY = ""
STAYS = {"ox-1": ("bed-1", "DEMO-0001")}
"""A device of the ward, and who lies there all the time."""
_OF_VEHICLE = frozenset({OXIMETER, "monitor-a", "oxygen-a", "gnss-a", "inputs-a"})


def _place(device: str, at: int, seen: Seen) -> tuple[str, str | None] | None:
    """Bed and patient where the device was at `at`; None: it is not of the story."""
    if device not in _OF_VEHICLE:
        return STAYS.get(device)
    if device == OXIMETER and seen.plugged_ns and at >= seen.plugged_ns:
        return BED, LIES_THERE
    if device == OXIMETER and seen.unplugged_ns and at >= seen.unplugged_ns:
        return VEHICLE, _ANYBODY  # its last words, or none
    span = seen.whose(at)
    return (VEHICLE, _ANYBODY) if span is None else (VEHICLE, span[2])


def _marks(db: sqlite3.Connection, seen: Seen) -> Iterator[str]:
    """Each once, by its number, and taken over under its patient."""
    query = """SELECT json_extract(detail, '$.text'), count(DISTINCT json_extract(detail, '$.event')),
    group_concat(DISTINCT stay.identifier) FROM device_event
    LEFT JOIN crew_event ON crew_event.event = device_event.id LEFT JOIN stay ON stay.id = crew_event.stay
    WHERE device_event.kind = 'mark' GROUP BY 1"""
    held = {text: (times, whose) for text, times, whose in db.execute(query)}
    for text, patient in seen.marks:
        if held.pop(text, None) != (1, patient):
            yield f"{text!r} was marked once for {patient}, and is there otherwise"
    yield from (f"nobody marked {text!r}" for text in held)


def _lost(folder: Folder, database: Path, seen: Seen, figures: dict[str, str]) -> list[str]:
    told: list[str] = []
    if ledger_checker.main([str(database)], told.append):
        return [f"ledger: {line}" for line in told if " problems: " not in line][-_FEW:]
    figures["ledger"] = told[-1].partition(": ")[2]
    if not seen.devices:
        return []
    checks = told_by_value(
        seen.devices, compared(folder.root / "emitted", database, boot_id(), seen.began_ns)
    )
    sums = {name: sum(getattr(one, name) for one in checks) for name in ("sent", "stored", "unheard")}
    figures["values and packets"] = ", ".join(f"{count} {name}" for name, count in sums.items())
    return [f"{one.device}, {one.metric}: {one.missing} lost" for one in checks if one.missing] + [
        f"{one.device}, {one.metric}: {one.surplus} stored that were never sent, or twice"
        for one in checks
        if one.surplus
    ]


def _alarms(
    folder: Folder, database: Path, seen: Seen, most_s: tuple[float, float], figures: dict[str, str]
) -> Iterator[str]:
    """Each once, in its time; the first of them shown in the tunnel; and no others."""
    raised = alarms_stored(database)
    for code, (below, delay_s) in ALARMS.items():
        onset, numbers = _onset_ns(folder, seen, below), raised.pop((OXIMETER, code), {})
        if onset is None or not numbers:
            yield f"{code}: {'no cause came about' if onset is None else 'it is not in the database'}"
            continue
        if len(numbers) != 1:
            yield f"{code}: it was raised once, and has the numbers {', '.join(sorted(numbers))}"
        shown = min((at for name, at in seen.shown.items() if name in numbers), default=0)
        if code == ALARM and not seen.tunnel[0] < shown < seen.tunnel[1]:
            yield f"{code}: it was not shown to the crew in the tunnel"
        late_s = [(at - onset) / 1e9 - delay_s for at in (min(numbers.values()), shown)]
        figures[code] = f"raised {late_s[0]:.2f} s, shown {late_s[1]:.2f} s after it was due"
        if any(late > most for late, most in zip(late_s, most_s, strict=True)):
            yield f"{code}: {figures[code]}, {most_s[0]:g} and {most_s[1]:g} s are allowed"
    yield from (f"{device}, {code}: it was raised without a cause" for device, code in raised)


def _onset_ns(folder: Folder, seen: Seen, below: int) -> int | None:
    """When the oximeter first sent a value below that."""
    for line in folder.emitted(OXIMETER).read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        if entry["metric"] == "spo2" and entry["at"] >= seen.began_ns and (entry["value"] or 100) < below:
            return entry["at"]
    return None
