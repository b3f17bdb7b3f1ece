"""Devices on TCP and UDP: real sockets, connected to and listened for, silent, refused and gone."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from devices.codecs import Said
from devices.model.observation import DeviceEvent, EventKind, Instant
from devices.profiles import Evidence, Profile, TcpLink, UdpLink
from gateway.clock import SystemClock
from gateway.config import DeviceConfig
from gateway.links.backoff import Backoff
from gateway.links.tcp import TcpDeviceLink
from gateway.links.udp import UdpDeviceLink
from tests.support.links import Heard, running
from tests.support.waiting import until

HERE = "127.0.0.1"


class Lines:
    """A codec of lines: says each whole one, greets, and acknowledges one when the journal has it."""

    def __init__(self) -> None:
        self._owed, self._unread, self._waits = b"hello\n", b"", False

    def receive_data(self, data: bytes, now: Instant) -> list[Said]:
        *lines, self._unread = (self._unread + data).split(b"\n")
        self._waits = bool(lines)
        return [DeviceEvent(EventKind.STATUS, now, {"line": line.decode()}) for line in lines]

    def data_to_send(self) -> bytes:
        owed, self._owed = self._owed, b""
        return owed

    def next_timer(self) -> Instant | None:
        return None

    def handle_timer(self, now: Instant) -> list[Said]:
        return []

    def awaits_journal(self) -> bool:
        return self._waits

    def journalled(self, now: Instant) -> None:
        self._owed, self._waits = b"ack\n", False


def model(link: TcpLink | UdpLink) -> Profile:
    return Profile("lines", "Ward Ltd", "Lines", "these tests", (), link, Evidence.UNVERIFIED)


def lines(heard: Heard) -> list[str | int]:
    return [event.detail["line"] for event in heard.events(EventKind.STATUS)]


def tcp(
    heard: Heard, address: str, *, listens: bool, silence_s: float | None = None, peer: str = ""
) -> TcpDeviceLink:
    device = DeviceConfig.model_construct(id="lines-1", profile="lines", address=address, peer=peer or None)
    link = TcpLink(port=0, codec=Lines, listens=listens, silence_s=silence_s)
    return TcpDeviceLink(device, model(link), SystemClock(), heard, backoff=Backoff(0.02, 0.1))


class TcpServer:
    """A device that is connected to: keeps what it heard, and its callers."""

    def __init__(self) -> None:
        self.heard = b""
        self.callers: list[asyncio.StreamWriter] = []

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.callers.append(writer)
        while data := await reader.read(100):
            self.heard += data
        writer.close()


@asynccontextmanager
async def tcp_server() -> AsyncIterator[tuple[TcpServer, str]]:
    device = TcpServer()
    server = await asyncio.start_server(device, HERE, 0)
    async with server:
        yield device, f"{HERE}:{server.sockets[0].getsockname()[1]}"
        for caller in device.callers:
            caller.close()


async def listening(link: TcpDeviceLink) -> tuple[str, int]:
    await until(lambda: link.listening.port, "it listens")
    return link.listening.host, link.listening.port


async def test_a_device_that_listens_is_greeted_read_and_acknowledged_after_the_journal() -> None:
    heard = Heard()
    async with tcp_server() as (device, address), running(tcp(heard, address, listens=False)):
        await until(lambda: device.heard == b"hello\n", "the greeting")
        assert heard.presence == []
        device.callers[0].write(b"one\ntwo\nthr")
        await until(lambda: lines(heard) == ["one", "two"], "the lines")
        await until(lambda: device.heard == b"hello\nack\n", "the acknowledgement")
    assert heard.presence == ["connected"]
    assert heard.kept_after == [len(heard.said)]


async def test_a_device_that_hangs_up_is_connected_to_again_with_a_fresh_codec() -> None:
    heard = Heard()
    async with tcp_server() as (device, address), running(tcp(heard, address, listens=False)):
        await until(lambda: device.callers, "the first connection")
        device.callers[0].write(b"one\nhalf")
        await until(lambda: lines(heard) == ["one"], "the line")
        device.callers[0].close()
        await heard.until_presence("closed")
        await until(lambda: len(device.callers) == 2, "the second connection")
        device.callers[1].write(b"two\n")
        await until(lambda: lines(heard) == ["one", "two"], "the line after")
    assert heard.presence == ["connected", "closed", "connected"]


async def test_a_device_that_is_away_is_told_once_however_often_it_is_tried() -> None:
    heard = Heard()
    async with running(tcp(heard, f"{HERE}:1", listens=False)):
        await heard.until_presence("unreachable")
        await asyncio.sleep(0.3)
    assert heard.presence == ["unreachable"]
    assert "is the device on" in heard.message("unreachable")


async def test_a_device_that_says_nothing_is_silent() -> None:
    heard = Heard()
    async with tcp_server() as (device, address), running(tcp(heard, address, listens=False, silence_s=0.2)):
        await heard.until_presence("silent")
        await until(lambda: len(device.callers) >= 2, "it is tried again")


async def test_a_device_that_connects_to_us_is_heard_and_may_come_and_go() -> None:
    heard = Heard()
    link = tcp(heard, f"{HERE}:0", listens=True)
    async with running(link):
        for line in (b"one\n", b"two\n"):
            reader, writer = await asyncio.open_connection(*await listening(link))
            assert await reader.readline() == b"hello\n"
            writer.write(line)
            assert await reader.readline() == b"ack\n"
            writer.close()
            assert await reader.read() == b""
    assert lines(heard) == ["one", "two"]
    assert heard.presence == ["connected"]


async def test_one_that_should_keep_talking_and_does_not_is_silent() -> None:
    heard = Heard()
    link = tcp(heard, f"{HERE}:0", listens=True, silence_s=0.3)
    async with running(link):
        _, writer = await asyncio.open_connection(*await listening(link))
        writer.write(b"one\n")
        await heard.until_presence("connected")
        writer.close()
        await heard.until_presence("silent")
        _, writer = await asyncio.open_connection(*await listening(link))
        writer.write(b"two\n")
        await heard.until_presence("connected")
    assert lines(heard) == ["one", "two"]


async def test_a_stranger_is_refused_and_that_is_told() -> None:
    heard = Heard()
    link = tcp(heard, f"{HERE}:0", listens=True, peer="192.0.2.1")
    async with running(link):
        reader, _ = await asyncio.open_connection(*await listening(link))
        assert await reader.read() == b""
    (refused,) = heard.events(EventKind.REFUSED)
    assert (refused.detail["command"], lines(heard)) == (f"connection from {HERE}", [])


async def test_a_caller_too_many_is_refused_and_the_others_go_on() -> None:
    heard = Heard()
    link = tcp(heard, f"{HERE}:0", listens=True)
    async with running(link):
        where = await listening(link)
        talks = [await asyncio.open_connection(*where) for _ in range(8)]
        for reader, _ in talks:
            assert await reader.readline() == b"hello\n"
        reader, _ = await asyncio.open_connection(*where)
        assert await reader.read() == b""
        talks[0][1].write(b"one\n")
        await until(lambda: lines(heard) == ["one"], "the first one's line")
    assert len(heard.events(EventKind.REFUSED)) == 1


async def test_a_port_that_another_program_has_is_named() -> None:
    heard = Heard()
    with socket.create_server((HERE, 0)) as taken:
        async with running(tcp(heard, f"{HERE}:{taken.getsockname()[1]}", listens=True)):
            await heard.until_presence("address-busy")
    assert "another program" in heard.message("address-busy")


def udp(heard: Heard, port: int, silence_s: float = 10.0) -> UdpDeviceLink:
    device = DeviceConfig.model_construct(id="lines-1", profile="lines", address=f"{HERE}:{port}")
    link = UdpLink(port=1, codec=Lines, silence_s=silence_s)
    return UdpDeviceLink(device, model(link), SystemClock(), heard, backoff=Backoff(0.02, 0.1))


class UdpDevice(asyncio.DatagramProtocol):
    """A device that answers each datagram with a line of its number."""

    def __init__(self) -> None:
        self.heard: list[bytes] = []

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.heard.append(data)
        if data == b"hello\n":
            self.transport.sendto(f"{len(self.heard)}\n".encode(), addr)


async def test_a_device_of_datagrams_is_greeted_and_heard() -> None:
    heard = Heard()
    loop = asyncio.get_running_loop()
    transport, device = await loop.create_datagram_endpoint(UdpDevice, (HERE, 0))
    async with running(udp(heard, transport.get_extra_info("sockname")[1])):
        await until(lambda: lines(heard) == ["1"], "the answer")
        await until(lambda: device.heard == [b"hello\n", b"ack\n"], "the acknowledgement")
    transport.close()
    assert heard.presence == ["connected"]


async def test_a_silent_one_is_told_and_greeted_anew() -> None:
    heard = Heard()
    loop = asyncio.get_running_loop()
    transport, device = await loop.create_datagram_endpoint(UdpDevice, (HERE, 0))
    async with running(udp(heard, transport.get_extra_info("sockname")[1], silence_s=0.2)):
        await until(lambda: len(heard.presence) >= 3, "the answer to the second greeting")
    transport.close()
    assert device.heard.count(b"hello\n") >= 2
    assert heard.presence[:3] == ["connected", "silent", "connected"]


async def test_one_whose_host_says_that_nobody_is_there_is_unreachable() -> None:
    heard = Heard()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as unused:
        unused.bind((HERE, 0))
        port = unused.getsockname()[1]
    async with running(udp(heard, port)):
        await heard.until_presence("unreachable")
