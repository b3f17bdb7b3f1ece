"""How long it takes to see an hour of robots again, and how much of the disk what they say takes.

Rows as the intake writes them: where each robot is once a second, its whole state every half minute, an
order every quarter of a minute. The database holds four hours, of which one is read, and made the answer
that a page gets. Median of some runs.
"""

import json
import statistics
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from controller.api.answers import answer
from controller.robots.replay import LONGEST_MS, replay
from controller.store import Store
from devices.model.observation import EventKind

_HOURS, _RUNS, _AT_ONCE = 4, 5, 20_000
_EVENT = """INSERT INTO device_event
(stream, number, place, boot, mono_us, at_us, gateway, device, kind, detail)
VALUES (0, 0, 0, 0, 0, ?, 'ward-a', ?, ?, ?)"""
_MESSAGE = """INSERT INTO robot_message (robot, at_ms, until_ms, topic, json, why, command)
VALUES (?, ?, 0, 'order', ?, 'fetch medicines at W1', '')"""
_NODES = [{"nodeId": f"W{n}", "sequenceId": 2 * n, "released": n < 3, "actions": []} for n in range(8)]
_STATE = {
    "orderId": "wl1-1",
    "lastNodeId": "W1",
    "nodeStates": _NODES,
    "agvPosition": {"x": 1.0, "y": 2.0, "theta": 0.5, "mapId": "ground", "positionInitialized": True},
    "batteryState": {"batteryCharge": 80.0, "charging": False},
}


class Measured(NamedTuple):
    """Of one hour: how many positions, how long it took, how large the answer is; bytes of disk for each."""

    robots: int
    positions: int
    milliseconds: float
    megabytes: float
    bytes_each: float


async def measure(folder: Path, robots: int = 20) -> Measured:
    """Fill a store, and see its second hour again."""
    path = folder / "replay.sqlite"
    store = await Store.open(path)
    try:
        for rows in _batches(robots):
            await store.write(lambda db, rows=rows: db.executemany(_EVENT, rows))
        orders = [
            (f"robot-{n % robots}", 15_000 * (n // robots), json.dumps({"orderId": "wl1-1", "nodes": _NODES}))
            for n in range(robots * _HOURS * 240)
        ]
        await store.write(lambda db: db.executemany(_MESSAGE, orders))
        took: list[float] = []
        told, body = {}, b""
        for _ in range(_RUNS):
            began = time.perf_counter()
            told = await replay(store, LONGEST_MS, 2 * LONGEST_MS)
            made = answer(told).body
            assert isinstance(made, bytes)
            body = made
            took.append(1000 * (time.perf_counter() - began))
    finally:
        await store.close()
    count, size = robots * _HOURS * 3600, path.stat().st_size
    return Measured(robots, len(told["positions"]), statistics.median(took), len(body) / 1e6, size / count)


def _batches(robots: int) -> Iterator[list[tuple[int, str, str, str]]]:
    batch: list[tuple[int, str, str, str]] = []
    for second in range(_HOURS * 3600):
        batch += [_row(f"robot-{n}", second) for n in range(robots)]
        if len(batch) >= _AT_ONCE:
            yield batch
            batch = []
    yield batch


def _row(robot: str, second: int) -> tuple[int, str, str, str]:
    if second % 30 == 0:
        detail = {"topic": "state", "json": json.dumps(_STATE)}
        return second * 1_000_000, robot, EventKind.VEHICLE, json.dumps(detail)
    place = {"x_mm": 1000 + second, "y_mm": 2000, "theta_mrad": 500, "map": "ground", "localised": True}
    more = {"node": "W1", "sequence": 2, "driving": True, "battery_permille": 800}
    return second * 1_000_000, robot, EventKind.VEHICLE_AT, json.dumps({**place, **more})


def table(measured: Measured) -> Iterator[str]:
    """For people."""
    yield ""
    yield "| robots | an hour seen again: positions | ms | answer MB | database bytes a position |"
    yield "|---:|---:|---:|---:|---:|"
    robots, positions, took, size, each = measured
    yield f"| {robots} | {positions} | {took:.0f} | {size:.1f} | {each:.0f} |"
