"""A link over which connecting takes longer than the keep-alive; one that dies while nobody asks anything."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from gateway.errors import Unreachable
from gateway.mqtt import connected
from tests.support.broker_process import BrokerProcess

HOLD_S = 2.6
"""Each answer of the broker takes so long: TLS and MQTT need two, 5.2 s, and the keep-alive is 5."""


@asynccontextmanager
async def held_up(broker: BrokerProcess, works: asyncio.Event) -> AsyncIterator[str]:
    """The address of a road to `broker`: answers are slow at first, and none comes unless it `works`."""
    tasks: set[asyncio.Task[None]] = set()
    slow = 2

    async def answers(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal slow
        while data := await reader.read(65_536):
            if slow:
                slow -= 1
                await asyncio.sleep(HOLD_S)
            await works.wait()
            writer.write(data)

    async def asked(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65_536):
            writer.write(data)

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, to_there = await asyncio.open_connection("127.0.0.1", broker.port)
        tasks.update(
            {asyncio.create_task(answers(there, writer)), asyncio.create_task(asked(reader, to_there))}
        )

    server = await asyncio.start_server(carry, "127.0.0.1", 0)
    try:
        yield f"mqtts://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def test_it_is_made_however_long_it_takes_and_an_idle_one_that_is_dead_is_noticed(
    tmp_path: Path,
) -> None:
    """paho counted the keep-alive from before TLS: it closed the socket, and 15 s later somebody noticed."""
    broker, works = BrokerProcess(tmp_path, "ward-a").start(), asyncio.Event()
    works.set()
    try:
        async with held_up(broker, works) as url:
            began = asyncio.get_running_loop().time()
            async with connected(url, broker.tls["ward-a"], client_id="a") as connection:
                assert asyncio.get_running_loop().time() - began > 2 * HOLD_S
                assert connection.is_slow
                await connection.publish("wl/1/ward-a/up/state", b"x")
                works.clear()
                with pytest.raises(Unreachable, match="the connection ended"):
                    await connection.watch()
    finally:
        broker.stop()
