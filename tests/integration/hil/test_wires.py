"""Simulated devices on real ports and sockets: they speak, answer, are unplugged, note what they sent."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import serial

from controller.ports import free_port
from devices.profiles import Evidence, Profile, TcpLink, UdpLink
from devices.profiles import profile as real_profile
from hil.sims import wire
from hil.sims.simulated import Measured
from hil.sims.wire import NetworkDevice, SerialDevice
from hil.ward import Folder, WardDevice
from tests.support.waiting import until

HERE = "127.0.0.1"


class Counting:
    """A device that counts aloud, and answers what it hears in capitals."""

    period_s = 0.05

    def __init__(self) -> None:
        self.on_patient = True
        self.count = 0

    def tick(self, time_s: float) -> list[Measured]:
        self.count += 1
        value = self.count if self.on_patient else None
        return [Measured(f"{value}\n".encode(), {"hr": value})]

    def heard(self, data: bytes, time_s: float) -> list[Measured]:
        return [Measured(data.upper())]


def lists(link: TcpLink | UdpLink) -> Callable[[str], Profile]:
    model = Profile("counting", "Ward Ltd", "Counting", "these tests", ("hr",), link, Evidence.UNVERIFIED)
    return lambda name: model if name == "counting" else real_profile(name)


@asynccontextmanager
async def living(life: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    task = asyncio.create_task(life)
    try:
        yield
        assert not task.done()
    finally:
        task.cancel()
        await asyncio.wait({task})


def emitted(folder: Folder, device: str) -> list[float | None]:
    return [json.loads(line)["value"] for line in folder.emitted(device).read_text().splitlines()]


async def test_a_serial_device_speaks_answers_and_writes_down_what_was_heard(tmp_path: Path) -> None:
    folder, device = Folder(tmp_path), WardDevice("c-1", "nonin-xpod", "bed-1", 1)
    async with living(SerialDevice(device, Counting(), folder).run()):
        await until(lambda: folder.port("c-1").is_symlink(), "the port")
        with serial.Serial(str(folder.port("c-1")), 9600, timeout=0) as port:
            port.write(b"hello\n")
            heard = b""

            def hears() -> bool:
                nonlocal heard
                heard += port.read(100)
                return b"HELLO" in heard and heard.count(b"\n") >= 4

            await until(hears, "numbers and the answer")
    numbers = [float(line) for line in heard.split() if line.isdigit()]
    assert emitted(folder, "c-1")[: len(numbers)] == numbers


async def test_an_unplugged_device_takes_its_port_with_it_and_brings_it_back(tmp_path: Path) -> None:
    folder, device = Folder(tmp_path), WardDevice("c-1", "nonin-xpod", "bed-1", 1)
    async with living(SerialDevice(device, Counting(), folder).run()):
        await until(lambda: folder.port("c-1").is_symlink(), "the port")
        folder.plug("c-1").write_text("off\n")
        await until(lambda: not folder.port("c-1").is_symlink(), "no port")
        folder.plug("c-1").write_text("on\n")
        await until(lambda: folder.port("c-1").is_symlink(), "the port again")


async def test_a_sensor_that_is_taken_off_gives_no_numbers(tmp_path: Path) -> None:
    folder, sim = Folder(tmp_path), Counting()
    device = WardDevice("c-1", "nonin-xpod", "bed-1", 1)
    async with living(SerialDevice(device, sim, folder).run()):
        await until(lambda: folder.plug("c-1").exists(), "the plug")
        folder.plug("c-1").write_text("sensor-off\n")
        await until(lambda: not sim.on_patient, "it is off")


async def test_a_device_that_connects_comes_back_after_each_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "profile", lists(TcpLink(0, codec=lambda: None, listens=True)))  # type: ignore[arg-type, return-value]
    callers: list[asyncio.StreamReader] = []

    async def called(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        callers.append(reader)
        assert (await reader.readline()).strip().isdigit()
        writer.close()

    async with await asyncio.start_server(called, HERE, 0) as server:
        address = f"{HERE}:{server.sockets[0].getsockname()[1]}"
        device = WardDevice("c-1", "counting", "bed-1", 1, address)
        async with living(NetworkDevice(device, Counting(), Folder(tmp_path)).run()):
            await until(lambda: len(callers) >= 2, "it calls again")


async def test_a_device_that_listens_is_connected_to_and_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "profile", lists(TcpLink(0, codec=lambda: None)))  # type: ignore[arg-type, return-value]
    port = free_port(HERE, 0, "a device")
    device = WardDevice("c-1", "counting", "bed-1", 1, f"{HERE}:{port}")
    async with living(NetworkDevice(device, Counting(), Folder(tmp_path)).run()):
        await asyncio.sleep(0.1)
        reader, writer = await asyncio.open_connection(HERE, port)
        writer.write(b"hello\n")
        async with asyncio.timeout(10):
            while await reader.readline() != b"HELLO\n":
                continue
        writer.close()


async def test_a_device_of_datagrams_speaks_to_whoever_spoke_to_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "profile", lists(UdpLink(0, codec=lambda: None)))  # type: ignore[arg-type, return-value]
    port = free_port(HERE, 0, "a device")
    device = WardDevice("c-1", "counting", "bed-1", 1, f"{HERE}:{port}")
    came: list[bytes] = []

    class Host(asyncio.DatagramProtocol):
        def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
            came.append(data)

    async with living(NetworkDevice(device, Counting(), Folder(tmp_path)).run()):
        await asyncio.sleep(0.1)
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(Host, remote_addr=(HERE, port))
        transport.sendto(b"hello")
        await until(lambda: b"HELLO" in came and len(came) >= 3, "the answer and numbers")
        transport.close()
