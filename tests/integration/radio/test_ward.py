"""A whole ward: thirty peripherals connected at once on one adapter."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from bleak import BleakClient

from tests.support.radio import Radio, WardProcess, new_address, until

BEDS = 30
VALUES = 100


@pytest.fixture
async def beds(ward: WardProcess) -> AsyncIterator[list[str]]:
    """The names of thirty peripherals on the air."""
    added = [new_address() for _ in range(BEDS)]
    for name, address in added:
        await ward("add", name, address=address, advertises=["180d"])
    yield [name for name, _ in added]
    for name, _ in added:
        await ward("lose", name)


async def follow(radio: Radio, address: str, values: list[bytes]) -> BleakClient:
    """Connect to `address` and collect its heart rates."""
    client = radio.client(address)
    await client.connect()
    await client.start_notify("2a37", lambda _, data: values.append(bytes(data)))
    return client


async def test_thirty_peripherals_notify_at_once_without_loss(
    ward: WardProcess, radio: Radio, beds: list[str]
) -> None:
    addresses: dict[str, str] = {}
    async with radio.scanner(lambda d, _: addresses.setdefault(d.name or "", d.address)):
        await until(lambda: set(beds) <= set(addresses))
    received: dict[str, list[bytes]] = {name: [] for name in beds}
    clients = await asyncio.gather(*(follow(radio, addresses[name], received[name]) for name in beds))
    assert all(client.is_connected for client in clients)
    sent = {name: [bytes([n, i]) for i in range(VALUES)] for n, name in enumerate(beds)}
    counts = await asyncio.gather(
        *(ward("notify", name, what="rate", values=[v.hex() for v in sent[name]]) for name in beds)
    )
    assert counts == [VALUES] * BEDS
    await until(lambda: all(len(values) == VALUES for values in received.values()))
    assert received == sent
    await asyncio.gather(*(client.disconnect() for client in clients))
