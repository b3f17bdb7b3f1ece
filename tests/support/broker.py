"""A real nats-server as the controller runs it, on a free port."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from controller.broker import Broker

DEADLINE_S = 20


@asynccontextmanager
async def running_broker(folder: Path, gateways: Mapping[str, str]) -> AsyncIterator[Broker]:
    """A supervised broker that lets `gateways` (password by name) in, and the controller."""
    broker = Broker(folder, "127.0.0.1", 0)
    broker.prepare()
    broker.configure(gateways)
    task = asyncio.create_task(broker.run())
    try:
        await listening(broker.port)
        yield broker
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def listening(port: int) -> None:
    """Wait until something accepts connections at `port`."""
    async with asyncio.timeout(DEADLINE_S):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except ConnectionError:
                await asyncio.sleep(0.02)
            else:
                writer.close()
                return
