"""Processes that die: a gateway killed while connected, a radio killed and started again."""

import asyncio
import subprocess
from pathlib import Path

import pytest
from bleak import BleakClient, BleakScanner
from bleak.exc import BleakBluetoothNotAvailableError, BleakError

from hil.radio.adapter import Adapter
from hil.radio.world import World
from tests.support.radio import DEADLINE_S, Radio, WardProcess, child, new_address, until


def end(process: "subprocess.Popen[str]") -> None:
    """Kill with SIGKILL, as a power cut would."""
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        assert pipe
        pipe.close()


async def line_of(process: "subprocess.Popen[str]") -> str:
    """The next line the process prints."""
    assert process.stdout
    return (await asyncio.wait_for(asyncio.to_thread(process.stdout.readline), DEADLINE_S)).strip()


async def test_a_killed_gateway_leaves_the_radio_ready_for_the_next(
    ward: WardProcess, bed: str, tmp_path: Path
) -> None:
    bonds = str(tmp_path / "bonds.json")
    for round_number in range(3):
        gateway = child("gateway.py", ward.transport, bonds, bed)
        assert [await line_of(gateway), await line_of(gateway)] == ["found", "subscribed"]
        assert await ward("notify", bed, what="rate", values=[f"{round_number:02x}"]) == 1
        assert await line_of(gateway) == f"{round_number:02x}"
        end(gateway)

        async def alone() -> bool:
            return not (await ward("security", bed))["connected"]

        await until(alone)


async def test_a_gateway_killed_while_connecting_leaves_the_radio_ready(
    ward: WardProcess, radio: Radio, bed: str, tmp_path: Path
) -> None:
    gateway = child("gateway.py", ward.transport, str(tmp_path / "bonds.json"), bed)
    assert await line_of(gateway) == "found"
    gateway.kill()
    assert await line_of(gateway) == ""  # it never came to subscribe
    end(gateway)
    async with radio.client(await radio.find(bed)) as client:
        assert await client.read_gatt_char("2a29") == b"Ward Ltd"


async def test_two_gateways_share_the_air(ward: WardProcess, radio: Radio, bed: str) -> None:
    other, address = new_address()
    await ward("add", other, address=address)
    async with Adapter(ward.transport, address="F0:F1:F2:F3:F4:F6") as second_adapter:
        second = Radio(second_adapter)
        async with (
            radio.client(await radio.find(bed)) as here,
            second.client(await second.find(other)) as there,
        ):
            assert await here.read_gatt_char("2a29") == await there.read_gatt_char("2a29") == b"Ward Ltd"
    await ward("lose", other)


async def test_a_killed_radio_is_seen_by_every_client_and_used_again_when_back() -> None:
    first, (name, address) = WardProcess(), new_address()
    port = first.transport.rpartition(":")[2]
    await first("add", name, address=address)
    ended: list[BleakClient] = []
    async with Adapter(first.transport) as adapter:
        radio = Radio(adapter)
        client = radio.client(await radio.find(name), ended.append)
        await client.connect()
        heard: list[str | None] = []
        async with radio.scanner(lambda d, _: heard.append(d.name)):
            first.stop()
            await until(lambda: ended == [client])
            assert not client.is_connected
            with pytest.raises(BleakBluetoothNotAvailableError, match=port):
                await radio.scanner().start()
            with pytest.raises(BleakBluetoothNotAvailableError, match="start it"):
                await client.connect()
            heard.clear()
            second = WardProcess(f"tcp-server:127.0.0.1:{port}")
            await second("add", name, address=address)
            await until(lambda: name in heard)  # the running scanner goes on by itself
        await client.connect()
        assert await client.read_gatt_char("2a29") == b"Ward Ltd"
        await client.disconnect()
    second.stop()


async def test_a_radio_killed_during_a_call_ends_the_call() -> None:
    ward, (name, address) = WardProcess(), new_address()
    await ward("add", name, address=address)
    reads = 0

    async def read_for_ever(client: BleakClient) -> None:
        nonlocal reads
        while True:
            await client.read_gatt_char("2a29")
            reads += 1

    async with Adapter(ward.transport) as adapter, Radio(adapter).client(address) as client:
        reading = asyncio.create_task(read_for_ever(client))
        await until(lambda: reads > 3)
        ward.stop()
        with pytest.raises(BleakError, match=r"ended|not connected|Service Discovery"):
            await asyncio.wait_for(reading, DEADLINE_S)


async def test_a_radio_killed_while_connecting_leaves_the_client_to_its_time_out() -> None:
    ward, (name, address) = WardProcess(), new_address()
    await ward("add", name, address=address)
    async with Adapter(ward.transport) as adapter:
        radio = Radio(adapter)
        device = await radio.find(name)
        await ward("lose", name)
        connecting = asyncio.create_task(radio.client(device, timeout=1.0).connect())
        await until(lambda: adapter.device.is_scanning)
        ward.stop()
        with pytest.raises(TimeoutError, match=name):
            await asyncio.wait_for(connecting, DEADLINE_S)


async def test_an_adapter_may_start_before_its_radio(tmp_path: Path) -> None:
    path = tmp_path / "hci.sock"
    async with Adapter(f"unix-client:{path}") as adapter:
        radio = Radio(adapter)
        with pytest.raises(BleakBluetoothNotAvailableError, match=r"hci\.sock"):
            await BleakScanner.discover(0.1, backend=radio.scanner_class)
        ward, (name, address) = WardProcess(f"unix-server:{path}"), new_address()
        await ward("add", name, address=address)

        def powered() -> bool:
            try:
                return adapter.device.powered_on
            except BleakBluetoothNotAvailableError:
                return False

        await until(powered)
        async with radio.client(await radio.find(name)) as client:
            assert await client.read_gatt_char("2a29") == b"Ward Ltd"
        ward.stop()


async def test_a_port_that_is_taken_and_an_unknown_scheme_are_refused() -> None:
    async with World() as world:
        taken = (await world.listen("tcp-server:127.0.0.1:0")).rpartition(":")[2]
        with pytest.raises(OSError, match="address already in use"):
            await world.listen(f"tcp-server:127.0.0.1:{taken}")
        with pytest.raises(ValueError, match="expected tcp-server:HOST:PORT or unix-server:PATH"):
            await world.listen("usb:0")
