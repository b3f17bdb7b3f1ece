"""What robots did and why, of any minute that is kept: positions, messages, decisions, from the store."""

import asyncio
import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any

import orjson

from controller.store import Store
from devices.model.observation import EventKind

Json = dict[str, Any]
LONGEST_MS = 3_600_000
_KINDS = f"kind IN ('{EventKind.VEHICLE}', '{EventKind.VEHICLE_AT}')"
SEEN = f"""SELECT at_us / 1000 AS at_ms, device, kind, detail FROM device_event
WHERE {_KINDS} AND at_us >= ? AND at_us < ? ORDER BY at_us"""
_SENT = """SELECT at_ms, robot, topic, json, why, reason FROM robot_message
WHERE at_ms >= ? AND at_ms < ? ORDER BY id"""
_DECIDED = """SELECT at_ms, kind, robot, transport, why, reason, detail FROM robot_decision
WHERE at_ms >= ? AND at_ms < ? ORDER BY id"""

_SINCE = f"""SELECT max((SELECT value FROM meta WHERE key = 'robots-dropped'),
ifnull((SELECT min(at_us) / 1000 FROM device_event WHERE {_KINDS}), 0)) AS ms"""


async def replay(store: Store, from_ms: int, to_ms: int) -> Json:
    """`positions` are [at_ms, robot, x, y, theta, map, node, battery %]; `since_ms`: of what is before then
    nothing, or not all, is there. Raises StoreError.
    """
    seen = await store.read(SEEN, (from_ms * 1000, to_ms * 1000))
    sent = await store.read(_SENT, (from_ms, to_ms))
    decided = await store.read(_DECIDED, (from_ms, to_ms))
    return {
        "since_ms": (await store.read(_SINCE))[0]["ms"],
        "positions": await asyncio.to_thread(_positions, seen),
        "messages": [_told(row) for row in sent],
        "decisions": [{**_told(row), "detail": orjson.loads(row["detail"])} for row in decided],
    }


def _positions(seen: Sequence[sqlite3.Row]) -> list[list[Any]]:
    """An hour of many robots takes a while: beside what else the controller does."""
    return [one for row in seen for one in _position(*tuple(row))]


def _told(row: sqlite3.Row) -> Json:
    return {**dict(row), "reason": orjson.loads(row["reason"]) if row["reason"] else None}


def _position(at_ms: int, robot: str, kind: str, text: str) -> Iterable[list[Any]]:
    detail = orjson.loads(text)
    if kind == EventKind.VEHICLE:
        yield from _of_state(at_ms, robot, detail)
    elif "x_mm" in detail:
        where = [detail[name] / 1000 for name in ("x_mm", "y_mm", "theta_mrad")]
        battery = round(detail.get("battery_permille", 0) / 10)
        yield [at_ms, robot, *where, detail.get("map", ""), detail.get("node", ""), battery]


def _of_state(at_ms: int, robot: str, detail: Json) -> Iterable[list[Any]]:
    """Of a whole state, in the words of any version."""
    if detail.get("topic") != "state":
        return
    said = orjson.loads(detail["json"])
    where = said.get("agvPosition") or said.get("mobileRobotPosition")
    power = said.get("batteryState") or said.get("powerSupply") or {}
    if where:
        battery = round(power.get("batteryCharge", power.get("stateOfCharge", 0)))
        pose = [where["x"], where["y"], where["theta"], where["mapId"]]
        yield [at_ms, robot, *pose, said.get("lastNodeId", ""), battery]
