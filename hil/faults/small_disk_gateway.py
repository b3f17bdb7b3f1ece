"""A gateway whose journal has a small disk of its own, and devices that give waves, readings and alerts.

    unshare --user --map-root-user --mount python -m hil.faults.small_disk_gateway CONFIG KILOBYTES EMITTED

The disk is a tmpfs on the journal's folder; everything after the links is the product's. What each device
says is written down in the folder EMITTED first, a line each: `{"kind": "wave", "at": nanoseconds, "value":
17}`, where the value of a wave is the CRC-32 of its samples, and that of an alert is 1 when it begins.
"""

import asyncio
import json
import random
import subprocess
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Annotated, TextIO
from zlib import crc32

import typer

from devices.model.observation import DeviceEvent, EventKind, Reading, Waveform
from gateway.app import run as run_gateway
from gateway.clock import SystemClock
from gateway.config import DeviceConfig, load
from gateway.links import Link, Outlet
from hil.sims.process import run

_TICK_S = 0.05
_WAVE_TICKS, _ALERT_TICKS = 5, 20
_SAMPLES = 6000
"""Of a wave: three devices give 144 kB/s."""


@dataclass(slots=True)
class _Device:
    """A device that is lost and found again each second, which are alerts."""

    outlet: Outlet
    clock: SystemClock
    emitted: TextIO
    rng: random.Random

    async def run(self) -> None:
        tick, is_lost = 0, True
        while True:
            if tick % _ALERT_TICKS == 0:
                is_lost = not is_lost
                self._event(is_lost)
            if tick % _WAVE_TICKS == 0:
                self._wave()
            self._reading(tick)
            tick += 1
            await asyncio.sleep(_TICK_S)

    def _event(self, is_lost: bool) -> None:
        now = self.clock.now()
        self._write("alert", now, int(is_lost))
        self.outlet([DeviceEvent(EventKind.DISCONNECTED if is_lost else EventKind.CONNECTED, now)])

    def _wave(self) -> None:
        now, samples = self.clock.now(), self.rng.randbytes(2 * _SAMPLES)
        self._write("wave", now, crc32(samples))
        self.outlet([Waveform("pleth", now, 24_000_000, samples)])

    def _reading(self, tick: int) -> None:
        now, tenths = self.clock.now(), 800 + tick % 200
        self._write("reading", now, tenths / 10)
        self.outlet([Reading("spo2", now, Decimal(tenths) / 10)])

    def _write(self, kind: str, at: int, value: float) -> None:
        self.emitted.write(json.dumps({"kind": kind, "at": at, "value": value}) + "\n")
        self.emitted.flush()


def main(
    config: Annotated[Path, typer.Argument(help="The gateway's TOML file.")],
    kilobytes: Annotated[int, typer.Argument(help="The size of the journal's disk.")],
    emitted: Annotated[Path, typer.Argument(help="Where the devices write down what they say.")],
) -> None:
    """Run the gateway until told to stop."""
    loaded, clock = load(config), SystemClock()
    journal = loaded.gateway.data / "journal"
    journal.mkdir(parents=True, exist_ok=True)
    emitted.mkdir(parents=True, exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "none", str(journal)]
    subprocess.run(command, check=True)

    def make(device: DeviceConfig, outlet: Outlet) -> Link:
        file = (emitted / f"{device.id}.jsonl").open("a", encoding="utf-8")
        return _Device(outlet, clock, file, random.Random(device.id))

    run(run_gateway(loaded, clock=clock, links=make))


if __name__ == "__main__":
    typer.run(main)
