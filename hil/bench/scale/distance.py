"""A way to a TCP port that takes time: what comes is handed on so many seconds later, in order.

async with at_distance(5432, 0.0025) as port: ...
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

_PIECE = 65_536
log = logging.getLogger(__name__)


@asynccontextmanager
async def at_distance(to: int, delay_s: float) -> AsyncIterator[int]:
    """A port on loopback; a way there and back takes twice `delay_s`."""

    under_way: dict[asyncio.Task[None] | None, tuple[asyncio.StreamWriter, ...]] = {}

    async def met(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        other_reader, other_writer = await asyncio.open_connection("127.0.0.1", to)
        under_way[task := asyncio.current_task()] = writer, other_writer
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(_carry(reader, other_writer, delay_s))
                both.create_task(_carry(other_reader, writer, delay_s))
        except* OSError as errors:
            log.info("one end went away, and so does the other: %s", errors.exceptions)
        finally:
            writer.close()
            other_writer.close()
            del under_way[task]

    server = await asyncio.start_server(met, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for writer in (one for both in under_way.values() for one in both):
            writer.transport.abort()
        await asyncio.gather(*(task for task in under_way if task))


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, delay_s: float) -> None:
    loop = asyncio.get_running_loop()
    under_way = asyncio.Queue[tuple[float, bytes]]()

    async def arrive() -> None:
        while True:
            at, piece = await under_way.get()
            await asyncio.sleep(at - loop.time())
            if not piece:
                return writer.write_eof()
            writer.write(piece)
            await writer.drain()

    arriving = asyncio.create_task(arrive())
    piece = b"-"
    while piece:
        piece = await reader.read(_PIECE)
        under_way.put_nowait((loop.time() + delay_s, piece))
    await arriving
