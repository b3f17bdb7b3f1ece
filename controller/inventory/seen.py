"""What the controller itself knows of recorded devices: where they are, and when and how they last spoke."""

import json
import sqlite3
from typing import Any

from controller.history.rollup import MINUTE_US
from controller.inventory.record import COLUMNS

Json = dict[str, Any]

_EVENTS = "FROM device_event WHERE device_event.device = known.id AND kind"
_NEWEST = "ORDER BY at_us DESC LIMIT"
_FIRMWARE = "json_extract(detail, '$.firmware') AS firmware"
_RECENT = 50
"""Of so many events of identity, one per connection and string, the firmware is looked for."""
# One look into an index for each: of some kinds there are millions.
_TOLD = ", ".join(
    f"(SELECT max(at_us) {_EVENTS} = '{kind}') AS {kind}_us"
    for kind in ("connected", "disconnected", "link", "battery", "status")
)
_STATE = f"""SELECT known.id AS id, device.gateway AS heard_by, device.profile AS heard_profile,
  (SELECT bed FROM assignment WHERE device = known.id AND to_ms IS NULL) AS bed,
  (SELECT CAST(json_extract(detail, '$.percent') AS REAL) {_EVENTS} = 'battery' {_NEWEST} 1)
    AS battery_percent,
  (SELECT firmware FROM (SELECT {_FIRMWARE} {_EVENTS} = 'identity' {_NEWEST} {_RECENT})
    WHERE firmware IS NOT NULL LIMIT 1) AS firmware,
  {_TOLD}
FROM (SELECT device AS id FROM inventory UNION SELECT id FROM device) AS known
LEFT JOIN device ON device.id = known.id WHERE :device IN ('', known.id) ORDER BY known.id"""
RECENT = 20_000
"""Of so many records that came last each one's time is looked at; of those before, its minute."""
_AFTER = f"""SELECT min(value, (SELECT ifnull(max(id), 0) FROM observation) - {RECENT}) FROM meta
WHERE key = 'rolled-up'"""
# The newest record of each of thousands of series would be a look into each part that a server has.
_MEASURED = f"""SELECT device, max(at_us) FROM (
  SELECT device, (SELECT max(minute) FROM rollup WHERE rollup.series = series.id) * {MINUTE_US} AS at_us
  FROM series
  UNION ALL
  SELECT device, observation.at_us FROM observation JOIN series ON series.id = observation.series
  WHERE observation.id > :after
) AS measured WHERE at_us IS NOT NULL AND :device IN ('', device) GROUP BY device"""
_RECORDS = """SELECT *,
  calibration_due <> '' AND calibration_due < date(:utc_s, 'unixepoch', :soon) AS calibration
FROM inventory WHERE :device IN ('', device)"""
_CHANGES = "SELECT utc_us, by, what, detail FROM inventory_change WHERE device = ? ORDER BY id DESC"
_PLACES = """SELECT bed, from_ms, to_ms, by FROM assignment WHERE device = ? AND bed IS NOT NULL
ORDER BY id DESC"""
_STAYS = """SELECT id, max(from_ms, :from_ms) AS from_ms,
  nullif(min(ifnull(to_ms, :last), :last), :last) AS to_ms
FROM stay WHERE bed = :bed AND from_ms < :last AND ifnull(to_ms, :last) > :from_ms ORDER BY id DESC"""
_EVER = 2**62
_SEEN = ("connected", "link", "battery", "status")
"""What shows that a device was there, beside what it measured."""
CALIBRATION_DAYS = 30
"""Calibration that is due within so many days wants attention."""
LOW_BATTERY_PERCENT = 20
UNSEEN_MS = 24 * 3_600_000


