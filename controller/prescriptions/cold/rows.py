"""What is kept of a delivery that must stay cold, and the readings of the boxes that it was in.

add(db, "SD00000001", COLD)                    # in the transaction that begins the delivery
cold = held(db, delivery)                      # None: it has no need to be cold
as_known = look(db, cold, now_ms, gap_ms)      # its record until now, from the readings themselves

Readings are found by the place and by time in the controller's scale: late ones, ones that came twice and
ones of a gateway whose clock was wrong are where they belong.
"""

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from typing import Any

from controller.prescriptions.cold.record import ColdDoubt, Course, Gap, Range, Reading, Record, course_of
from controller.prescriptions.cold.states import ColdState, Verdict
from controller.store.sql import IDS
from devices.model.alarm_limits import BOX_METRICS
from devices.model.observation import Quality

Json = dict[str, Any]

_ADD = """INSERT INTO rx_cold (delivery, low, high, doubts, seen, record, to_judge, verdict, why, by, judged)
SELECT id, ?, ?, '', '', '', 0, '', '', '', '' FROM rx_delivery WHERE number = ?"""
_SELECT = """SELECT rx_cold.*, (SELECT json_group_array(json_array(place, from_ms, by)) FROM
  (SELECT place, from_ms, by FROM rx_cold_box WHERE delivery = rx_cold.delivery ORDER BY turn)) AS boxes
FROM rx_cold"""
_ONE = f"{_SELECT} WHERE delivery = ?"
_NEVER_MS = 2**62
"""In no box yet: no time passes."""
OF_ALL = f"{_SELECT} WHERE delivery IN {IDS}"
SINCE = f"{_SELECT} WHERE verdict <> 'discarded' AND (ended_ms IS NULL OR ended_ms > ?)"
_HELD = f"""WITH box AS (
  SELECT place, from_ms AS begins, ifnull(lead(from_ms) OVER (ORDER BY turn), :end) AS ends
  FROM rx_cold_box WHERE delivery = :delivery)
SELECT {{what}} FROM box JOIN series ON series.bed = box.place
  AND series.metric IN ({", ".join(f"'{one}'" for one in BOX_METRICS)})
JOIN observation ON observation.series = series.id
  AND observation.at_us >= box.begins * 1000 AND observation.at_us < box.ends * 1000"""
READINGS = f"""{_HELD.format(what="at_us / 1000 AS at_ms, value")}
WHERE observation.quality & :test = 0 ORDER BY observation.at_us, observation.id"""
SEEN = _HELD.format(what="count(*) AS many, max(observation.id) AS newest, sum(at_us - :base) AS times")
"""What changes whenever readings come, move in time or go."""
_PACK = """INSERT INTO rx_cold_box (delivery, turn, place, from_ms, by)
SELECT :delivery, ifnull(max(turn), 0) + 1, :place, :now_ms, :by
FROM rx_cold_box WHERE delivery = :delivery"""
_WRITE = """UPDATE rx_cold SET ended_ms = ?, doubts = ?, seen = ?, record = ?, to_judge = ?,
  verdict = ?, why = ?, by = ?, verdict_ms = ?, judged = ? WHERE delivery = ?"""


@dataclass(frozen=True, slots=True)
class Packed:
    """It is in this box from then on."""

    place: str
    from_ms: int
    by: str


@dataclass(frozen=True, slots=True)
class Cold:
    """A delivery that must stay cold, as it stands."""

    delivery: int
    allowed: Range
    boxes: tuple[Packed, ...]
    ended_ms: int | None
    doubts: frozenset[ColdDoubt]
    """Those of when it ended, and since: what comes later takes none of them away."""
    seen: str
    record: Record | None
    """As it was kept when it ended or when readings came late; None: it is on its way."""
    verdict: Verdict
    why: str
    by: str
    verdict_ms: int | None
    judged: Record | None

    def state(self, record: Record) -> ColdState:
        """How it stands with this record."""
        if self.verdict == "discarded":
            return ColdState.DISCARDED
        if not self.boxes:
            return ColdState.UNPACKED
        if not self.all_doubts(record):
            return ColdState.KEPT
        if self.verdict == "" or self.judged is None or record.is_worse(self.judged, self.allowed):
            return ColdState.TO_JUDGE
        return ColdState.RELEASED

    def all_doubts(self, record: Record) -> frozenset[ColdDoubt]:
        """What is against it."""
        return self.doubts | record.doubts(self.allowed)

    def end(self, now_ms: int) -> int:
        """Until when its readings count."""
        return now_ms if self.ended_ms is None else self.ended_ms

    def asked(self, now_ms: int) -> Json:
        """The parameters of READINGS and SEEN."""
        base = self.boxes[0].from_ms * 1000 if self.boxes else 0
        return {
            "delivery": self.delivery,
            "end": self.end(now_ms) + 1,
            "test": int(Quality.TEST_DATA),
            "base": base,
        }


