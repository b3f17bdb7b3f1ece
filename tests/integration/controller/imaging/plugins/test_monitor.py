"""A minute of a bed's ECG every five minutes: of the patient who was there, or of nobody."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from controller.clock import SystemClock
from controller.imaging.plugins.looking import Looking
from controller.imaging.plugins.monitor_source import EVERY_US, LENGTH_US, MonitorSource
from controller.imaging.plugins.queue import Queue
from controller.imaging.plugins.registry import PLUGINS
from controller.imaging.plugins.running import Runner
from controller.store import Store
from hil.bench.ecg.made import Made, fibrillating, sinus

BEGIN_US = 1000 * EVERY_US - LENGTH_US
RATE = 250
_WAVE = """INSERT INTO waveform
  (stream, number, place, boot, mono_us, at_us, series, rate_mhz, scale, "offset", samples, quality)
VALUES (1, 1, ?, 1, 0, ?, ?, ?, 0.005, 0, ?, 0)"""


class Hand(SystemClock):
    """A clock that stands where it is put."""

    at_us = 0

    def now_us(self) -> int:
        return self.at_us


@dataclass
class Ward:
    """A bed with a monitor, and the plug-ins beside."""

    store: Store
    queue: Queue
    clock: Hand
    looking: Looking

    async def wave(self, one: Made, series: int = 1, begin_us: int = BEGIN_US - 5_000_000) -> None:
        """As a monitor sends it: a record a second."""
        samples = np.round(one.signal / 0.005).astype("<i2")
        rows = [
            (second, begin_us + second * 1_000_000, series, RATE * 1000, piece.tobytes())
            for second, piece in enumerate(np.split(samples, range(RATE, samples.size, RATE)))
        ]
        await self.store.write(lambda db: db.executemany(_WAVE, rows))

    async def admit(self, who: str, from_us: int = 0, to_us: int | None = None) -> None:
        row = who, from_us // 1000, None if to_us is None else to_us // 1000
        sql = "INSERT INTO stay (bed, identifier, name, from_ms, to_ms, by) VALUES ('b', ?, 'x', ?, ?, 'n')"
        await self.store.write(lambda db: db.execute(sql, row))

    async def passes(self) -> None:
        """The period before, and then this one."""
        self.clock.at_us = BEGIN_US
        await self.looking.ask()
        self.clock.at_us = BEGIN_US + LENGTH_US + 30_000_000
        await self.looking.ask()
        while await self.looking.look():
            pass

    async def found(self) -> list[tuple[str, str, str, int]]:
        rows = await self.queue.store.read("SELECT told, patient, bed, at_us FROM finding")
        return [(json.loads(told)["code"]["value"], *rest) for told, *rest in map(tuple, rows)]

    async def messages(self) -> list[str]:
        return [row["message"] for row in await self.queue.store.read("SELECT message FROM job")]


@pytest.fixture
async def ward(tmp_path: Path) -> AsyncIterator[Ward]:
    store = await Store.open(tmp_path / "wardlink.sqlite")
    await store.write(
        lambda db: [
            db.execute("INSERT INTO ward VALUES ('w', 'w')"),
            db.execute("INSERT INTO bed (id, ward, name) VALUES ('b', 'w', 'b')"),
            db.execute("INSERT INTO series VALUES (1, 'monitor', 'b', 'ecg_ii')"),
            db.execute("INSERT INTO series VALUES (2, 'monitor', 'b', 'ecg_v5')"),
            db.execute("INSERT INTO series VALUES (3, 'monitor', 'b', 'pleth')"),
        ]
    )
    queue, clock = await Queue.open(tmp_path / "plugins.sqlite", SystemClock()), Hand()
    source = MonitorSource(store.where, tuple(PLUGINS.values()), clock)
    yield Ward(store, queue, clock, Looking(queue, (source,), Runner()))
    await queue.close()
    await store.close()


def noise() -> np.random.Generator:
    return np.random.default_rng(5)


async def test_fibrillation_on_a_bed_is_its_patients_once_for_all_leads(ward: Ward) -> None:
    await ward.admit("4711")
    one = fibrillating(noise(), 70, rate=RATE)
    for series in (1, 2, 3):
        await ward.wave(one, series)
    await ward.passes()
    assert await ward.found() == [("164889003", "4711", "b", BEGIN_US)]
    assert [tuple(row) for row in await ward.queue.store.read("SELECT kind FROM job")] == [("ecg_ii",)]


async def test_a_regular_heart_and_a_bed_without_an_ecg_are_not_told_of(ward: Ward) -> None:
    await ward.admit("4711")
    await ward.wave(sinus(noise(), 70, rate=RATE))
    await ward.passes()
    assert await ward.found() == []
    assert await ward.messages() == [""]


async def test_a_minute_in_which_the_patient_changed_is_nobodys(ward: Ward) -> None:
    middle = BEGIN_US + LENGTH_US // 2
    await ward.admit("4711", to_us=middle)
    await ward.admit("4712", from_us=middle)
    await ward.wave(fibrillating(noise(), 70, rate=RATE))
    await ward.passes()
    assert await ward.found() == []
    assert await ward.messages() == ["no patient, or more than one, was on the bed in that minute"]


async def test_an_empty_bed_is_not_looked_at(ward: Ward) -> None:
    await ward.wave(fibrillating(noise(), 70, rate=RATE))
    await ward.passes()
    assert await ward.messages() == []


async def test_only_what_is_in_the_minute_is_looked_at(ward: Ward) -> None:
    await ward.admit("4711")
    await ward.wave(fibrillating(noise(), 50, rate=RATE), begin_us=BEGIN_US - 55_000_000)
    await ward.wave(sinus(noise(), 55, rate=RATE), begin_us=BEGIN_US)
    await ward.passes()
    assert await ward.found() == []
