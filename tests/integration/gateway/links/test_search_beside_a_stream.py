"""A search for devices beside a live connection: 250 notifications a second, and not one is lost or late."""

import asyncio

from gateway.clock import SystemClock
from gateway.links.ble import BleRadio
from gateway.links.ble_discovery import Found, discover
from tests.support.radio import WardProcess, new_address, until

RATE_HZ, SECONDS, SEARCH_S = 250, 4.0, 2


async def test_a_search_costs_a_live_stream_nothing(ward: WardProcess, radio: BleRadio) -> None:
    (name, address), (stranger, other) = new_address(), new_address()
    for who, where in ((name, address), (stranger, other)):
        await ward("add", who, address=where, advertises=["180d"], interval_ms=30)
    heard: list[int] = []
    device = await radio.hear(address)
    async with radio.connected(device, bond=False, lost=lambda: heard.append(-1)) as client:
        await client.start_notify("2a37", lambda _, data: heard.append(int.from_bytes(data, "big")))
        searching = asyncio.create_task(_later(radio))
        sent = await _stream(ward, name)
        found = await searching
        await until(lambda: len(heard) >= sent)
        assert heard == list(range(sent))
    assert other in [one.address for one in found]
    assert address not in [one.address for one in found]


async def _later(radio: BleRadio) -> list[Found]:
    """The search begins and ends while the stream runs."""
    await asyncio.sleep(0.5)
    return await discover(radio, SEARCH_S, SystemClock())


async def _stream(ward: WardProcess, name: str) -> int:
    """Numbers in order, at the rate. Returns how many were sent."""
    loop, sent, total = asyncio.get_running_loop(), 0, int(RATE_HZ * SECONDS)
    began = loop.time()
    while sent < total:
        due = min(total, int((loop.time() - began) * RATE_HZ))
        values = [number.to_bytes(4, "big").hex() for number in range(sent, due)]
        if values:
            assert await ward("notify", name, what="rate", values=values) == len(values)
        sent = due
        await asyncio.sleep(0.004)
    return sent
