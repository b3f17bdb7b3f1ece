"""A gateway whose devices give readings and waves, many or few of them, and alarms when told to.

`python -m hil.faults.busy_gateway CONFIG EMITTED READINGS WAVE_BYTES`: all devices together, a second, while
they are busy. At SIGUSR2 they begin to be, or end it; at first they give a twentieth. At each SIGUSR1 the
next device is lost, or found again if it was lost, which is an alert; at SIGHUP all fall silent. Everything
after the links is the product's. What each device says is written down in the folder EMITTED first, as
`hil.gapcheck` reads it.
"""

import asyncio
import itertools
import json
import random
import signal
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Annotated, TextIO
from zlib import crc32

import typer

from devices.model.observation import DeviceEvent, EventKind, Instant, Reading, Waveform
from gateway.app import run as run_gateway
from gateway.clock import SystemClock
from gateway.config import DeviceConfig, load
from gateway.links import Link, Outlet
from hil.sims.process import run

LEAST_PULSE, PULSES = 40, 150
"""A pulse rate of LEAST_PULSE + n was measured n seconds after a multiple of PULSES seconds of the boot."""
_TICK_S, _IDLE_SHARE = 0.1, 0.05


@dataclass(slots=True)
class Load:
    """What one device gives a second while it `is_full`; nothing at all once it `is_over`."""

    readings: float
    wave_bytes: int
    is_full: bool = False
    is_over: bool = False

    def toggle(self) -> None:
        """From few to many, or back."""
        self.is_full = not self.is_full

    def end(self) -> None:
        """For good."""
        self.is_over = True


@dataclass(slots=True)
class BusyDevice:
    """One device: its `load`, and a pulse rate each second."""

    outlet: Outlet
    emitted: TextIO
    load: Load
    rng: random.Random
    clock: SystemClock = field(default_factory=SystemClock)
    _given: int = 0
    _is_lost: bool = False
    _second: int = 0

    async def run(self) -> None:
        """Until cancelled; a tick that comes late gives what is due."""
        now = self.clock.now()
        self._say("alert", now, 0)
        self.outlet([DeviceEvent(EventKind.CONNECTED, now)])
        loop = asyncio.get_running_loop()
        last, due = loop.time(), 0.0
        while not self.load.is_over:
            await asyncio.sleep(_TICK_S)
            passed, last = loop.time() - last, loop.time()
            due += passed * self.load.readings * (1.0 if self.load.is_full else _IDLE_SHARE)
            self._give(int(due))
        await asyncio.Event().wait()

    def _give(self, due: int) -> None:
        numbers, self._given = range(self._given, due), due
        said: list[Reading | Waveform] = [self._reading(number) for number in numbers]
        if self.load.is_full and self.load.wave_bytes:
            said.append(self._wave())
        if (second := self.clock.now() // 1_000_000_000) != self._second:
            self._second = second
            said.append(self._time())
        self.emitted.flush()
        self.outlet(said)

    def _reading(self, number: int) -> Reading:
        now, value = self.clock.now(), 80 + number % 20
        self._say("reading", now, value)
        return Reading("spo2", now, Decimal(value))

    def _time(self) -> Reading:
        """A pulse rate that tells when it was measured."""
        now = self.clock.now()
        value = LEAST_PULSE + now // 1_000_000_000 % PULSES
        self._say("reading", now, value)
        return Reading("pr_spo2", now, Decimal(value))

    def _wave(self) -> Waveform:
        now, count = self.clock.now(), int(self.load.wave_bytes * _TICK_S) // 2
        samples = self.rng.randbytes(2 * count)
        self._say("wave", now, crc32(samples))
        return Waveform("pleth", now, int(count / _TICK_S * 1000), samples)

    def alarm(self) -> None:
        """The device is lost, or found again."""
        self._is_lost = not self._is_lost
        now = self.clock.now()
        self._say("alert", now, int(self._is_lost))
        self.emitted.flush()
        self.outlet([DeviceEvent(EventKind.DISCONNECTED if self._is_lost else EventKind.CONNECTED, now)])

    def _say(self, kind: str, at: Instant, value: float) -> None:
        self.emitted.write(json.dumps({"kind": kind, "at": at, "value": value}) + "\n")


async def serve(config: Path, emitted: Path, readings: float, wave_bytes: int) -> None:
    """Until cancelled. Raises ConfigError or JournalError when it cannot start."""
    loaded, devices = load(config), list[BusyDevice]()
    share = len(loaded.devices)
    busy = Load(readings / share, wave_bytes // share)

    def make(device: DeviceConfig, outlet: Outlet) -> Link:
        file = (emitted / f"{device.id}.jsonl").open("a", encoding="utf-8")
        devices.append(BusyDevice(outlet, file, busy, random.Random(device.id)))
        return devices[-1]

    turns = itertools.count()

    def alarm() -> None:
        devices[next(turns) % share].alarm()

    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGUSR1, alarm)
    loop.add_signal_handler(signal.SIGUSR2, busy.toggle)
    loop.add_signal_handler(signal.SIGHUP, busy.end)
    await run_gateway(loaded, links=make)


def main(
    config: Annotated[Path, typer.Argument(help="The gateway's TOML file.")],
    emitted: Annotated[Path, typer.Argument(help="Folder for what the devices say.")],
    readings: Annotated[float, typer.Argument(help="Readings a second, all devices together.")],
    wave_bytes: Annotated[int, typer.Argument(help="Bytes of waves a second, all devices together.")],
) -> None:
    """Run the gateway until told to stop."""
    emitted.mkdir(parents=True, exist_ok=True)
    run(serve(config, emitted, readings, wave_bytes))


if __name__ == "__main__":
    typer.run(main)
