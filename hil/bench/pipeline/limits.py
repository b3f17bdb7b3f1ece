"""What this machine can do at the most: SQLite alone with such rows, the broker alone with such blocks."""

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing
from pathlib import Path

from controller.store import connect
from controller.store.migrate import migrate
from hil.bench.pipeline import mqtt
from hil.bench.pipeline.mqtt import Kind, Packet, Publish
from hil.bench.pipeline.rig import listening
from hil.identities import lone_broker

ROWS = 100_000
WINDOW = 64
"""Messages under way, as many as a lane of Wardlink's has."""
_GATEWAY, _CONTROLLER, _TOPIC = "ward-a", "controller", "wl/1/ward-a/up/vital"


def raw_insertion(database: Path, rows_a_commit: int, folder: Path) -> float:
    """Rows/s of the latest observations of `database`, put into an empty one by SQLite and nothing else.

    Schema, indexes and pragmas are the controller's; a transaction has `rows_a_commit`.
    """
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as source:
        names = [name for _, name, *_ in source.execute("PRAGMA table_info(observation)")][1:]
        columns = ", ".join(names)
        query = f"SELECT {columns} FROM observation ORDER BY id DESC LIMIT {ROWS}"
        rows = source.execute(query).fetchall()[::-1]
        series = source.execute("SELECT * FROM series").fetchall()
    folder.mkdir(parents=True)
    with closing(connect(folder / "raw.sqlite")) as db:
        migrate(db)
        _insert(db, f"INSERT INTO series VALUES ({_marks(series[0])})", series)
        insert = f"INSERT INTO observation ({columns}) VALUES ({_marks(rows[0])})"
        began = time.perf_counter()
        for start in range(0, len(rows), rows_a_commit):
            _insert(db, insert, rows[start : start + rows_a_commit])
        return len(rows) / (time.perf_counter() - began)


def _insert(db: sqlite3.Connection, statement: str, rows: Sequence[tuple[object, ...]]) -> None:
    """One transaction."""
    with db:
        db.execute("BEGIN IMMEDIATE")
        db.executemany(statement, rows)


def _marks(row: tuple[object, ...]) -> str:
    return ", ".join("?" * len(row))


async def forwarding(folder: Path, size: int, seconds: float) -> float:
    """Messages/s of `size` bytes that the broker carries with QoS 1 from one client to another."""
    async with _broker(folder) as (publisher, subscriber):
        await subscriber.send(mqtt.subscribe(_TOPIC))
        publishing = asyncio.create_task(_publish(publisher, bytes(size)))
        loop, received = asyncio.get_running_loop(), 0
        end = loop.time() + seconds
        async for packet in subscriber.packets():
            if packet.kind == Kind.PUBLISH:
                await subscriber.send(mqtt.puback(mqtt.read_publish(packet, mqtt.V311).number))
                received += 1
            if loop.time() > end:
                break
        publishing.cancel()
        await asyncio.wait({publishing})
    return received / seconds


async def _publish(publisher: "_Client", payload: bytes) -> None:
    sent = 0
    for sent in range(1, WINDOW + 1):
        await publisher.send(mqtt.publish(Publish(_TOPIC, payload, sent), mqtt.V311))
    async for packet in publisher.packets():
        if packet.kind == Kind.PUBACK:
            sent += 1
            await publisher.send(mqtt.publish(Publish(_TOPIC, payload, sent % 65_535 + 1), mqtt.V311))


class _Client:
    """A connection that does nothing by itself."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self.writer = writer

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def packets(self) -> AsyncIterator[Packet]:
        buffer = bytearray()
        while data := await self._reader.read(65_536):
            buffer += data
            for packet in mqtt.packets(buffer):
                yield packet


@asynccontextmanager
async def _broker(folder: Path) -> AsyncIterator[tuple[_Client, _Client]]:
    """(a gateway's, the controller's) connection to a broker of their own."""
    broker, tls = lone_broker(folder, _GATEWAY)
    running = asyncio.create_task(broker.run())
    clients: list[_Client] = []
    try:
        await listening(broker.port)
        for name in (_GATEWAY, _CONTROLLER):
            client = _Client(*await asyncio.open_connection("127.0.0.1", broker.port, ssl=tls[name]))
            await client.send(mqtt.connect(name))
            clients.append(client)
        yield clients[0], clients[1]
    finally:
        for client in clients:
            client.writer.close()
        running.cancel()
        await asyncio.wait({running})
