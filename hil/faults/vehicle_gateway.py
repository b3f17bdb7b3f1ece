"""A gateway in an ambulance: a monitor with two leads of ECG, pleth, CO2 and ten numerics; alarms at times.

`python -m hil.faults.vehicle_gateway CONFIG [--plain]`. All after the links is the product's; `--plain`
takes from it what it does for narrow links, so that a measurement has something to be held against.
"""

import asyncio
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Annotated

import typer

from devices.model.observation import DeviceEvent, EventKind, Instant, Reading, Waveform
from devices.wire.share import Share
from gateway.app import run as run_gateway
from gateway.clock import SystemClock
from gateway.config import DeviceConfig, load
from gateway.links import Deliver, Link
from gateway.mqtt import Opening
from hil.bench.waves.signals import ECG, PLETH, RATES_HZ, signal
from hil.sims.process import run

MONITOR, PROBE = "monitor", "probe"
"""Devices: everything is measured by the first; the second is lost and found, which is an alert each time."""
CHUNK_S, ALARM_S = 0.25, 6.0
WAVES_HZ = {"ecg_ii": 250, "ecg_i": 250, "pleth": 75, "co2_wave": 25}
NUMERICS = {
    "hr": "76",
    "pr_spo2": "76",
    "spo2": "97",
    "rr_co2": "15",
    "etco2": "37",
    "fico2": "0",
    "nibp_sys": "121",
    "nibp_dia": "72",
    "nibp_map": "88",
    "temp": "36.9",
}
"""What is measured each second: in nobody's range of alarms."""
_SECONDS = 120.0
"""After which the signals begin again."""


def _resampled(data: bytes, have_hz: int, want_hz: int) -> list[int]:
    values = memoryview(data).cast("h")
    count = len(values) * want_hz // have_hz
    return [values[i * have_hz // want_hz] for i in range(count)]


@dataclass(slots=True)
class Signals:
    """The samples of each waveform, for ever."""

    _of: dict[str, list[int]] = field(default_factory=dict[str, list[int]])

    def __post_init__(self) -> None:
        for seed, (metric, rate) in enumerate(WAVES_HZ.items(), 1):
            kind = ECG if metric.startswith("ecg") else PLETH
            self._of[metric] = _resampled(signal(kind, seed, _SECONDS), RATES_HZ[kind], rate)

    def chunk(self, metric: str, number: int) -> bytes:
        """The chunk of this number: int16, little-endian."""
        values, rate = self._of[metric], WAVES_HZ[metric]
        first, last = (round(n * CHUNK_S * rate) for n in (number, number + 1))
        picked = [values[i % len(values)] for i in range(first, last)]
        return b"".join(value.to_bytes(2, "little", signed=True) for value in picked)


@dataclass(slots=True)
class MonitorLink:
    """Waveforms every quarter of a second, numerics every second."""

    deliver: Deliver
    signals: Signals
    clock: SystemClock = field(default_factory=SystemClock)

    async def run(self) -> None:
        """Until cancelled."""
        loop = asyncio.get_running_loop()
        began, number = loop.time(), 0
        while True:
            await asyncio.sleep(max(0.0, began + (number + 1) * CHUNK_S - loop.time()))
            now = self.clock.now()
            at = type(now)(now - int(CHUNK_S * 1e9))
            said = [
                Waveform(metric, at, rate * 1000, self.signals.chunk(metric, number), Decimal("0.0025"))
                for metric, rate in WAVES_HZ.items()
            ]
            self.deliver(said)
            number += 1
            if number % 4 == 0:
                self.deliver([Reading(name, now, Decimal(value)) for name, value in NUMERICS.items()])


@dataclass(slots=True)
class ProbeLink:
    """A sensor that is lost and found."""

    deliver: Deliver
    clock: SystemClock = field(default_factory=SystemClock)

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            for kind in (EventKind.CONNECTED, EventKind.DISCONNECTED):
                self.deliver([DeviceEvent(kind, self.clock.now(), {})])
                await asyncio.sleep(ALARM_S / 2)


def _nothing(self: Share, now: Instant, trip: int, size: int, company: int) -> None:
    """A share that learns nothing holds nothing back."""


def _never(self: Opening) -> bool:
    """No path is slow: all lanes connect at once."""
    return False


def main(
    config: Annotated[Path, typer.Argument(help="The gateway's TOML file.")],
    plain: Annotated[bool, typer.Option(help="As on a wide link.")] = False,
) -> None:
    """Run the gateway until told to stop."""
    signals = Signals()
    if plain:
        Share.measured = _nothing
        Opening.was_slow = _never

    def make(device: DeviceConfig, deliver: Deliver) -> Link:
        return ProbeLink(deliver) if device.id == PROBE else MonitorLink(deliver, signals)

    run(run_gateway(load(config), links=make))


if __name__ == "__main__":
    typer.run(main)
