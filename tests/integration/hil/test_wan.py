"""The bad network: its packets stay valid, each condition shows in its counts. Needs root, as CI is."""

import asyncio
import os
import random
from collections import Counter
from dataclasses import replace
from ipaddress import IPv4Address

import pytest

from hil.faults.namespace import in_namespace
from hil.faults.wan import GATEWAY, HOSPITAL, PERFECT, Conditions, Wan
from hil.faults.wan_process import FAR, segment
from hil.faults.weather import KINDS, draw

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="a network of its own needs root")

PORT = 5000


def sum16(*addresses: str) -> int:
    """The one's-complement sum of the addresses' 16-bit words."""
    total = sum(int(IPv4Address(one)) % 0xFFFF for one in addresses)
    return total % 0xFFFF


def test_the_other_addresses_leave_every_checksum_as_it_was() -> None:
    assert sum16(GATEWAY, HOSPITAL) == sum16(FAR, "127.0.0.1")


def test_anything_but_tcp_is_no_segment() -> None:
    assert segment(bytes([0x45, *range(8), 17, *range(30)])) is None


@pytest.mark.parametrize("kind", KINDS)
def test_weather_without_any_effect_has_not_fired(kind: str) -> None:
    assert not draw(random.Random(1), kind).fired(Counter())


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
    writer.close()


async def carried(conditions: Conditions, size: int) -> tuple[float, Counter[str]]:
    """How long `size` bytes there and back take, and what the network counted."""

    async def work() -> tuple[float, Counter[str]]:
        loop, sent = asyncio.get_running_loop(), random.Random(1).randbytes(size)
        async with Wan(3) as wan, await asyncio.start_server(echo, "127.0.0.1", PORT):
            reader, writer = await asyncio.open_connection(HOSPITAL, PORT)
            await wan.set(conditions)
            began = loop.time()
            writer.write(sent)
            assert await reader.readexactly(size) == sent
            took = loop.time() - began
            writer.close()
            return took, await wan.counts()

    return await in_namespace(work)


async def test_a_delay_is_kept() -> None:
    took, counts = await carried(Conditions(delay_s=0.1), 100)
    assert took >= 0.2
    assert counts["up-delayed"] > 0


async def test_a_rate_is_kept_and_what_waits_is_counted() -> None:
    took, counts = await carried(Conditions(rate_bps=400_000), 50_000)
    assert took > 1.0
    assert counts["up-queued"] > 0
    assert counts["up-fresh-bytes"] == 50_000


async def test_lost_and_overtaken_packets_are_made_good_by_tcp() -> None:
    _, counts = await carried(Conditions(delay_s=0.005, loss=0.05, reorder=0.2), 200_000)
    assert counts["up-lost"] > 0
    assert counts["up-reordered"] > 0


async def test_forgotten_connections_are_dead_and_new_ones_live() -> None:
    async def work() -> Counter[str]:
        async with Wan(3) as wan, await asyncio.start_server(echo, "127.0.0.1", PORT):
            reader, writer = await asyncio.open_connection(HOSPITAL, PORT)
            await wan.orphan()
            writer.write(b"?")
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(reader.read(1), 0.5)
            reader, other = await asyncio.open_connection(HOSPITAL, PORT)
            other.write(b"!")
            assert await reader.readexactly(1) == b"!"
            for one in (writer, other):
                one.transport.abort()
            return await wan.counts()

    counts = await in_namespace(work)
    assert counts["up-orphaned"] > 0
    assert counts["up-connections"] == 2


async def test_nothing_passes_in_a_blackout() -> None:
    async def work() -> Counter[str]:
        async with Wan(3) as wan:
            await wan.set(replace(PERFECT, down=True))
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(asyncio.open_connection(HOSPITAL, PORT), 0.5)
            return await wan.counts()

    counts = await in_namespace(work)
    assert counts["up-blacked-out"] > 0
    assert counts["down-packets"] == 0
