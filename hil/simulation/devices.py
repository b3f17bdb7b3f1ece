"""Simulated devices: what they said, and what the gateway said of it."""

import asyncio
import random
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from devices.model.observation import Instant, NoValue, Quality, Reading, Waveform
from gateway.errors import LinkError
from gateway.journal.journal import Block
from gateway.links import Outlet

VITAL, WAVE = "ppg_red", "pleth"
"""Metrics without limits to their values: each value is a number that is used once."""
BlockKey = tuple[bytes, int, int]
"""Journal, lane, number."""


@dataclass(slots=True)
class Promises:
    """What the checker holds the system to. Keys are numbers of values, in order of saying."""

    said: dict[int, tuple[bytes, int, str]] = field(default_factory=dict[int, tuple[bytes, int, str]])
    """Boot, its monotonic time in microseconds, and device of every value."""
    kept: set[int] = field(default_factory=set[int])
    """Values whose devices were told that they are safe."""
    accepted: dict[BlockKey, bytes] = field(default_factory=dict[BlockKey, bytes])
    """Blocks that the journal reported as accepted."""
    clashes: list[BlockKey] = field(default_factory=list[BlockKey])
    """Numbers that were given to two blocks."""
    quiet: bool = False
    """The devices say nothing any more."""

    def accept(self, journal: bytes, blocks: Sequence[Block]) -> None:
        """The journal says that these are safe."""
        for block in blocks:
            key = journal, int(block.lane), block.number
            if self.accepted.setdefault(key, block.data) != block.data:
                self.clashes.append(key)


@dataclass(slots=True)
class SimDevice:
    """A device with one vital sign, one wave, and a sensor that falls off: a `Link` of the gateway."""

    name: str
    outlet: Outlet
    now: Callable[[], Instant]
    boot: bytes
    promises: Promises
    random: random.Random
    period_s: float

    async def run(self) -> None:
        """Measure for ever."""
        async with asyncio.TaskGroup() as group:
            for act, mean_s in (
                (self._vital, self.period_s),
                (self._wave, 3 * self.period_s),
                (self._stored, 8 * self.period_s),
                (self._falls_off, 20 * self.period_s),
            ):
                group.create_task(self._again(act, mean_s))

    async def _again(self, act: Callable[[], object], mean_s: float) -> None:
        while True:
            await asyncio.sleep(mean_s * self.random.uniform(0.5, 1.5))
            number = None if self.promises.quiet else act()
            if isinstance(number, int) and self.random.random() < 0.3:
                await self._ask(number)

    async def _ask(self, number: int) -> None:
        """A device that forgets what the gateway has."""
        try:
            await self.outlet.kept()
        except LinkError:
            return
        self.promises.kept.add(number)

    def _number(self) -> int:
        number = len(self.promises.said) + 1
        self.promises.said[number] = self.boot, self.now() // 1000, self.name
        return number

    def _vital(self) -> int:
        number = self._number()
        self.outlet([Reading(VITAL, self.now(), Decimal(number))])
        return number

    def _stored(self) -> int:
        number = self._number()
        self.outlet([Reading(VITAL, self.now(), Decimal(number), quality=Quality.STORED)])
        return number

    def _wave(self) -> int:
        number = self._number()
        samples = struct.pack("<I", number) + bytes(96)
        self.outlet([Waveform(WAVE, self.now(), 25_000, samples)])
        return number

    def _falls_off(self) -> None:
        """An alert begins, or ends."""
        absent = Reading("spo2", self.now(), None, NoValue.SENSOR_OFF)
        there = Reading("spo2", self.now(), Decimal(97))
        self.outlet([absent if self.random.random() < 0.5 else there])
