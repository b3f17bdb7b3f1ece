"""What gateways found in reach that nobody has recorded yet: the last report of each, with its age."""

import json
import sqlite3
from typing import Any

from controller.orders.desk import newest_settings
from devices.errors import BadOrder
from devices.model.found import Candidate, read_report
from devices.model.served import served

Json = dict[str, Any]

OLDEST_US = 86_400_000_000
"""What was found earlier is not shown: cards say when, but a day later nobody looks for it."""

# MATERIALIZED: else a server reads all of device_event for a hundred ids.
_LAST = """WITH last AS MATERIALIZED (
  SELECT gateway.id AS gateway, way.name AS way, (SELECT id FROM device_event
    WHERE device IS NULL AND kind = 'found' AND gateway = gateway.id
    AND json_extract(detail, '$.way') = way.name ORDER BY id DESC LIMIT 1) AS event
  FROM gateway CROSS JOIN (SELECT 'ble' AS name UNION SELECT 'serial') AS way)
SELECT last.gateway AS gateway, at_us, detail FROM last JOIN device_event ON device_event.id = last.event
WHERE at_us > ? ORDER BY last.gateway, last.way"""
_RECORDED = "SELECT address FROM inventory WHERE address <> '' AND withdrawn_utc_us IS NULL"


def found(db: sqlite3.Connection, now_us: int) -> list[Json]:
    """Each report: `gateway`, `way`, `told_ms`, `others` (how many more, of which nothing is told), and
    `candidates`: `where`, `name`, `rssi`, `fits`, `heard_ms` (own scale), the nearest first.
    """
    recorded = {row["address"] for row in db.execute(_RECORDED)}
    return [
        shown
        for row in db.execute(_LAST, (now_us - OLDEST_US,)).fetchall()
        if (shown := _report(row, recorded | _served(db, row["gateway"])))
    ]


def _report(row: sqlite3.Row, known: set[str]) -> Json | None:
    report = read_report(json.loads(row["detail"]))
    if report is None:
        return None
    told_ms = row["at_us"] // 1000
    candidates = [_candidate(one, told_ms) for one in report.candidates if one.where not in known]
    about = {"gateway": row["gateway"], "way": str(report.way), "told_ms": told_ms, "others": report.others}
    return {**about, "candidates": candidates}


def _candidate(one: Candidate, told_ms: int) -> Json:
    said = {"where": one.where, "name": one.name, "rssi": one.rssi, "fits": list(one.fits)}
    return {**said, "heard_ms": told_ms - one.heard_ms}


def _served(db: sqlite3.Connection, gateway: str) -> set[str]:
    """Where devices are that the gateway is to serve already: its next report leaves them out itself."""
    try:
        return {one.where for one in served(newest_settings(db, gateway))}
    except BadOrder:
        return set()
