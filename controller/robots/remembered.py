"""What the store knows of robots and transports when the controller starts."""

import sqlite3

from controller.robots.books import OPEN_ONES, carriage
from controller.robots.pilot import AGAIN_MS
from controller.robots.restoring import KnownRobot, KnownTransport
from controller.robots.transports import Transport
from controller.robots.written import errand_of
from controller.store import Store

_ROBOTS = """SELECT robot.*, robot_errand.version AS spoken, "order", "more" FROM robot
LEFT JOIN robot_errand ON robot_errand.robot = robot.id"""
_STATE = """SELECT detail ->> 'json' AS json, at_us / 1000 AS at_ms FROM device_event
WHERE device = ? AND kind = 'vehicle' AND detail ->> 'topic' = 'state' ORDER BY at_us DESC LIMIT 1"""
_FLIGHTS = "SELECT id, until_ms FROM robot_message WHERE robot = ? AND topic = 'order' AND until_ms >= ?"
_PAUSING = """SELECT json LIKE '%startPause%' FROM robot_message
WHERE robot = ? AND topic = 'instantActions' AND (json LIKE '%startPause%' OR json LIKE '%stopPause%')
ORDER BY id DESC LIMIT 1"""


async def known_robots(store: Store, now_ms: int) -> list[KnownRobot]:
    """Every robot. Raises StoreError."""
    return [await _known(store, row, now_ms) for row in await store.read(_ROBOTS)]


async def _known(store: Store, row: sqlite3.Row, now_ms: int) -> KnownRobot:
    name = row["id"]
    states = await store.read(_STATE, (name,))
    flights = await store.read(_FLIGHTS, (name, now_ms - AGAIN_MS))
    pausing = await store.read(_PAUSING, (name,))
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
    )


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
