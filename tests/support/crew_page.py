"""The crew's page of one vehicle, served as the box serves it, and a body whose monitor speaks to it.

async with serving(tmp_path) as box:
    box.says("hr", 72)
    box.alarm("spo2-desaturation", 1, Priority.HIGH)
"""

import asyncio
import math
from array import array
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher

from devices.model.observation import (
    Alert,
    DeviceEvent,
    EventKind,
    Instant,
    Priority,
    Quality,
    Reading,
    Waveform,
    later,
)
from devices.model.orders import Arguments
from devices.wire.records import AnyRecord, Attachment
from gateway.alarms.bedside import Bedside
from gateway.clock import SystemClock, boot_id
from gateway.config import AlarmsConfig
from gateway.crew import people
from gateway.crew.attention import AlarmWays
from gateway.crew.config import CrewConfig
from gateway.crew.crew import Crew, Ways
from gateway.crew.pictures import PictureWays
from gateway.crew.server import serve
from tests.support.waiting import until

VEHICLE, MONITOR = "amb-1", "monitor-1"
NAME, PIN = "Mei Lin", "739105"
LIVE = {"online": True, "pending_blocks": 0, "oldest_ms": 0, "lanes": {}}
_WAVES: Mapping[str, int] = {"ecg_ii": 250, "pleth": 100, "co2_wave": 50, "resp_wave": 50}
MEASURED = ("hr", "spo2", "nibp_sys", "rr_co2", "etco2", "temp_core", *_WAVES)
_EVERY_S = 0.25


class CrewBox:
    """The box's page, and what happens on board."""

    def __init__(
        self, crew: Crew, journal: list[DeviceEvent], seen: list[Arguments], uplink: dict[str, Any]
    ) -> None:
        self.crew, self.journal, self.acknowledged, self.uplink = crew, journal, seen, uplink
        self.attached: list[Attachment] = []

    @property
    def address(self) -> str:
        """Of the page, without the path."""
        return f"http://{self.crew.listens_at}"

    def hears(self, record: AnyRecord, device: str | None = MONITOR) -> None:
        """A device on board, or (None) the box itself, says this."""
        self.crew.heard((device, VEHICLE), record)

    def now(self) -> Instant:
        """The box's time."""
        return self.crew.clock.now()

    def says(
        self, metric: str, value: float | None, *, ago_s: float = 0, quality: Quality = Quality.GOOD
    ) -> None:
        """A value, measured `ago_s` ago."""
        number = None if value is None else Decimal(str(value))
        self.hears(Reading(metric, Instant(self.now() - round(ago_s * 1e9)), number, quality=quality))

    def connected(self, *, yes: bool = True) -> None:
        """The monitor is there, or not any more."""
        self.hears(DeviceEvent(EventKind.CONNECTED if yes else EventKind.DISCONNECTED, self.now()))

    def alarm(
        self, code: str, number: int, priority: Priority, *, active: bool = True, **detail: str | int
    ) -> None:
        """A patient's alarm as gateway/alarms tells it."""
        told = {"alarm": number, "value": "78", "limit": "80", "onset-ms": 6000, **detail}
        self.hears(Alert(code, self.now(), priority, active, told))

    async def body(self, values: Mapping[str, float]) -> None:
        """Values and waveforms, until cancelled."""
        at = later(self.now(), -_EVERY_S)
        while True:
            for metric, value in values.items():
                self.says(metric, value)
            for metric, rate in _WAVES.items():
                self.hears(Waveform(metric, at, rate * 1000, _samples(metric, at / 1e9, rate)))
            at = later(at, _EVERY_S)
            await asyncio.sleep((at - self.now()) / 1e9 + _EVERY_S)


def _samples(metric: str, from_s: float, rate: int) -> bytes:
    times = (from_s + i / rate for i in range(round(rate * _EVERY_S)))
    return array("h", (round(1000 * _shape(metric, time)) for time in times)).tobytes()


def _shape(metric: str, time: float) -> float:
    beat, breath = time * 1.25 % 1, time * 0.27 % 1
    match metric:
        case "ecg_ii":
            bumps = (
                (0.18, 0.03, 0.15),
                (0.30, 0.008, -0.12),
                (0.32, 0.010, 1.0),
                (0.345, 0.009, -0.25),
                (0.55, 0.05, 0.3),
            )
            return sum(high * math.exp(-(((beat - at) / wide) ** 2)) for at, wide, high in bumps)
        case "pleth":
            return math.exp(-(((beat - 0.45) / 0.12) ** 2)) + 0.35 * math.exp(-(((beat - 0.72) / 0.1) ** 2))
        case "co2_wave":
            return min(max((breath - 0.45) * 14, 0), 1) if breath < 0.92 else max(1 - (breath - 0.92) * 20, 0)
        case _:
            return math.sin(breath * 2 * math.pi)


@asynccontextmanager
async def serving(folder: Path, port: int = 0) -> AsyncIterator[CrewBox]:
    """The box `folder`: one person of the crew, a monitor on board. The port stays with the folder."""
    journal: list[DeviceEvent] = []
    seen: list[Arguments] = []
    uplink = dict(LIVE)

    async def say(event: DeviceEvent) -> None:
        journal.append(event)

    async def acknowledge(arguments: Arguments) -> None:
        seen.append(arguments)

    async def stands() -> dict[str, Any]:
        return dict(uplink)

    config = CrewConfig(vehicle=VEHICLE, address=f"127.0.0.1:{port}")
    bedside = Bedside.of(AlarmsConfig(), folder, SystemClock(boot_id()), lambda *_: None, say)

    def boarded(stay: dict[str, Any] | None) -> None:
        if stay is None:
            bedside.ended(VEHICLE)
        else:
            bedside.patient(VEHICLE, stay["id"], stay["class"])

    alarms = AlarmWays(say, acknowledge, bedside.limits_of, bedside.set_limit)

    async def attach(attachment: Attachment) -> None:
        attached.append(attachment)

    attached: list[Attachment] = []
    ways = Ways(alarms, stands, boarded, PictureWays(attach, lambda: 0))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(people, "_hasher", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
        crew = Crew(config, folder / "crew", SystemClock(boot_id()), ways)
        crew.people.load()
        if NAME not in crew.people.names:
            crew.people.put(NAME, PIN)
        crew.serves([(MONITOR, "ge-s5", MEASURED)])
        await crew.begin()
        tasks = [asyncio.create_task(part) for part in (crew.run(), serve(crew))]
        try:
            await until(lambda: crew.listens_at, "the page is served")
            box = CrewBox(crew, journal, seen, uplink)
            box.attached = attached
            yield box
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
