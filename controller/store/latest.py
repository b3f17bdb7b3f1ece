"""The newest of everything in the database: what the hub begins with after a start."""

import json
import sqlite3
from collections.abc import Sequence

from controller.live import AlertNow, EventNow, Place, Value
from controller.store import Store
from controller.store.sql import IDS

# MATERIALIZED: the newest of a series is looked for once, which takes a look into each part (decision 043).
_NEWEST = """WITH newest AS MATERIALIZED (
  SELECT device, bed, metric, (SELECT id FROM observation WHERE series = series.id {which}
    ORDER BY at_us DESC LIMIT 1) AS reading
  FROM series WHERE {of}
  AND bed IS (SELECT bed FROM assignment WHERE assignment.device = series.device AND to_ms IS NULL))
SELECT device, metric, boot.boot, mono_us, at_us, utc_us, value, reason, quality, series,
  observation.id IN (SELECT reading FROM disowned) AS is_alien
FROM newest JOIN observation ON observation.id = reading JOIN boot ON boot.id = observation.boot
WHERE at_us >= 1000 * ifnull((SELECT max(ifnull(to_ms, from_ms)) FROM stay WHERE stay.bed = newest.bed), 0)"""
_VALUES = f"{_NEWEST.format(which='', of='1 = 1')} AND at_us >= ?"
_OF_DEVICE = _NEWEST.format(which="", of="device = ?")
_OWN = _NEWEST.format(which="AND id NOT IN (SELECT reading FROM disowned)", of=f"series.id IN {IDS}")
_EVENT = """SELECT device_event.gateway, newest.device, newest.kind, boot.boot, mono_us, at_us, utc_us, detail
FROM (SELECT device, kind, {by} AS said, max(at_us) AS last_us FROM device_event
  WHERE device IS NOT NULL AND kind IN ({kinds}) GROUP BY device, kind, {by}) AS newest
JOIN device_event ON device_event.id = (SELECT max(id) FROM device_event AS one
  WHERE one.device = newest.device AND one.kind = newest.kind AND one.at_us = newest.last_us
  AND {by} IS newest.said)
JOIN boot ON boot.id = device_event.boot ORDER BY at_us"""
"""The newest of each device, kind and what `by` is of it."""
_EVENTS = _EVENT.format(by="kind", kinds="'connected', 'disconnected', 'identity', 'battery', 'link'")
_STATUS = _EVENT.format(by="detail", kinds="'status'")
_DEVICE_ALARMS = _EVENT.format(by="json_extract(detail, '$.code')", kinds="'device-alarm'")
_ALERTS = """SELECT newest.gateway, newest.device, newest.code, boot.boot, mono_us, at_us, utc_us, priority,
  active, detail
FROM (SELECT gateway, device, code, max(at_us) AS last_us FROM alert GROUP BY gateway, device, code) AS newest
JOIN alert ON alert.id = (SELECT max(id) FROM alert AS one WHERE one.gateway = newest.gateway
  AND one.device IS newest.device AND one.code = newest.code AND one.at_us = newest.last_us)
JOIN boot ON boot.id = alert.boot"""


async def latest_values(store: Store, since_us: int = 0) -> list[Value]:
    """The newest reading of each device and metric at its bed and of its patient, if it is not older than
    `since_us`. Raises StoreError."""
    return await _owned(store, await store.read(_VALUES, (since_us,)))


async def values_of(store: Store, device: str) -> list[Value]:
    """Those of one device. Raises StoreError."""
    return await _owned(store, await store.read(_OF_DEVICE, (device,)))


async def _owned(store: Store, rows: Sequence[sqlite3.Row]) -> list[Value]:
    """With the newest of the patient where the newest is somebody else's, as the patient at home says."""
    aliens = [row["series"] for row in rows if row["is_alien"]]
    found = await store.read(_OWN, (json.dumps(aliens),)) if aliens else []
    own = {row["series"]: _value(row) for row in found}
    made = {row["series"]: _value(row) for row in rows}
    beside = {series: own.get(series, made[series].without_number()) for series in aliens}
    return [beside[of]._replace(alien=one) if of in beside else one for of, one in made.items()]


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


def _value(row: sqlite3.Row) -> Value:
    told = (row[name] for name in ("utc_us", "value", "reason", "quality"))
    return Value(row["device"], row["metric"], _place(row), *told)


def _place(row: sqlite3.Row) -> Place:
    return Place(row["boot"], row["mono_us"], row["at_us"])
