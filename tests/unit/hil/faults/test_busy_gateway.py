"""A busy device gives what it is told to, and writes down exactly that before it says it."""

import asyncio
import json
import random
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from zlib import crc32

from devices.codecs import Said
from devices.model.observation import DeviceEvent, EventKind, Reading, Waveform
from hil.faults.busy_gateway import LEAST_PULSE, PULSES, BusyDevice, Load
from tests.support.waiting import until


class Heard:
    """Where the device's link hands over what it said."""

    def __init__(self) -> None:
        self.all: list[Said] = []

    def __call__(self, said: Sequence[Said]) -> None:
        self.all += said

    async def kept(self) -> None:
        """It is."""

    async def remember(self) -> None:
        """Nothing."""

    def of(self, kind: type[Any], metric: str = "") -> list[Any]:
        return [
            one for one in self.all if isinstance(one, kind) and metric in ("", getattr(one, "metric", ""))
        ]


@asynccontextmanager
async def running(path: Path, load: Load) -> AsyncIterator[tuple[BusyDevice, Heard]]:
    said = Heard()
    with path.open("w", encoding="utf-8") as file:
        device = BusyDevice(said, file, load, random.Random(1))
        task = asyncio.create_task(device.run())
        yield device, said
        task.cancel()
        await asyncio.wait({task})


def written(path: Path) -> list[tuple[str, int, float]]:
    lines = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    return [(line["kind"], line["at"], line["value"]) for line in lines]


def told(said: Heard) -> list[tuple[str, int, float]]:
    alerts = [("alert", one.at, float(one.kind == EventKind.DISCONNECTED)) for one in said.of(DeviceEvent)]
    waves = [("wave", one.at, crc32(one.samples)) for one in said.of(Waveform)]
    return alerts + waves + [("reading", one.at, float(one.value)) for one in said.of(Reading)]


async def test_what_it_wrote_down_is_what_it_said(tmp_path: Path) -> None:
    path = tmp_path / "ox-1.jsonl"
    async with running(path, Load(200, 4000, is_full=True)) as (device, said):
        await until(lambda: len(said.of(Waveform)) > 2, "it has spoken")
        device.alarm()
        device.alarm()
    assert Counter(written(path)) == Counter(told(said))
    kinds = [one.kind for one in said.of(DeviceEvent)]
    assert kinds == [EventKind.CONNECTED, EventKind.DISCONNECTED, EventKind.CONNECTED]


async def test_it_gives_few_readings_and_no_waves_until_it_is_busy(tmp_path: Path) -> None:
    load = Load(400, 4000)
    async with running(tmp_path / "ox-1.jsonl", load) as (_, said):
        await until(lambda: len(said.of(Reading, "spo2")) > 5, "it has spoken")
        assert said.of(Waveform) == []
        load.toggle()
        await until(lambda: said.of(Waveform) and len(said.of(Reading, "spo2")) > 60, "it is busy")


async def test_its_pulse_rate_tells_when_it_was_measured(tmp_path: Path) -> None:
    async with running(tmp_path / "ox-1.jsonl", Load(0, 0)) as (_, said):
        await until(lambda: said.of(Reading, "pr_spo2"), "it has a pulse")
    [first, *_] = said.of(Reading, "pr_spo2")
    assert first.value == LEAST_PULSE + first.at // 1_000_000_000 % PULSES


async def test_it_can_be_silenced_for_good(tmp_path: Path) -> None:
    load = Load(400, 0, is_full=True)
    async with running(tmp_path / "ox-1.jsonl", load) as (_, said):
        await until(lambda: said.of(Reading), "it has spoken")
        load.end()
        await asyncio.sleep(0.3)
        count = len(said.all)
        await asyncio.sleep(0.3)
        assert len(said.all) == count
