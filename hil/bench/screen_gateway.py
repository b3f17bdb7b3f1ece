"""A real gateway with simulators in its own process: `python -m hil.bench.screen_gateway CONFIG FOLDER`.

The simulators' bytes go through the profiles' codecs; everything after them is the product's. Each value
differs from the one before, so that what is painted can be matched with what was sent: FOLDER's `emitted/`.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from devices.capture import codecs_of
from devices.codecs import Codec, Said
from devices.model.observation import DeviceEvent, EventKind, Instant
from devices.profiles import profile
from gateway.app import run as run_gateway
from gateway.clock import SystemClock
from gateway.config import DeviceConfig, load
from gateway.links import Link, Outlet
from hil.sims.emitted import Emitted
from hil.sims.patient import Patient
from hil.sims.process import run
from hil.sims.simulated import Measured, Sensor, simulators
from hil.ward import Folder


class Counting(Patient):
    """A patient whose numbers count; the pleth is a living person's."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self._count = 7 * seed

    def heart_rate(self, time_s: float) -> float:
        """40 to 219, one more each time."""
        return 40 + self._next() % 180

    def spo2(self, time_s: float) -> float:
        """50 to 100, one more each time."""
        return 50 + self._next() % 51

    def temperature(self, time_s: float) -> float:
        """30.0 to 41.9, a tenth more each time."""
        return 30 + self._next() % 120 / 10

    def _next(self) -> int:
        self._count += 1
        return self._count


@dataclass(slots=True)
class SimulatedLink:
    """One simulated device and its codecs, from `now()` on."""

    device: DeviceConfig
    outlet: Outlet
    clock: SystemClock
    emitted: Path
    seed: int

    async def run(self) -> None:
        """Until cancelled."""
        sim, codecs = simulators()[self.device.profile](Counting(self.seed)), self._codecs()
        loop, start = asyncio.get_running_loop(), self.seed % 97 / 97
        self.outlet([DeviceEvent(EventKind.CONNECTED, self.clock.now(), {})])
        await asyncio.sleep(start)
        due = loop.time()
        with Emitted(self.emitted) as emitted:
            while True:
                now = self.clock.now()
                for measured, source in _say(sim, now):
                    numbers = {m: v for m, v in measured.values.items() if not isinstance(v, list)}
                    emitted.sent(now, numbers)
                    self.outlet(_read(codecs[source], measured, now))
                due += getattr(sim, "period_s", 1.0)
                await asyncio.sleep(due - loop.time())

    def _codecs(self) -> Mapping[str | None, Codec]:
        return codecs_of(profile(self.device.profile).link)


def _say(sim: object, now: Instant) -> list[tuple[Measured, str | None]]:
    if isinstance(sim, Sensor):
        return [(sim.measure(now / 1e9), sim.measurement.uuid)]
    return [(measured, None) for measured in sim.tick(now / 1e9)]  # type: ignore[attr-defined]


def _read(codec: Codec, measured: Measured, now: Instant) -> list[Said]:
    said = codec.receive_data(measured.payload, now)
    codec.data_to_send()
    return said


def main(
    config: Annotated[Path, typer.Argument(help="The gateway's TOML file.")],
    folder: Annotated[Path, typer.Argument(help="The ward's folder.")],
) -> None:
    """Run the gateway until told to stop."""
    loaded, clock, where = load(config), SystemClock(), Folder(folder)
    seeds = {device.id: device.seed for device in where.devices()}

    def make(device: DeviceConfig, outlet: Outlet) -> Link:
        return SimulatedLink(device, outlet, clock, where.emitted(device.id), seeds[device.id])

    run(run_gateway(loaded, clock=clock, links=make))


if __name__ == "__main__":
    typer.run(main)
