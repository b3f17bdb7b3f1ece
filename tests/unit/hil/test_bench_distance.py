"""hil/bench/scale/distance.py: a way that takes time."""

import asyncio

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