def devices(db: sqlite3.Connection, moment: tuple[int, int], device: str = "") -> list[Json]:
    """Every device that is recorded or has been heard, or `device` alone, at `moment` (UTC µs, own ms).

    Beside the record's columns: `recorded`, `bed`, `battery_percent` of `battery_ms`, `firmware`,
    `connected`, `seen_ms` (when it last measured or told anything; of a measurement that is not among the
    last `RECENT` of all devices, the minute's begin), `heard_by` (the gateway), and `attention`: what is to
    be looked after, of unrecorded, withdrawn, calibration, battery, unseen, unplaced.
    """
    about = {"utc_s": moment[0] // 1_000_000, "soon": f"+{CALIBRATION_DAYS} days", "device": device}
    records = {row["device"]: row for row in db.execute(_RECORDS, about)}
    measured = _measured(db, device)
    return [
        _device(records.get(state["id"]), state, measured.get(state["id"], 0), moment[1])
        for state in db.execute(_STATE, about)
    ]


def history(db: sqlite3.Connection, device: str) -> list[Json]:
    """Every change of the record, the newest first."""
    return [
        {"utc_ms": row["utc_us"] // 1000, **_told(row, "by", "what"), "detail": json.loads(row["detail"])}
        for row in db.execute(_CHANGES, (device,))
    ]


def placements(db: sqlite3.Connection, device: str) -> list[Json]:
    """Every bed that the device was on, the newest first, with the patients' stays there as bare numbers."""
    rows = [dict(row) for row in db.execute(_PLACES, (device,))]
    for row in rows:
        span = {"bed": row["bed"], "from_ms": row["from_ms"], "last": row["to_ms"] or _EVER}
        stays = (dict(stay) for stay in db.execute(_STAYS, span))
        row["stays"] = [{**stay, "to_ms": stay["to_ms"] or row["to_ms"]} for stay in stays]
    return rows


def _measured(db: sqlite3.Connection, device: str) -> dict[str, int]:
    """When each device, or `device` alone, last measured, us."""
    [(after,)] = db.execute(_AFTER).fetchall()
    return dict(map(tuple, db.execute(_MEASURED, {"after": after, "device": device})))


def _device(record: sqlite3.Row | None, state: sqlite3.Row, measured_us: int, now_ms: int) -> Json:
    known = {name: record[name] if record else "" for name in COLUMNS}
    known["device"], known["profile"] = state["id"], known["profile"] or state["heard_profile"] or ""
    seen_us = max(measured_us, *(state[f"{what}_us"] or 0 for what in _SEEN))
    came_us, went_us, battery_us = (state[f"{kind}_us"] for kind in ("connected", "disconnected", "battery"))
    return {
        **known,
        "recorded": record is not None,
        "pairing": record["pairing"] if record else "",
        "withdrawn_ms": record["withdrawn_utc_us"] // 1000 if record and record["withdrawn_utc_us"] else None,
        "connected": _connected(came_us, went_us),
        "seen_ms": seen_us // 1000 or None,
        "battery_ms": None if battery_us is None else battery_us // 1000,
        **_told(state, "heard_by", "bed", "battery_percent", "firmware"),
        "attention": _attention(record, state, now_ms - seen_us // 1000),
    }


def _attention(record: sqlite3.Row | None, state: sqlite3.Row, unseen_ms: int) -> list[str]:
    if record is None:
        return ["unrecorded"]
    if record["withdrawn_utc_us"] is not None:
        return ["withdrawn"]
    battery = state["battery_percent"]
    wanted = {
        "calibration": record["calibration"],
        "battery": battery is not None and battery <= LOW_BATTERY_PERCENT,
        "unseen": record["gateway"] and unseen_ms > UNSEEN_MS,
        "unplaced": state["bed"] is None,
    }
    return [name for name, is_so in wanted.items() if is_so]


def _connected(came_us: int | None, went_us: int | None) -> bool | None:
    if came_us is None and went_us is None:
        return None
    return (came_us or 0) >= (went_us or 0)


def _told(row: sqlite3.Row, *names: str) -> Json:
    return {name: row[name] for name in names}
