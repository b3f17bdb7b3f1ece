"""Connecting and losing: the ways a link begins and ends, as bleak's client sees them."""

import asyncio

import pytest
from bleak import BleakClient
from bleak.exc import BleakDeviceNotFoundError, BleakError

from tests.support.radio import DEADLINE_S, Radio, WardProcess, new_address, until


async def test_a_connected_client_has_the_name_of_its_device(radio: Radio, bed: str) -> None:
    async with radio.client(await radio.find(bed)) as client:
        assert client.name == bed
        assert client.is_connected
    assert not client.is_connected


async def test_an_address_is_enough_to_connect(radio: Radio, bed: str) -> None:
    address = (await radio.find(bed)).address
    async with radio.client(address) as client:
        assert client.is_connected


async def test_a_device_can_be_connected_again_and_again(radio: Radio, bed: str) -> None:
    device = await radio.find(bed)
    for _ in range(5):
        async with radio.client(device) as client:
            assert client.is_connected


async def test_one_client_can_connect_a_second_time(radio: Radio, bed: str) -> None:
    client = radio.client(await radio.find(bed))
    for _ in range(2):
        await client.connect()
        assert await client.read_gatt_char("2a29") == b"Ward Ltd"
        await client.disconnect()


async def test_connecting_twice_is_refused(radio: Radio, bed: str) -> None:
    async with radio.client(await radio.find(bed)) as client:
        with pytest.raises(BleakError, match="already connected"):
            await client.connect()
        assert client.is_connected


async def test_a_device_that_is_gone_times_out(ward: WardProcess, radio: Radio, bed: str) -> None:
    device = await radio.find(bed)
    await ward("lose", bed)
    with pytest.raises(TimeoutError, match=bed):
        await radio.client(device, timeout=0.5).connect()


async def test_an_address_that_is_never_heard_is_not_found(radio: Radio) -> None:
    with pytest.raises(BleakDeviceNotFoundError, match="was not heard"):
        await radio.client("C0:FF:FF:FF:FF:FF", timeout=0.3).connect()


async def test_a_device_that_is_gone_delays_no_other(ward: WardProcess, radio: Radio, bed: str) -> None:
    gone, address = new_address()
    await ward("add", gone, address=address)
    absent, present = await radio.find(gone), await radio.find(bed)
    await ward("lose", gone)
    waiting = asyncio.create_task(radio.client(absent, timeout=DEADLINE_S).connect())
    async with radio.client(present) as client:
        assert client.is_connected
        assert not waiting.done()
    waiting.cancel()
    await asyncio.wait({waiting})


async def test_a_device_that_comes_back_while_connecting_is_connected(
    ward: WardProcess, radio: Radio, bed: str
) -> None:
    device = await radio.find(bed)
    await ward("lose", bed)
    client = radio.client(device)
    waiting = asyncio.create_task(client.connect())
    await until(lambda: radio.adapter.device.is_scanning)
    assert not client.is_connected
    await ward("back", bed)
    await waiting
    assert client.is_connected
    await client.disconnect()


async def test_giving_up_a_connection_leaves_the_adapter_usable(radio: Radio, bed: str) -> None:
    device = await radio.find(bed)
    for give_up_s in (0.0, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3):
        attempt = asyncio.create_task(radio.client(device).connect())
        await asyncio.wait({attempt}, timeout=give_up_s)
        if attempt.done():
            break
        attempt.cancel()
        await asyncio.wait({attempt})
    for connection in list(radio.adapter.device.connections.values()):
        await radio.adapter.disconnect(connection)
    async with radio.client(device) as client:
        assert client.is_connected


async def test_the_callback_is_called_when_the_client_disconnects(radio: Radio, bed: str) -> None:
    ended: list[BleakClient] = []
    client = radio.client(await radio.find(bed), ended.append)
    await client.connect()
    await client.disconnect()
    await until(lambda: bool(ended))
    assert ended == [client]


async def test_the_callback_is_called_when_the_device_disconnects(
    ward: WardProcess, radio: Radio, bed: str
) -> None:
    ended: list[BleakClient] = []
    client = radio.client(await radio.find(bed), ended.append)
    await client.connect()
    await ward("disconnect", bed)
    await until(lambda: bool(ended))
    assert ended == [client]
    assert not client.is_connected


@pytest.mark.parametrize("how", ["lose", "power_off"])
async def test_a_device_that_vanishes_is_seen_and_can_be_connected_when_it_is_back(
    ward: WardProcess, radio: Radio, bed: str, how: str
) -> None:
    device = await radio.find(bed)
    ended: list[BleakClient] = []
    client = radio.client(device, ended.append)
    await client.connect()
    await ward(how, bed)
    await until(lambda: bool(ended))
    assert not client.is_connected
    await ward("back", bed)
    await client.connect()
    assert await client.read_gatt_char("2a29") == b"Ward Ltd"
    await client.disconnect()


async def test_a_call_in_flight_ends_with_an_error_when_the_device_vanishes(
    ward: WardProcess, radio: Radio, bed: str
) -> None:
    async with radio.client(await radio.find(bed)) as client:

        async def read_for_ever() -> None:
            while True:
                await client.read_gatt_char("2a29")

        reading = asyncio.create_task(read_for_ever())
        await ward("lose", bed)
        with pytest.raises(BleakError):
            await asyncio.wait_for(reading, DEADLINE_S)
    assert not client.is_connected


async def test_disconnecting_without_a_connection_does_nothing(radio: Radio, bed: str) -> None:
    client = radio.client(await radio.find(bed))
    await client.disconnect()
    assert not client.is_connected


async def test_a_call_without_a_connection_is_refused(radio: Radio, bed: str) -> None:
    client = radio.client(await radio.find(bed))
    with pytest.raises(BleakError):
        await client.read_gatt_char("2a29")
    with pytest.raises(BleakError, match="Not connected"):
        await client.start_notify("2a37", lambda *_: None)
    with pytest.raises(BleakError, match="not connected"):
        await client.pair()


async def test_the_negotiated_mtu_bounds_a_write_without_response(radio: Radio, bed: str) -> None:
    client = radio.client(await radio.find(bed))
    assert client.mtu_size == 23
    async with client:
        command = client.services.get_characteristic("2a52")
        assert client.mtu_size == 247
        assert command
        assert command.max_write_without_response_size == 244
