"""The baselines: the same broker, one JSON message for each reading, and nothing of what makes it durable."""

import asyncio
import json
import sqlite3
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiomqtt

from hil.identities import lone_broker
from hil.sims.emitted import now_ns

_TOPIC = "wl/1/ward-a/up/vital"
_CONTROLLER, _GATEWAY = "controller", "ward-a"


def reading_json(at_ns: int, value: float) -> bytes:
    """A reading as such systems write it."""
    reading = {"device": "ox-1", "bed": "bed-1", "metric": "spo2", "value": value, "unit": "%"}
    return json.dumps({**reading, "time": at_ns}).encode()


@asynccontextmanager
async def _both_ends(folder: Path) -> AsyncIterator[tuple[aiomqtt.Client, aiomqtt.Client]]:
    """(publisher, subscriber) at a broker of their own."""
    broker, tls = lone_broker(folder, _GATEWAY)
    running = asyncio.create_task(broker.run())
    try:
        await _listening(broker.port)
        async with (
            _client(broker.port, tls[_GATEWAY]) as publisher,
            _client(broker.port, tls[_CONTROLLER]) as subscriber,
        ):
            yield publisher, subscriber
    finally:
        running.cancel()
        await asyncio.wait({running})


def _client(port: int, tls: ssl.SSLContext) -> aiomqtt.Client:
    return aiomqtt.Client("127.0.0.1", port, tls_context=tls)


async def _listening(port: int) -> None:
    async with asyncio.timeout(20):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except ConnectionError:
                await asyncio.sleep(0.02)
            else:
                return writer.close()


async def delays(folder: Path, rate: int, seconds: float) -> list[float]:
    """Milliseconds from sending a reading to having it: QoS 0, kept nowhere."""
    took: list[float] = []
    async with _both_ends(folder) as (publisher, subscriber):
        await subscriber.subscribe(_TOPIC, qos=0)
        listening = asyncio.create_task(_listen(subscriber, took))
        for number in range(int(rate * seconds)):
            await publisher.publish(_TOPIC, reading_json(now_ns(), 90 + number % 10), qos=0)
            await asyncio.sleep(1 / rate)
        listening.cancel()
        await asyncio.wait({listening})
    return took


async def _listen(subscriber: aiomqtt.Client, took: list[float]) -> None:
    async for message in subscriber.messages:
        assert isinstance(message.payload, bytes)
        took.append((now_ns() - json.loads(message.payload)["time"]) / 1e6)


async def throughput(folder: Path, seconds: float) -> float:
    """Readings a second when each is a message of QoS 1 and a synced commit."""
    stored = 0
    db = _database(folder)
    async with _both_ends(folder) as (publisher, subscriber):
        await subscriber.subscribe(_TOPIC, qos=1)
        publishing = asyncio.create_task(_publish(publisher))
        end = now_ns() + int(seconds * 1e9)
        async for message in subscriber.messages:
            db.execute("INSERT INTO reading VALUES (?)", (message.payload,))
            stored += 1
            if now_ns() > end:
                break
        publishing.cancel()
        await asyncio.wait({publishing})
    db.close()
    return stored / seconds


def _database(folder: Path) -> sqlite3.Connection:
    folder.mkdir(parents=True, exist_ok=True)
    db = sqlite3.connect(folder / "readings.sqlite", isolation_level=None)
    db.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE reading (json TEXT)")
    return db


async def _publish(publisher: aiomqtt.Client) -> None:
    number = 0
    while True:
        await publisher.publish(_TOPIC, reading_json(now_ns(), 90 + number % 10), qos=1)
        number += 1
