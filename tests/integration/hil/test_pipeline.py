"""The benchmark's own processes over real sockets; its limits with the real broker and the real schema."""

import asyncio
import json
import os
import signal
import sqlite3
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from controller.ports import free_port
from controller.store import connect
from controller.store.migrate import migrate
from hil.bench.pipeline import feeder, limits, mqtt, stand_in
from hil.bench.pipeline.mqtt import V5, Kind, Packet, Publish
from hil.bench.pipeline.rig import listening
from hil.bench.pipeline.source import Order
from tests.support.waiting import until

CONNECT_5 = mqtt.packet(Kind.CONNECT, mqtt.text("MQTT") + bytes([5, 2]) + b"\0\0\0" + mqtt.text("gw"))
SUBSCRIBE_5 = mqtt.packet(Kind.SUBSCRIBE, b"\0\1\0" + mqtt.text("ward/+") + b"\1", 2)
TELEMETRY = {"dev-1": [{"ts": 7, "values": {"spo2": 97}}, {"ts": 8, "values": {"spo2": 96, "hr": 60}}]}


class Peer:
    """A client that sends what it is told and hands out packets."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._buffer = bytearray()
        self._packets: list[Packet] = []

    def send(self, *data: bytes) -> None:
        self._writer.write(b"".join(data))

    async def packet(self, seconds: float = 10) -> Packet:
        async with asyncio.timeout(seconds):
            while not self._packets:
                self._buffer += await self._reader.read(65_536)
                self._packets += mqtt.packets(self._buffer)
        return self._packets.pop(0)

    async def close(self) -> None:
        self._writer.close()
        await self._writer.wait_closed()


@asynccontextmanager
async def serving(serve: Callable[[int], Coroutine[Any, Any, None]]) -> AsyncIterator[int]:
    """The port at which `serve` serves."""
    port = free_port("127.0.0.1", 0, "a test")
    task = asyncio.create_task(serve(port))
    try:
        await listening(port)
        yield port
    finally:
        task.cancel()
        await asyncio.wait({task})


@asynccontextmanager
async def connected(port: int) -> AsyncIterator[Peer]:
    peer = Peer(*await asyncio.open_connection("127.0.0.1", port))
    peer.send(CONNECT_5, SUBSCRIBE_5)
    assert [(await peer.packet()).kind for _ in range(2)] == [Kind.CONNACK, Kind.SUBACK]
    yield peer
    await peer.close()


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[int]:
    async with serving(lambda port: stand_in.serve(port, tmp_path / "server.sqlite")) as port:
        yield port


def telemetry(number: int) -> bytes:
    return mqtt.publish(Publish(stand_in.TELEMETRY, json.dumps(TELEMETRY).encode(), number), V5)


def rows(folder: Path) -> list[tuple[Any, ...]]:
    with sqlite3.connect(folder / "server.sqlite") as db:
        return db.execute("SELECT device, key, ts, value FROM telemetry").fetchall()


async def test_the_stand_in_acknowledges_telemetry_that_is_stored(server: int, tmp_path: Path) -> None:
    async with connected(server) as gateway:
        gateway.send(telemetry(9))
        assert await gateway.packet() == Packet(Kind.PUBACK, 0, b"\0\x09")
    assert rows(tmp_path) == [
        ("dev-1", "spo2", 7, 97.0),
        ("dev-1", "spo2", 8, 96.0),
        ("dev-1", "hr", 8, 60.0),
    ]


async def test_the_stand_in_acknowledges_nothing_that_it_cannot_commit(server: int, tmp_path: Path) -> None:
    lock = connect(tmp_path / "server.sqlite")
    lock.execute("BEGIN IMMEDIATE")
    async with connected(server) as gateway:
        gateway.send(telemetry(9))
        with pytest.raises(TimeoutError):
            await gateway.packet(seconds=0.3)
        lock.execute("ROLLBACK")
        assert (await gateway.packet()).kind == Kind.PUBACK
    lock.close()


async def test_the_stand_in_limits_no_gateway_that_asks(server: int) -> None:
    async with connected(server) as gateway:
        gateway.send(mqtt.publish(Publish(f"{stand_in.RPC_REQUEST}1", b"{}", 3), V5))
        assert (await gateway.packet()).kind == Kind.PUBACK
        answer = mqtt.read_publish(await gateway.packet(), V5)
        assert answer.topic == f"{stand_in.RPC_RESPONSE}1"
        assert json.loads(answer.payload)["rateLimits"] == {}


@pytest.fixture
async def feed(tmp_path: Path) -> AsyncIterator[int]:
    stand_in.open_database(tmp_path / "server.sqlite").close()
    Order(1, together=2, total=6, devices=2, recorded=True).save(tmp_path / "feeder.json")
    serve = lambda port: feeder.serve(port, tmp_path, tmp_path / "server.sqlite")  # noqa: E731
    async with serving(serve) as port:
        yield port


async def received(gateway: Peer, count: int) -> list[Publish]:
    return [mqtt.read_publish(await gateway.packet(), V5) for _ in range(count)]


def listed(folder: Path, name: str) -> list[str]:
    path = folder / name
    return [line.split()[0] for line in path.read_text().splitlines()] if path.exists() else []


async def test_the_feeder_sends_an_orders_readings_in_messages_of_one_device(feed: int) -> None:
    async with connected(feed) as gateway:
        many = await received(gateway, 3)
    assert [message.topic for message in many] == ["ward/dev-0", "ward/dev-1", "ward/dev-0"]
    stamps = [reading["ts"] for message in (many[0], many[2]) for reading in json.loads(message.payload)]
    assert len(set(stamps)) == 4, "the server could not tell them apart"


async def test_what_was_not_acknowledged_comes_again_and_nothing_else(feed: int, tmp_path: Path) -> None:
    async with connected(feed) as gateway:
        first, second, third = await received(gateway, 3)
        gateway.send(mqtt.puback(second.number))
        await until(lambda: listed(tmp_path, "accepted"), "it is written down")
    async with connected(feed) as gateway:
        assert await received(gateway, 2) == [first, third]
    assert listed(tmp_path, "accepted") == ["dev-1", "dev-1"]
    assert listed(tmp_path, "again") == ["dev-0"] * 4


async def test_an_alarm_goes_behind_what_waits(feed: int) -> None:
    async with connected(feed) as gateway:
        await received(gateway, 3)
        os.kill(os.getpid(), signal.SIGUSR1)
        (alarm,) = await received(gateway, 1)
    assert alarm.topic == "alarm/dev-0"


async def test_the_broker_alone_carries_messages(tmp_path: Path) -> None:
    assert await limits.forwarding(tmp_path / "broker", 1000, 0.5) > 0


def test_raw_insertion_puts_in_the_same_rows(tmp_path: Path) -> None:
    with connect(tmp_path / "wardlink.sqlite") as db:
        migrate(db)
        db.execute("INSERT INTO series (id, device, bed, metric) VALUES (1, 'ox-1', 'bed-1', 'spo2')")
        columns = "stream, number, place, boot, mono_us, at_us, utc_us, series, value, quality"
        readings = [(1, 1, place, 1, place, place, place, 1, 97.0, 0) for place in range(1000)]
        db.execute("BEGIN")
        db.executemany(f"INSERT INTO observation ({columns}) VALUES ({', '.join('?' * 10)})", readings)
    assert limits.raw_insertion(tmp_path / "wardlink.sqlite", 300, tmp_path / "raw") > 0
    query = "SELECT * FROM observation"
    with connect(tmp_path / "raw" / "raw.sqlite") as raw:
        assert raw.execute(query).fetchall() == db.execute(query).fetchall()
