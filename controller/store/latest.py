"""The newest of everything in the database: what the hub begins with after a start."""

import json
import sqlite3

from controller.live import AlertNow, EventNow, Place, Value
from controller.store import Store

_VALUES = """SELECT device, metric, boot.boot, mono_us, at_us, utc_us, value, reason, quality
FROM series
JOIN observation ON observation.id =
  (SELECT id FROM observation WHERE series = series.id ORDER BY at_us DESC LIMIT 1)
JOIN boot ON boot.id = observation.boot
WHERE bed IS (SELECT bed FROM assignment WHERE assignment.device = series.device AND to_ms IS NULL)
  AND at_us >= ?
  AND at_us >= 1000 * ifnull((SELECT max(ifnull(to_ms, from_ms)) FROM stay WHERE stay.bed = series.bed), 0)"""
_EVENTS = """SELECT device_event.gateway, device, kind, boot.boot, mono_us, max(at_us) AS at_us,
  utc_us, detail
FROM device_event JOIN boot ON boot.id = device_event.boot
WHERE device IS NOT NULL AND kind IN ('connected', 'disconnected', 'identity', 'battery', 'link')
GROUP BY device, kind ORDER BY at_us"""
_STATUS = """SELECT device_event.gateway, device, kind, boot.boot, mono_us, max(at_us) AS at_us,
  utc_us, detail
FROM device_event JOIN boot ON boot.id = device_event.boot
WHERE device IS NOT NULL AND kind = 'status' GROUP BY device, detail ORDER BY at_us"""
_DEVICE_ALARMS = """SELECT device_event.gateway, device, kind, boot.boot, mono_us, max(at_us) AS at_us,
  utc_us, detail
FROM device_event JOIN boot ON boot.id = device_event.boot
WHERE device IS NOT NULL AND kind = 'device-alarm'
GROUP BY device, json_extract(detail, '$.code') ORDER BY at_us"""
_ALERTS = """SELECT alert.gateway, device, code, boot.boot, mono_us, max(at_us) AS at_us, utc_us,
  priority, active, detail
FROM alert JOIN boot ON boot.id = alert.boot GROUP BY alert.gateway, device, code"""


async def latest_values(store: Store, since_us: int = 0) -> list[Value]:
    """The newest reading of each device and metric at its bed and of its patient, if it is not older than
    `since_us`. Raises StoreError."""
    return [
        Value(row["device"], row["metric"], _place(row), row["utc_us"], *tuple(row)[-3:])
        for row in await store.read(_VALUES, (since_us,))
    ]


async def latest_events(store: Store) -> list[EventNow]:
    """What each device last said of its condition, oldest first. Raises StoreError."""
    rows = [row for query in (_EVENTS, _STATUS, _DEVICE_ALARMS) for row in await store.read(query)]
    return [
        EventNow(
            *(row["gateway"], row["device"], row["kind"], _place(row)),
            *(json.loads(row["detail"]), row["utc_us"]),
        )
        for row in rows
    ]


async def latest_alerts(store: Store) -> list[AlertNow]:
    """What was last said of each alert. Raises StoreError."""
    return [
        AlertNow(
            *(row["gateway"], row["device"], row["code"], _place(row), row["priority"]),
            *(bool(row["active"]), json.loads(row["detail"]), row["utc_us"]),
        )
        for row in await store.read(_ALERTS)
    ]


def _place(row: sqlite3.Row) -> Place:
    return Place(row["boot"], row["mono_us"], row["at_us"])
