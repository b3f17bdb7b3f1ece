"""hil/bench/scale/distance.py: a way that takes time."""

import asyncio
from contextlib import suppress

import pytest

from hil.bench.scale.distance import at_distance

DELAY_S = 0.05


async def test_all_arrives_in_order_both_ways_and_not_before_its_time() -> None:
    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while piece := await reader.read(1000):
            writer.write(piece)
        writer.close()

    loop, sent = asyncio.get_running_loop(), bytes(range(256)) * 1000
    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    async with server, at_distance(server.sockets[0].getsockname()[1], DELAY_S) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        began = loop.time()
        writer.write(sent)
        writer.write_eof()
        first = await reader.read(1)
        assert loop.time() - began >= 2 * DELAY_S
        assert first + await reader.read() == sent
        writer.close()


async def test_when_one_end_is_gone_the_other_is_closed_and_that_is_no_error(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def leave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.transport.abort()

    server = await asyncio.start_server(leave, "127.0.0.1", 0)
    async with server, at_distance(server.sockets[0].getsockname()[1], DELAY_S) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"-")
        with suppress(ConnectionError):
            assert await reader.read() == b""
        writer.close()
    assert caplog.text == ""


async def test_what_is_open_at_the_end_is_closed(caplog: pytest.LogCaptureFixture) -> None:
    async def stay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(stay, "127.0.0.1", 0)
    async with server:
        async with at_distance(server.sockets[0].getsockname()[1], DELAY_S) as port:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"-")
            await asyncio.sleep(3 * DELAY_S)
        with suppress(ConnectionError):
            assert await reader.read() == b""
        writer.close()
    assert caplog.text == ""
