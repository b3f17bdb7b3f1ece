"""What dropping old readings costs on PostgreSQL: by whole parts of the table, beside row by row, in one run.

    ./run bench retention [--readings N]

Both keep the same sums and the same record; the pauses between two steps are left out.
"""

import asyncio
import os
import sqlite3
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from controller.history import retention
from controller.history.rollup import MINUTE, SUMS
from controller.store import Store
from controller.store.postgres.parts import FIRST, ahead
from devices.model.histogram import Histogram
from hil.postgres import Server
from hil.prepare import quiet_port

SERIES, PARTS = 100, 5
_SERIES = f"""INSERT INTO series (device, bed, metric)
SELECT 'm-' || n, 'bed-' || n, 'hr' FROM generate_series(1, {SERIES}) AS n"""
_FILL = f"""INSERT INTO observation
(stream, number, place, boot, mono_us, at_us, utc_us, series, value, quality)
SELECT 1, n / 20, n % 20, 1, n, 1700000000000000 + n / {SERIES} * 1000000, n, 1 + n % {SERIES}, n % 100, 0
FROM generate_series(CAST(? AS INTEGER), CAST(? AS INTEGER)) AS n"""
_ROLLED_UP = f"INSERT INTO rollup SELECT series, {MINUTE} AS minute, 0, {SUMS} FROM observation GROUP BY 1, 2"
_MARK = "UPDATE meta SET value = (SELECT max(id) FROM observation) WHERE key = 'rolled-up'"
_OLD = """INSERT INTO hour_run (hour, at_ms, next_observation, next_waveform)
SELECT hour, 0, max(id) + 1, 1 FROM observation, (SELECT 1 AS hour UNION SELECT 25) AS hours GROUP BY hour"""
_SIZE = "SELECT sum(pg_total_relation_size(relid)) FROM pg_partition_tree(to_regclass('observation'))"
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Took:
    """`rows` went; seconds for all and for one step, CPU seconds of the server, bytes before and after."""

    name: str
    rows: int
    seconds: float
    step_s: float
    server_s: float
    before: int
    after: int


async def measure(readings: int) -> list[Took]:
    """Each way once, on the same server."""
    with tempfile.TemporaryDirectory(prefix="wardlink-bench-") as held, Server.made(quiet_port()) as server:
        found: list[Took] = []
        for name, count in (("row by row", 1), ("by parts", PARTS)):
            store = await Store.open(server.database(f"of_{count}"), folder=Path(held))
            await _filled(store, readings, count)
            found.append(await _dropped(store, name, server))
            await store.close()
        return found


async def _filled(store: Store, readings: int, count: int) -> None:
    def begun(db: sqlite3.Connection) -> None:
        db.execute("INSERT INTO stream VALUES (1, x'0000000000000000', 1, 'ward-a', 0, 0)")
        db.execute(_SERIES)

    def ended(db: sqlite3.Connection) -> None:
        for statement in (_ROLLED_UP, _MARK, _OLD):
            db.execute(statement)

    await store.write(begun)
    step = readings // count
    for at in range(count):
        await store.write(lambda db, at=at: _fill(db, at, step))
    if count > 1:  # the newest never goes: it has a part to itself
        await store.write(lambda db: _fill(db, count, 1))
    await store.write(ended)


def _fill(db: sqlite3.Connection, part: int, rows: int) -> None:
    """Ids go on where the part begins, so that it holds as many rows as any."""
    width = FIRST["observation"]
    db.execute("SELECT setval(pg_get_serial_sequence('observation', 'id'), ?)", (part * width + 1,))
    db.execute(_FILL, (part * rows, (part + 1) * rows - 1))
    ahead(db, "observation", width)


async def _dropped(store: Store, name: str, server: Server) -> Took:
    before, began, cpu = await _size(store), time.perf_counter(), _cpu_s(server)
    store.writes = Histogram()
    rows = 0
    while count := await retention.drop_observations(store, 1, 0):
        rows += count
    took, server_s = time.perf_counter() - began, _cpu_s(server) - cpu
    step_s = store.writes.sum / sum(store.writes.counts)
    return Took(name, rows, took, step_s, server_s, before, await _size(store))


async def _size(store: Store) -> int:
    return (await store.read(_SIZE))[0][0]


def _cpu_s(server: Server) -> float:
    """Of the connections that live, user and system (proc(5), stat)."""
    children = Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text(encoding="ascii").split()
    stats = (
        Path(f"/proc/{one}/stat").read_text(encoding="ascii").rpartition(")")[2].split() for one in children
    )
    return sum(int(stat[11]) + int(stat[12]) for stat in stats) / _TICKS


def table(found: Sequence[Took]) -> Iterator[str]:
    """For people."""
    yield f"{'':12}{'rows':>9}{'rows/s':>9}{'ms a step':>11}{'us CPU a row':>14}{'MB before':>12}{'after':>8}"
    for one in found:
        yield (
            f"{one.name:12}{one.rows:9}{one.rows / one.seconds:9.0f}{one.step_s * 1000:11.1f}"
            f"{one.server_s / one.rows * 1e6:14.1f}{one.before / 1e6:12.1f}{one.after / 1e6:8.1f}"
        )


def command(
    readings: Annotated[int, typer.Option(help="Old ones, in each of the two.", max=900_000)] = 300_000,
) -> None:
    """Dropping old readings on PostgreSQL: whole parts beside row by row."""
    for line in table(asyncio.run(measure(readings))):
        typer.echo(line)
