"""The smallest honest stand-in for ThingsBoard's server: takes a gateway's telemetry by MQTT and commits it.

`python -m hil.bench.pipeline.stand_in PORT DATABASE`. A message is acknowledged when its readings are on
disk, and whatever comes while a commit runs shares the next one, as in Wardlink's controller; SQLite has the
same pragmas. There is one table and no index, no rule, no page: this is less than any real server does. It
answers a gateway's question for its limits with "none".
"""

import asyncio
import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from controller.store import connect
from hil.bench.pipeline import mqtt
from hil.bench.pipeline.mqtt import Kind, Packet, Publish
from hil.sims.process import run

TELEMETRY = "v1/gateway/telemetry"
RPC_REQUEST, RPC_RESPONSE = "v1/devices/me/rpc/request/", "v1/devices/me/rpc/response/"
NO_LIMITS = {
    "maxPayloadSize": 65_536,
    "maxInflightMessages": 10_000,
    "rateLimits": {},
    "gatewayRateLimits": {},
}
_TABLE = """CREATE TABLE IF NOT EXISTS telemetry (
  id INTEGER PRIMARY KEY, device TEXT NOT NULL, key TEXT NOT NULL, ts INTEGER NOT NULL, value REAL
) STRICT"""

Row = tuple[str, str, int, float]
"""Device, key, time stamp in ms, value."""


def open_database(path: Path) -> sqlite3.Connection:
    """The store, with the pragmas of Wardlink's."""
    db = connect(path)
    db.execute(_TABLE)
    return db


def read_telemetry(payload: bytes) -> Iterator[Row]:
    """The rows of a gateway's telemetry: `{"device": [{"ts": 1, "values": {"key": 97}}]}`."""
    for device, entries in json.loads(payload).items():
        for entry in entries:
            for key, value in entry["values"].items():
                yield device, key, entry["ts"], value


class Writer:
    """Commits what waits, all of it at once, and then says so."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._waiting: list[tuple[bytes, asyncio.WriteTransport, int]] = []
        self._news = asyncio.Event()

    def put(self, message: Publish, sender: asyncio.WriteTransport) -> None:
        """Telemetry that `sender` waits to hear of."""
        self._waiting.append((message.payload, sender, message.number))
        self._news.set()

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self._news.wait()
            self._news.clear()
            batch, self._waiting = self._waiting, []
            await asyncio.to_thread(self._commit, [payload for payload, _, _ in batch])
            for _, sender, number in batch:
                if number and not sender.is_closing():
                    sender.write(mqtt.puback(number))

    def _commit(self, payloads: list[bytes]) -> None:
        rows = [row for payload in payloads for row in read_telemetry(payload)]
        with self._db:
            self._db.execute("BEGIN IMMEDIATE")
            self._db.executemany("INSERT INTO telemetry (device, key, ts, value) VALUES (?, ?, ?, ?)", rows)


class ServerLink(asyncio.Protocol):
    """One gateway's connection."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._buffer = bytearray()
        self._transport: asyncio.WriteTransport
        self._version = mqtt.V5

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See asyncio."""
        assert isinstance(transport, asyncio.WriteTransport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """See asyncio."""
        self._buffer += data
        for packet in mqtt.packets(self._buffer):
            answer = self._answer(packet)
            if answer:
                self._transport.write(answer)

    def _answer(self, packet: Packet) -> bytes:
        match packet.kind:
            case Kind.CONNECT:
                self._version = mqtt.version_of(packet.body)
                return mqtt.connack(self._version)
            case Kind.SUBSCRIBE:
                return mqtt.suback(packet, self._version)
            case Kind.PINGREQ:
                return mqtt.packet(Kind.PINGRESP)
            case Kind.PUBLISH:
                return self._published(mqtt.read_publish(packet, self._version))
            case _:
                return b""

    def _published(self, message: Publish) -> bytes:
        if message.topic == TELEMETRY:
            self._writer.put(message, self._transport)
            return b""
        answer = mqtt.puback(message.number) if message.number else b""
        if message.topic.startswith(RPC_REQUEST):
            topic = RPC_RESPONSE + message.topic.removeprefix(RPC_REQUEST)
            answer += mqtt.publish(Publish(topic, json.dumps(NO_LIMITS).encode(), 0), self._version)
        return answer


async def serve(port: int, database: Path) -> None:
    """Until cancelled."""
    writer = Writer(open_database(database))
    await asyncio.get_running_loop().create_server(lambda: ServerLink(writer), "127.0.0.1", port)
    await writer.run()


def main(
    port: Annotated[int, typer.Argument(help="Where the gateway comes.")],
    database: Annotated[Path, typer.Argument(help="Made if there is none.")],
) -> None:
    """Serve until told to stop."""
    run(serve(port, database))


if __name__ == "__main__":
    typer.run(main)
