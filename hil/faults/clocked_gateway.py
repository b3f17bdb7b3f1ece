"""A gateway whose devices say two values in one instant, and write down when in true time.

`python -m hil.faults.clocked_gateway CONFIG EMITTED [--ppm 500]`: everything after the links is the
product's, its clock, too; only for `--ppm` is its monotonic clock's source another, as of a host whose
crystal is so much too fast. At SIGUSR1 the devices fall silent. In the folder EMITTED there is a file a
device, a line a value: `{"boot": hex, "mono_us": gateway's time, "steady_us": true time, "value": 70.001}`.
Values do not repeat within 30,000 of them.
"""

import asyncio
import json
import signal
import time
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Annotated, TextIO

import typer

from devices.model.observation import DeviceEvent, EventKind, Instant, Reading
from gateway.app import run as run_gateway
from gateway.clock import SystemClock
from gateway.config import DeviceConfig, load
from gateway.links import Deliver, Link
from hil.faults.other_clocks import steady_us
from hil.sims.process import run

METRIC = "spo2"
DIFFERENT = 30_000
_TICK_S = 0.08
_AT_ONCE_US = 1000


@dataclass(slots=True)
class _Device:
    """Two values in one instant, each tick, and another one microseconds later."""

    deliver: Deliver
    clock: SystemClock
    emitted: TextIO
    silent: asyncio.Event
    _count: int = field(init=False)

    def __post_init__(self) -> None:
        # Ahead of all that an earlier process has said: fewer values come in a second than this counts.
        self._count = steady_us() // 20_000

    async def run(self) -> None:
        """Until cancelled."""
        self.deliver([DeviceEvent(EventKind.CONNECTED, self.clock.now())])
        while not self.silent.is_set():
            now = self._now()
            self.deliver([self._reading(*now), self._reading(*now)])
            self.deliver([self._reading(*self._now())])
            await asyncio.sleep(_TICK_S)
        await asyncio.Event().wait()

    def _now(self) -> tuple[Instant, int]:
        """By both clocks at once: asked again when something came in between."""
        while True:
            began_us, at, ended_us = steady_us(), self.clock.now(), steady_us()
            if ended_us - began_us < _AT_ONCE_US:
                return at, ended_us

    def _reading(self, at: Instant, true_us: int) -> Reading:
        self._count += 1
        value = 70 + Decimal(self._count % DIFFERENT) / 1000
        line = {
            "boot": self.clock.boot.hex(),
            "mono_us": at // 1000,
            "steady_us": true_us,
            "value": float(value),
        }
        self.emitted.write(json.dumps(line) + "\n")
        self.emitted.flush()
        return Reading(METRIC, at, value)


def _clock(ppm: int) -> SystemClock:
    """The host's, or with a crystal that is `ppm` millionths too fast."""
    if not ppm:
        return SystemClock()
    return SystemClock(mono_ns=lambda: _fast(time.clock_gettime_ns(time.CLOCK_BOOTTIME), ppm))


def _fast(true_ns: int, ppm: int) -> int:
    return true_ns + true_ns * ppm // 1_000_000


async def serve(config: Path, emitted: Path, ppm: int) -> None:
    """Until cancelled. Raises ConfigError or JournalError when it cannot start."""
    clock, silent = _clock(ppm), asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, silent.set)

    def make(device: DeviceConfig, deliver: Deliver) -> Link:
        return _Device(deliver, clock, (emitted / f"{device.id}.jsonl").open("a", encoding="utf-8"), silent)

    await run_gateway(load(config), clock=clock, links=make)


def main(
    config: Annotated[Path, typer.Argument(help="The gateway's TOML file.")],
    emitted: Annotated[Path, typer.Argument(help="Folder for what the devices say.")],
    ppm: Annotated[int, typer.Option(help="How much too fast the crystal is, in millionths.")] = 0,
) -> None:
    """Run the gateway until told to stop."""
    emitted.mkdir(parents=True, exist_ok=True)
    run(serve(config, emitted, ppm))


if __name__ == "__main__":
    typer.run(main)
