"""The gateways of the growth and screen benches: what their devices say, and when."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import pytest

from devices.codecs import Host, Said
from devices.model.observation import DeviceEvent, Reading, Waveform
from gateway.clock import SystemClock
from gateway.config import DeviceConfig, load
from hil.bench.growth_gateway import SeldomLink
from hil.bench.screen import fifty
from hil.bench.screen_gateway import SimulatedLink
from hil.prepare import write_gateway_config
from hil.ward import Folder


class Heard:
    """An outlet that keeps what it is given."""

    def __init__(self) -> None:
        self.host = Host()
        self.said: list[Said] = []

    def __call__(self, said: Sequence[Said]) -> None:
        self.said += said

    async def kept(self) -> None:
        """Nothing waits."""

    async def remember(self) -> None:
        """Nothing is remembered."""


async def run_until(run: Callable[[], Awaitable[None]], done: Callable[[], bool]) -> None:
    task = asyncio.ensure_future(run())
    async with asyncio.timeout(20):
        while not done():  # noqa: ASYNC110 - the link's outlet has no event
            await asyncio.sleep(0.02)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_a_seldom_device_measures_once_a_period() -> None:
    heard = Heard()
    link = SeldomLink(heard, SystemClock(), 0.05, 0)
    await run_until(link.run, lambda: len(heard.said) >= 5)
    readings = [one for one in heard.said if isinstance(one, Reading)]
    assert [int(one.value or 0) for one in readings[:5]] == [50, 51, 52, 53, 54]
    assert readings[4].at - readings[0].at >= 150_000_000


def configured(tmp_path: Path) -> dict[str, DeviceConfig]:
    ward = fifty(1)
    (tmp_path / "gateway").mkdir()
    config = load(write_gateway_config(Folder(tmp_path), ward, "mqtts://127.0.0.1:1"))
    return {device.id: device for device in config.devices}


@pytest.mark.parametrize(("device", "metric"), [("hr-1", "hr"), ("temp-1", "temp_body"), ("ox-1", "spo2")])
async def test_what_a_simulated_device_wrote_down_is_what_its_codec_read(
    tmp_path: Path, device: str, metric: str
) -> None:
    heard, emitted = Heard(), tmp_path / "emitted.jsonl"
    link = SimulatedLink(configured(tmp_path)[device], heard, SystemClock(), emitted, 97)

    def readings() -> list[Reading]:
        return [one for one in heard.said if isinstance(one, Reading) and one.metric == metric]

    await run_until(link.run, lambda: len(readings()) >= 2)
    lines = [json.loads(line) for line in emitted.read_text(encoding="utf-8").splitlines()]
    sent = [(line["at"], line["value"]) for line in lines if line["metric"] == metric]
    assert [(one.at, float(one.value or 0)) for one in readings()] == sent[: len(readings())]
    assert isinstance(heard.said[0], DeviceEvent)
    assert any(isinstance(one, Waveform) for one in heard.said) == (device == "ox-1")