def add(db: sqlite3.Connection, number: str, allowed: Range) -> None:
    """The delivery of this number must stay cold, inside a transaction."""
    db.execute(_ADD, (str(allowed.low), str(allowed.high), number))


def held(db: sqlite3.Connection, delivery: int) -> Cold | None:
    """Of one delivery, inside a transaction; None: it has no need to be cold."""
    row = db.execute(_ONE, (delivery,)).fetchone()
    return None if row is None else cold_of(row)


def pack(db: sqlite3.Connection, delivery: int, place: str, now_ms: int, by: str) -> None:
    """Put it into a box, inside a transaction."""
    db.execute(_PACK, {"delivery": delivery, "place": place, "now_ms": now_ms, "by": by})


def look(db: sqlite3.Connection, cold: Cold, now_ms: int, gap_ms: int) -> Record:
    """Its record until now or its end, inside a transaction."""
    found = db.execute(READINGS, cold.asked(now_ms)).fetchall()
    return course(cold, found, gap_ms).until(cold.end(now_ms))


def course(cold: Cold, rows: Iterable[sqlite3.Row], gap_ms: int) -> Course:
    """What the rows of READINGS say."""
    begin_ms = cold.boxes[0].from_ms if cold.boxes else _NEVER_MS
    return course_of((Reading(row["at_ms"], row["value"]) for row in rows), begin_ms, cold.allowed, gap_ms)


def keep(db: sqlite3.Connection, cold: Cold, ended_ms: int, now_ms: int, gap_ms: int) -> Cold:
    """It ended: its record is kept, and what is against it stays, inside a transaction."""
    over = replace(cold, ended_ms=ended_ms)
    record = look(db, over, now_ms, gap_ms)
    seen = fingerprint(db.execute(SEEN, over.asked(now_ms)).fetchone())
    known = replace(
        over, doubts=over.all_doubts(record) if over.boxes else frozenset(), seen=seen, record=record
    )
    _write(db, known)
    return known


def doubt(db: sqlite3.Connection, cold: Cold, what: ColdDoubt) -> None:
    """Something was found against it on its way, inside a transaction."""
    _write(db, replace(cold, doubts=cold.doubts | {what}))


def judge(
    db: sqlite3.Connection, cold: Cold, verdict: Verdict, record: Record, said: tuple[str, str, int]
) -> Cold:
    """A pharmacist has judged this record, inside a transaction; `said`: why, who, when."""
    why, by, at_ms = said
    known = replace(cold, verdict=verdict, why=why, by=by, verdict_ms=at_ms, judged=record)
    _write(db, known)
    return known


def _write(db: sqlite3.Connection, one: Cold) -> None:
    is_open = one.record is not None and one.state(one.record) is ColdState.TO_JUDGE
    told = " ".join(sorted(one.doubts)), one.seen, _text(one.record), int(is_open)
    said = one.verdict, one.why, one.by, one.verdict_ms, _text(one.judged)
    db.execute(_WRITE, (one.ended_ms, *told, *said, one.delivery))


def fingerprint(row: sqlite3.Row) -> str:
    """Of a row of SEEN."""
    return f"{row['many']}/{row['newest']}/{row['times']}"


def cold_of(row: sqlite3.Row) -> Cold:
    """Of a row."""
    return Cold(
        row["delivery"],
        Range(Decimal(row["low"]), Decimal(row["high"])),
        tuple(Packed(*one) for one in json.loads(row["boxes"])),
        row["ended_ms"],
        frozenset(map(ColdDoubt, row["doubts"].split())),
        row["seen"],
        _record(row["record"]),
        row["verdict"],
        row["why"],
        row["by"],
        row["verdict_ms"],
        _record(row["judged"]),
    )


def _text(record: Record | None) -> str:
    return "" if record is None else json.dumps(asdict(record))


def _record(text: str) -> Record | None:
    if not text:
        return None
    told = json.loads(text)
    return Record(**{**told, "gaps": tuple(Gap(*one) for one in told["gaps"])})
