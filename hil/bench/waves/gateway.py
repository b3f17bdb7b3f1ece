"""A gateway whose monitors give the samples of files in real time.

`python -m hil.bench.waves.gateway CONFIG SIGNALS SIZES [--raw]`; everything after the links is the product's.
`SIZES` gets the bytes of each block of waves. `--raw` is the baseline: blocks as they would be if samples
were sent as plain int16.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Annotated, TextIO

import typer

from devices.model.observation import Instant, Waveform
from devices.wire.block import BlockClock, Lane, seal
from devices.wire.records import Group
from gateway.app import run as run_gateway
from gateway.clock import SystemClock
from gateway.config import DeviceConfig, load
from gateway.journal import journal
from gateway.links import Link, Outlet
from hil.bench.waves.codecs import seal_raw
from hil.bench.waves.signals import CHUNK_S, ECG, PLETH, RATES_HZ, chunk_samples
from hil.sims.process import run

_CHUNK_NS = int(CHUNK_S * 1e9)
SCALES = {ECG: Decimal("0.0025"), PLETH: Decimal(1)}
_PHASES = 20
"""Monitors do not speak at the same moment."""


@dataclass(slots=True)
class WaveLink:
    """A monitor that gives a chunk of each of its `signals` (int16 by metric) in turn, and is silent then."""

    outlet: Outlet
    signals: dict[str, bytes]
    phase_s: float
    clock: SystemClock

    async def run(self) -> None:
        """Until cancelled; a chunk that comes late is stamped with the time when it was due."""
        await asyncio.sleep(self.phase_s)
        began, chunks = self.clock.now(), len(self.signals[ECG]) // (2 * chunk_samples(ECG))
        for number in range(chunks):
            end = Instant(began + (number + 1) * _CHUNK_NS)
            await asyncio.sleep(max(0, end - self.clock.now()) / 1e9)
            self.outlet([self._chunk(metric, number, Instant(end - _CHUNK_NS)) for metric in self.signals])
        await asyncio.Event().wait()

    def _chunk(self, metric: str, number: int, at: Instant) -> Waveform:
        size = 2 * chunk_samples(metric)
        samples = self.signals[metric][number * size : (number + 1) * size]
        return Waveform(metric, at, 1000 * RATES_HZ[metric], samples, SCALES[metric])


def _counted(sizes: TextIO, raw: bool) -> None:
    """Let the journal seal its blocks, write down how large those of waves are, and cut others if told so."""

    def counting(
        journal_id: bytes, lane: Lane, number: int, clock: BlockClock, groups: Iterable[Group]
    ) -> bytes:
        if lane != Lane.WAVE:
            return seal(journal_id, lane, number, clock, groups)
        block = (seal_raw if raw else seal)(journal_id, lane, number, clock, groups)
        sizes.write(f"{len(block)}\n")
        sizes.flush()
        return block

    journal.seal = counting


def main(
    config: Annotated[Path, typer.Argument(help="The gateway's TOML file.")],
    signals: Annotated[Path, typer.Argument(help="A file `DEVICE.METRIC` for each signal.")],
    sizes: Annotated[Path, typer.Argument(help="Where to write the sizes of blocks.")],
    raw: Annotated[bool, typer.Option(help="Samples as plain int16.")] = False,
) -> None:
    """Run the gateway until told to stop."""
    loaded, clock = load(config), SystemClock()
    phases = (CHUNK_S * n / _PHASES for n in range(len(loaded.devices)))
    phase_of = dict(zip((device.id for device in loaded.devices), phases, strict=True))

    def make(device: DeviceConfig, outlet: Outlet) -> Link:
        of_device = {metric: (signals / f"{device.id}.{metric}").read_bytes() for metric in RATES_HZ}
        return WaveLink(outlet, of_device, phase_of[device.id], clock)

    with sizes.open("w", encoding="ascii") as file:
        _counted(file, raw)
        run(run_gateway(loaded, clock=clock, links=make))


if __name__ == "__main__":
    typer.run(main)
