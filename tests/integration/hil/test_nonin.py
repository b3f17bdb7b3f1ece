"""The simulated oximeter on its PTY, read by pyserial and the product's own codec."""

import asyncio
import json
import struct
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path

import serial

from devices.codecs import Said
from devices.codecs.nonin_df2 import NoninDf2
from devices.codecs.nonin_packet import ACK, FRAME_BYTES, NAK, SELECT_FORMAT_2, Frame
from devices.model.observation import DeviceEvent, EventKind, Instant, NoValue, Reading, Waveform
from hil.sims.emitted import now_ns
from hil.sims.nonin import NoninSim
from hil.ward import SERIAL_OXIMETER, Folder, WardDevice
from tests.support.radio import until

DEVICE = WardDevice("ox-1", SERIAL_OXIMETER, "bed-1", 1)


class Reader:
    """A gateway's side of the line."""

    def __init__(self, folder: Folder) -> None:
        self.line = serial.Serial(str(folder.port("ox-1")), 9600, timeout=0)
        self.codec = NoninDf2()
        self.said: list[Said] = []
        self.raw = b""

    def read(self) -> None:
        self.line.write(self.codec.data_to_send())
        data = self.line.read(4096)
        self.raw += data
        self.said += self.codec.receive_data(data, Instant(now_ns()))

    def values(self, metric: str) -> list[Reading]:
        return [one for one in self.said if isinstance(one, Reading) and one.metric == metric]

    async def hears(self, metric: str, count: int) -> None:
        def heard() -> bool:
            self.read()
            return len(self.values(metric)) >= count

        await until(heard)


@asynccontextmanager
async def running(tmp_path: Path) -> AsyncIterator[Folder]:
    folder = Folder(tmp_path)
    task = asyncio.create_task(NoninSim(DEVICE, folder).run())
    try:
        await until(lambda: folder.port("ox-1").is_symlink())
        yield folder
    finally:
        task.cancel()
        await asyncio.wait({task})


async def test_what_the_codec_reads_is_what_the_oximeter_wrote_down(tmp_path: Path) -> None:
    async with running(tmp_path) as folder:
        reader = Reader(folder)
        await reader.hears("spo2", 4)
    lines = [json.loads(line) for line in folder.emitted("ox-1").read_text().splitlines()]
    assert [line["n"] for line in lines] == list(range(len(lines)))
    for metric in ("spo2", "pr_spo2"):
        sent = [line["value"] for line in lines if line["metric"] == metric]
        heard = [reading.value for reading in reader.values(metric)]
        assert heard == sent[: len(heard)]
    waves = [one for one in reader.said if isinstance(one, Waveform)]
    assert {len(wave) for wave in waves} == {25}
    assert len({wave.samples for wave in waves}) == len(waves)
    packets = [struct.pack("<25h", *line["value"]) for line in lines if line["metric"] == "pleth"]
    first = packets.index(waves[0].samples)  # those before went out while nobody listened
    assert [wave.samples for wave in waves] == packets[first : first + len(waves)]


def between_frames(stream: bytes) -> bytes:
    """The bytes that belong to no whole frame."""
    rest = b""
    while len(stream) >= FRAME_BYTES:
        length = 1 if isinstance(Frame.decode(stream[:FRAME_BYTES]), str) else FRAME_BYTES
        rest += stream[:1] if length == 1 else b""
        stream = stream[length:]
    return rest


async def test_the_format_selection_is_answered_and_another_format_refused(tmp_path: Path) -> None:
    async with running(tmp_path) as folder:
        line = serial.Serial(str(folder.port("ox-1")), 9600, timeout=0)
        heard = bytearray()

        def answers() -> bytes:
            heard.extend(line.read(4096))
            return between_frames(bytes(heard))

        line.write(SELECT_FORMAT_2)
        await until(lambda: answers() == bytes((ACK,)))
        line.write(bytes((0x02, 0x70, 0x02, 0x02, 0x07, 0x03)))
        await until(lambda: answers() == bytes((ACK, NAK)))


async def test_off_the_finger_there_is_no_value_until_it_is_back(tmp_path: Path) -> None:
    async with running(tmp_path) as folder:
        reader = Reader(folder)
        await reader.hears("spo2", 1)
        folder.plug("ox-1").write_text("sensor-off\n")
        await until(lambda: reader.read() or reader.values("spo2")[-1].reason == NoValue.SENSOR_OFF)
        folder.plug("ox-1").write_text("sensor-on\n")
        await until(lambda: reader.read() or reader.values("spo2")[-1].value is not None)


async def test_the_oxygen_of_a_sick_patient_is_an_alarm_until_they_are_well(tmp_path: Path) -> None:
    async with running(tmp_path) as folder:
        reader = Reader(folder)
        await reader.hears("spo2", 1)
        folder.plug("ox-1").write_text("sick\n")
        await until(lambda: reader.read() or (reader.values("spo2")[-1].value or 100) < 80)
        folder.plug("ox-1").write_text("well\n")
        await until(lambda: reader.read() or (reader.values("spo2")[-1].value or 0) > 90)


async def test_garbage_is_counted_and_becomes_no_number(tmp_path: Path) -> None:
    async with running(tmp_path) as folder:
        reader = Reader(folder)
        await reader.hears("spo2", 1)
        folder.plug("ox-1").write_text("garbage\n")

        def counted() -> bool:
            reader.read()
            events = [one for one in reader.said if isinstance(one, DeviceEvent)]
            return any(event.kind is EventKind.BAD_BYTES for event in events)

        await until(counted)
        before = len(reader.values("spo2"))
        await reader.hears("spo2", before + 2)
        assert all(90 <= (reading.value or 0) <= 100 for reading in reader.values("spo2"))


async def test_after_a_moment_in_which_the_machine_stood_still_it_does_not_send_faster(
    tmp_path: Path,
) -> None:
    async with running(tmp_path) as folder:
        reader = Reader(folder)
        await reader.hears("spo2", 2)
        time.sleep(2.0)  # noqa: ASYNC251 - that is the fault
        await reader.hears("spo2", 8)
    written = [json.loads(line) for line in folder.emitted("ox-1").read_text(encoding="utf-8").splitlines()]
    at = [one["at"] / 1e9 for one in written if one["metric"] == "spo2"]
    steps = [after - before for before, after in pairwise(at)]
    assert max(steps) > 1.5  # it did stand still
    assert min(steps) > 0.15


async def test_unplugged_its_port_vanishes_and_comes_back(tmp_path: Path) -> None:
    async with running(tmp_path) as folder:
        folder.plug("ox-1").write_text("off\n")
        await until(lambda: not folder.port("ox-1").is_symlink())
        folder.plug("ox-1").write_text("on\n")
        await until(lambda: folder.port("ox-1").is_symlink())
        await Reader(folder).hears("spo2", 1)
