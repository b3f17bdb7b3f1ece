"""The simulated IntelliVue monitor on loopback UDP: the gateway's link associates, and hears all once."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from devices.model.observation import EventKind, Waveform
from devices.profiles import UdpLink, profile
from gateway.clock import SystemClock
from gateway.config import DeviceConfig
from gateway.links.backoff import Backoff
from gateway.links.udp import UdpDeviceLink
from hil.sims.models.intellivue import IntellivueMonitor
from hil.sims.patient import Patient
from hil.sims.simulated import Measured
from hil.sims.wire import NetworkDevice
from hil.ward import Folder, WardDevice
from tests.support.links import Heard, running
from tests.support.waiting import until

NAME = "philips-intellivue"


class Monitor(IntellivueMonitor):
    """One whose cable can be pulled while its socket stays open; knows how often it was associated with."""

    def __init__(self) -> None:
        super().__init__(Patient(5))
        self.is_deaf = False
        self.associations = 0

    def heard(self, data: bytes, time_s: float) -> list[Measured]:
        if self.is_deaf:
            return []
        self.associations += data[:1] == b"\x0d"
        return super().heard(data, time_s)

    def tick(self, time_s: float) -> list[Measured]:
        return [] if self.is_deaf else super().tick(time_s)


@asynccontextmanager
async def talking(
    monitor: Monitor, folder: Folder, heard: Heard, silence_s: float = 10.0
) -> AsyncIterator[None]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    device = NetworkDevice(WardDevice("monitor-1", NAME, "bed-1", 5, address), monitor, folder)
    model = profile(NAME)
    assert isinstance(model.link, UdpLink)
    model = replace(model, link=replace(model.link, silence_s=silence_s))
    config = DeviceConfig.model_construct(id="monitor-1", profile=NAME, address=address)
    link = UdpDeviceLink(config, model, SystemClock(), heard, backoff=Backoff(0.05, 0.1))
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
    lines = map(json.loads, folder.emitted("monitor-1").read_text().splitlines())
    return [line["value"] for line in lines if line["metric"] == metric]


async def test_what_the_monitor_wrote_down_is_what_is_heard(tmp_path: Path) -> None:
    heard, folder, monitor = Heard(), Folder(tmp_path), Monitor()
    async with talking(monitor, folder, heard):
        await until(lambda: len(heard.values("hr")) >= 3, "three heart rates")
    for metric in ("ecg_ii", "resp_wave"):
        assert (got := waves(heard, metric))
        assert got == sent(folder, metric)[: len(got)]
    for metric in ("hr", "spo2", "nibp_sys"):
        assert (values := [float(value) for value in heard.values(metric) if value is not None])
        assert values == sent(folder, metric)[: len(values)]
    assert monitor.associations == 1
    assert heard.presence == ["connected"]
    assert heard.events(EventKind.BAD_BYTES, EventKind.REFUSED, EventKind.UNMAPPED) == []


async def test_a_monitor_that_was_off_is_associated_with_anew_and_nothing_comes_twice(tmp_path: Path) -> None:
    heard, folder, monitor = Heard(), Folder(tmp_path), Monitor()
    async with talking(monitor, folder, heard):
        await until(lambda: heard.values("hr"), "a heart rate")
        folder.plug("monitor-1").write_text("off\n")
        await heard.until_presence("unreachable")
        before = len(heard.values("hr"))
        folder.plug("monitor-1").write_text("on\n")
        await until(lambda: len(heard.values("hr")) > before + 1, "a heart rate of the new association")
    assert monitor.associations == 2
    got = waves(heard, "ecg_ii")
    assert got == sent(folder, "ecg_ii")[: len(got)]


async def test_one_that_falls_silent_is_told_and_associated_with_when_it_speaks_again(tmp_path: Path) -> None:
    heard, folder, monitor = Heard(), Folder(tmp_path), Monitor()
    async with talking(monitor, folder, heard, silence_s=1.5):
        await until(lambda: heard.values("hr"), "a heart rate")
        monitor.is_deaf = True
        await heard.until_presence("silent")
        before, monitor.is_deaf = len(heard.values("hr")), False
        await until(lambda: len(heard.values("hr")) > before, "a heart rate of the new association")
    assert monitor.associations == 2
    rest = iter(sent(folder, "ecg_ii"))  # some of it while nobody was there
    assert all(one in rest for one in waves(heard, "ecg_ii"))
