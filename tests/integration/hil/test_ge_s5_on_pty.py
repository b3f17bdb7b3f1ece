"""The simulated S/5 monitor on its PTY: the gateway's serial link asks it, and hears what it wrote down."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from devices.model.observation import EventKind, Waveform
from devices.profiles import profile
from gateway.clock import SystemClock
from gateway.config import DeviceConfig
from gateway.links.backoff import Backoff
from gateway.links.serial_port import SerialLinkRunner
from hil.sims.models.ge_s5 import S5Monitor
from hil.sims.patient import Patient
from hil.sims.wire import SerialDevice
from hil.ward import Folder, WardDevice
from tests.support.links import Heard, running
from tests.support.waiting import until

NAME, ID = "ge-s5", "monitor-1"


@asynccontextmanager
async def talking(folder: Folder, heard: Heard) -> AsyncIterator[None]:
    device = SerialDevice(WardDevice(ID, NAME, "bed-1", 5), S5Monitor(Patient(5)), folder)
    config = DeviceConfig.model_construct(id=ID, profile=NAME, port=str(folder.port(ID)))
    link = SerialLinkRunner(config, profile(NAME), SystemClock(), heard, backoff=Backoff(0.05, 0.2))
    simulated = asyncio.create_task(device.run())
    try:
        async with running(link):
            yield
    finally:
        simulated.cancel()
        await asyncio.gather(simulated, return_exceptions=True)


def waves(heard: Heard, metric: str) -> list[list[int]]:
    found = [one for one in heard.said if isinstance(one, Waveform) and one.metric == metric]
    return [list(memoryview(one.samples).cast("h")) for one in found]


def sent(folder: Folder, metric: str) -> list[object]:
    lines = map(json.loads, folder.emitted(ID).read_text().splitlines())
    return [line["value"] for line in lines if line["metric"] == metric]


async def test_values_and_waveforms_are_heard_as_they_were_sent(tmp_path: Path) -> None:
    heard, folder = Heard(), Folder(tmp_path)
    async with talking(folder, heard):
        await until(lambda: len(waves(heard, "ecg_ii")) >= 3, "three waveforms")
    for metric in ("hr", "spo2", "nibp_sys"):
        assert (values := [float(value) for value in heard.values(metric) if value is not None])
        assert values == sent(folder, metric)[: len(values)]
    for metric in ("ecg_ii", "pleth"):
        assert (got := waves(heard, metric)) == sent(folder, metric)[: len(got)]
    assert heard.presence == ["connected"]
    assert heard.events(EventKind.BAD_BYTES, EventKind.REFUSED) == []


async def test_garbage_on_the_line_is_counted_and_costs_no_value(tmp_path: Path) -> None:
    heard, folder = Heard(), Folder(tmp_path)
    async with talking(folder, heard):
        await until(lambda: waves(heard, "pleth"), "a waveform")
        folder.plug(ID).write_text("garbage\n")
        await until(lambda: heard.events(EventKind.BAD_BYTES), "counted bytes")
        before = len(waves(heard, "pleth"))
        await until(lambda: len(waves(heard, "pleth")) > before, "another waveform")
    got = waves(heard, "pleth")
    assert got == sent(folder, "pleth")[: len(got)]


async def test_a_monitor_that_was_unplugged_is_asked_again(tmp_path: Path) -> None:
    heard, folder = Heard(), Folder(tmp_path)
    async with talking(folder, heard):
        await until(lambda: heard.values("hr"), "a heart rate")
        folder.plug(ID).write_text("off\n")
        await until(lambda: len(heard.presence) > 1, "the loss")
        before = len(heard.values("hr"))
        folder.plug(ID).write_text("on\n")
        await until(lambda: len(heard.values("hr")) > before, "another heart rate")
    assert heard.presence[0] == heard.presence[-1] == "connected"
