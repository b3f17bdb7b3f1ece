"""What the store knows of robots and transports when the controller starts."""

import json
import sqlite3

from controller.robots.asking import AGAIN_MS
from controller.robots.books import IS_OPEN, OPEN_ONES, carriage
from controller.robots.eta import MOST, Ahead, Took
from controller.robots.reasons import reread
from controller.robots.restoring import KnownRobot, KnownTransport
from controller.robots.told import Opening, Stage
from controller.robots.transports import Transport
from controller.robots.written import errand_of
from controller.store import Store

_ROBOTS = """SELECT robot.*, robot_errand.version AS spoken, "order", "more" FROM robot
LEFT JOIN robot_errand ON robot_errand.robot = robot.id"""
_STATE = """SELECT detail ->> 'json' AS json, at_us / 1000 AS at_ms FROM device_event
WHERE device = ? AND kind = 'vehicle' AND detail ->> 'topic' = 'state' ORDER BY at_us DESC LIMIT 1"""
_SEEN = """SELECT detail, at_us / 1000 AS at_ms FROM device_event
WHERE device = ? AND kind = 'vehicle-at' ORDER BY at_us DESC LIMIT 1"""
_OUTCOME = """(SELECT detail ->> 'outcome' FROM device_event AS event
WHERE device IS NULL AND kind = 'command'
AND event.gateway = robot.gateway AND json_extract(event.detail, '$.id') = +command)"""
_FLIGHTS = f"""SELECT robot_message.id, until_ms, command FROM robot_message JOIN robot ON robot.id = robot
WHERE robot = ? AND topic = 'order' AND until_ms >= ? AND {_OUTCOME} IS NULL"""
_TOLD = """SELECT id, json, at_ms FROM robot_message WHERE robot = ? AND topic = 'order'
ORDER BY id DESC LIMIT 1"""
_CANCELLED = """SELECT 1 FROM robot_message WHERE robot = ? AND topic = 'instantActions' AND id > ?
AND json LIKE '%cancelOrder%' LIMIT 1"""
_TOOK = "SELECT detail FROM robot_decision WHERE kind = 'arrived' ORDER BY id DESC LIMIT ?"
_PAUSING = """SELECT json LIKE '%startPause%' FROM robot_message
WHERE robot = ? AND topic = 'instantActions' AND (json LIKE '%startPause%' OR json LIKE '%stopPause%')
ORDER BY id DESC LIMIT 1"""

_OPENINGS = f"""SELECT robot_drawer.* FROM robot_drawer JOIN robot_transport ON robot_transport.id = transport
WHERE {IS_OPEN} ORDER BY robot_drawer.at_ms"""


async def known_robots(store: Store, now_ms: int) -> list[KnownRobot]:
    """Every robot. Raises StoreError."""
    return [await _known(store, row, now_ms) for row in await store.read(_ROBOTS)]


async def _known(store: Store, row: sqlite3.Row, now_ms: int) -> KnownRobot:
    name = row["id"]
    states, seen = await store.read(_STATE, (name,)), await store.read(_SEEN, (name,))
    flights = await store.read(_FLIGHTS, (name, now_ms - AGAIN_MS))
    pausing = await store.read(_PAUSING, (name,))
    told = await store.read(_TOLD, (name,))
    text = row["order"]
    return KnownRobot(
        robot=name,
        gateway=row["gateway"],
        version=row["version"],
        manufacturer=row["manufacturer"],
        serial=row["serial"],
        factsheet=row["factsheet"],
        is_taken_over=bool(row["taken_over_by"]),
        we_paused=bool(pausing and pausing[0][0]),
        errand=None if text is None else errand_of(text, row["more"], row["spoken"]),
        state=states[0]["json"] if states else None,
        state_ms=states[0]["at_ms"] if states else 0,
        flights={-flight["id"]: flight["until_ms"] + AGAIN_MS for flight in flights},
        commands={flight["command"]: -flight["id"] for flight in flights},
        told=told[0]["json"] if told else "",
        told_ms=told[0]["at_ms"] if told else 0,
        is_cancelled=bool(told and await store.read(_CANCELLED, (name, told[0]["id"]))),
        seen=json.loads(seen[0]["detail"]) if seen else None,
        seen_ms=seen[0]["at_ms"] if seen else 0,
    )


async def took_lately(store: Store) -> list[Took]:
    """How long the last that arrived took, the oldest first. Raises StoreError."""
    rows = reversed(await store.read(_TOOK, (MOST,)))
    told = (one for row in rows for one in json.loads(row["detail"])["took"])
    return [
        Took(Ahead(planned_ms, bool(picked), before), took_ms) for planned_ms, picked, before, took_ms in told
    ]


async def open_transports(store: Store) -> list[KnownTransport]:
    """Those that are not over. Raises StoreError."""
    rows = await store.read(OPEN_ONES)
    return [
        KnownTransport(
            Transport(
                one.id,
                one.wanted.pick,
                one.wanted.drop,
                one.wanted.load,
                one.wanted.priority,
                one.wanted_ms,
                one.wanted.deadline_ms,
            ),
            one.state,
            one.robot,
            one.why,
            bool(one.cancelled_by),
        )
        for one in map(carriage, rows)
    ]


async def openings(store: Store) -> list[Opening]:
    """Drawers that were to open, of transports that are not over, the oldest first. Raises StoreError."""
    names = ("robot", "transport", "drawer", "person", "how", "at_ms", "action", "state")
    return [
        Opening(
            **{name: row[name] for name in names},
            stage=Stage(row["stage"]),
            why=reread(row["why"], row["reason"]),
        )
        for row in await store.read(_OPENINGS)
    ]
