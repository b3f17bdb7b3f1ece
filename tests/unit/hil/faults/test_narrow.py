"""A narrow link carries everything, both ways, slowly when told to."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from hil.faults.narrow import NarrowLink, narrow


@asynccontextmanager
async def linked() -> AsyncIterator[tuple[NarrowLink, asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection over a link to a server that says everything again."""

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(1000):
            writer.write(data)
        writer.close()

    async with await asyncio.start_server(echo, "127.0.0.1", 0) as server, asyncio.timeout(20):
        async with narrow(server.sockets[0].getsockname()[1]) as link:
            reader, writer = await asyncio.open_connection("127.0.0.1", link.port)
            yield link, reader, writer
            writer.close()
        assert await reader.read() == b""


async def test_all_comes_through_and_the_end_too() -> None:
    async with linked() as (link, reader, writer):
        writer.write(b"to and fro")
        assert await reader.readexactly(10) == b"to and fro"
        assert link.carried == 10


async def test_a_rate_holds_back_what_comes_down() -> None:
    async with linked() as (link, reader, writer):
        link.rate = 1000
        began = asyncio.get_running_loop().time()
        writer.write(bytes(600))
        await reader.readexactly(600)
        assert asyncio.get_running_loop().time() - began > 0.5
