"""Analysers and monitors that forget what is acknowledged: over a real socket, only what is on disk is."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from devices.codecs.astm.frames import encode_frame
from devices.codecs.health import BadByteCounter
from devices.codecs.hl7.message import Message
from devices.codecs.hl7.mllp import MllpReader, encode
from devices.model.observation import EventKind, Reading
from devices.profiles import profile
from gateway.clock import SystemClock
from gateway.config import DeviceConfig
from gateway.errors import LinkError
from gateway.links.tcp import TcpDeviceLink
from hil.sims.models.astm_analyser import AstmAnalyser
from hil.sims.models.hl7_laboratory import Laboratory
from hil.sims.models.ihe_pcd_01 import Monitor
from hil.sims.patient import Patient
from hil.sims.simulated import WireSim
from tests.support.links import Heard, running
from tests.support.waiting import until

ACK = b"\x06"
FRAME = encode_frame(1, b"H|\\^&|||X1\rO|1|S7\rR|1|^^^GLU|5.4|mmol/L\rL|1|N\r")
MSH = b"MSH|^~\\&|M|W|||20260101||ORU^R01|%d|P|2.6\r"
SPO2 = b"OBX|1|NM|150456^MDC_PULS_OXIM_SAT_O2^MDC||97|262688^MDC_DIM_PERCENT^MDC\r"


class Disk(Heard):
    """A journal that waits until it may write, or is full."""

    def __init__(self, *, is_full: bool = False) -> None:
        super().__init__()
        self.free = asyncio.Event()
        self.is_full = is_full

    async def kept(self) -> None:
        if self.is_full:
            raise LinkError("not-kept", "the disk is full")
        await super().kept()
        await self.free.wait()


@asynccontextmanager
async def connected(
    name: str, disk: Disk
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A device's connection to the gateway's link of profile `name`."""
    device = DeviceConfig.model_construct(id="one", profile=name, address="127.0.0.1:0", peer=None)
    link = TcpDeviceLink(device, profile(name), SystemClock(), disk)
    async with running(link):
        await until(lambda: link.listening.port, "it listens")
        reader, writer = await asyncio.open_connection(*link.listening)
        yield reader, writer
        writer.close()


async def nothing_comes(reader: asyncio.StreamReader) -> None:
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(reader.read(1), 0.3)


async def converse(sim: WireSim, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
    """Let a simulated device talk for three of its periods; what it heard."""
    heard = b""
    for time_s in (0.0, sim.period_s, 2 * sim.period_s):
        for sent in sim.tick(time_s):
            writer.write(sent.payload)
        while data := await heard_soon(reader):
            heard += data
            for answer in sim.heard(data, time_s):
                writer.write(answer.payload)
    return heard


async def heard_soon(reader: asyncio.StreamReader) -> bytes:
    try:
        return await asyncio.wait_for(reader.read(1000), 0.2)
    except TimeoutError:
        return b""


async def test_an_analyser_s_frame_is_acknowledged_once_it_is_on_disk() -> None:
    disk = Disk()
    async with connected("astm-analyser-tcp", disk) as (reader, writer):
        writer.write(b"\x05")
        assert await reader.readexactly(1) == ACK
        writer.write(FRAME)
        await until(lambda: disk.events(EventKind.LAB_RESULT), "the result")
        await nothing_comes(reader)
        disk.free.set()
        assert await reader.readexactly(1) == ACK
        await nothing_comes(reader)


async def test_messages_are_acknowledged_in_their_order_once_they_are_on_disk() -> None:
    disk = Disk()
    async with connected("ihe-pcd-01", disk) as (reader, writer):
        writer.write(b"".join(encode(MSH % number + SPO2) for number in (1, 2, 3)))
        await until(lambda: disk.values("spo2"), "the reading")
        await nothing_comes(reader)
        disk.free.set()
        found: list[str] = []
        mllp = MllpReader(BadByteCounter())
        while len(found) < 3:
            found += [
                Message.parse(one.content).find("MSA").text(2) for one in mllp.feed(await reader.read(999))
            ]
    assert found == ["1", "2", "3"]


@pytest.mark.parametrize(
    ("name", "first", "then"),
    [
        ("astm-analyser-tcp", b"\x05", FRAME),
        ("hl7-oru-laboratory", b"", encode(MSH % 1 + b"OBR|1\rOBX|1|NM|GLU||5.4|mmol/L\r")),
        ("ihe-pcd-01", b"", encode(MSH % 1 + SPO2)),
    ],
)
async def test_what_a_full_disk_cannot_keep_is_never_acknowledged(
    name: str, first: bytes, then: bytes
) -> None:
    disk = Disk(is_full=True)
    async with connected(name, disk) as (reader, writer):
        writer.write(first)
        assert await reader.readexactly(len(first)) == ACK[: len(first)]
        writer.write(then)
        assert await reader.read() == b""
    assert disk.presence == ["connected", "not-kept"]


@pytest.mark.parametrize(
    ("name", "sim"),
    [("astm-analyser-tcp", AstmAnalyser), ("hl7-oru-laboratory", Laboratory), ("ihe-pcd-01", Monitor)],
)
async def test_a_simulated_device_is_served_over_a_real_socket(
    name: str, sim: Callable[[Patient], WireSim]
) -> None:
    disk = Disk()
    disk.free.set()
    async with connected(name, disk) as (reader, writer):
        assert await converse(sim(Patient(3)), reader, writer)
    assert disk.events(EventKind.LAB_RESULT) or [one for one in disk.said if isinstance(one, Reading)]
    assert disk.events(EventKind.BAD_BYTES) == []
