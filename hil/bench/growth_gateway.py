"""What one device more costs a gateway that has 10, 100 or 1,000 of them.

`python -m hil.bench.growth_gateway CONFIG PERIOD` is the product's gateway with devices that measure once in
PERIOD seconds; everything after their links is real. `measure` runs it at each size.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Annotated

import typer

from devices.model.observation import Quality, Reading
from gateway.app import run as run_gateway
from gateway.clock import SystemClock
from gateway.config import DeviceConfig, load
from gateway.links import Link, Outlet
from hil.bench.growth import Say, Size, told
from hil.bench.listen import listening
from hil.bench.site import kept, site
from hil.prepare import write_gateway_config
from hil.sims.process import run
from hil.ward import HEART_RATE, Ward, WardDevice, radio_address

SIZES = (10, 100, 1_000)
_SETTLE_S = 10.0


@dataclass(slots=True)
class SeldomLink:
    """A device that gives one reading every `period_s`, beginning after `phase_s`."""

    outlet: Outlet
    clock: SystemClock
    period_s: float
    phase_s: float

    async def run(self) -> None:
        """Until cancelled."""
        loop, number = asyncio.get_running_loop(), 0
        due = loop.time() + self.phase_s
        while True:
            await asyncio.sleep(due - loop.time())
            value = Decimal(50 + number % 100)
            self.outlet([Reading("hr", self.clock.now(), value, None, Quality.GOOD)])
            number, due = number + 1, due + self.period_s


async def measure(
    folder: Path, sizes: Sequence[int], period_s: float, seconds: float, say: Say
) -> list[Size]:
    """Every size once, smallest first, and before them none at all. Raises NotReady."""
    measured: list[Size] = []
    for devices in (0, *sizes):
        measured.append(await _size(folder / str(devices), devices, period_s, seconds))
        say(told(measured[-1]))
    return measured


async def _size(root: Path, devices: int, period_s: float, seconds: float) -> Size:
    names = range(devices)
    ward = Ward((), tuple(WardDevice(f"dev-{n}", HEART_RATE, "hall", n, radio_address(1, n)) for n in names))
    async with site(root, ward) as here, listening(here) as heard:
        config = write_gateway_config(here.folder, ward, f"mqtts://127.0.0.1:{here.mqtt_port}")
        gateway = kept(here.folder, "gateway", "hil.bench.growth_gateway", str(config), str(period_s))
        await gateway.start()
        try:
            assert gateway.pid is not None
            await asyncio.sleep(_SETTLE_S + period_s)
            watched = await heard.watch({"gateway": gateway.pid}, seconds)
        finally:
            await gateway.stop()
        missing = sum(row.missing + (row.duplicated or 0) for row in await here.ledger())
        return Size(
            devices,
            watched.used,
            screen_ms=heard.delays_ms(watched),
            events_per_s=watched.events_per_s,
            lost=missing,
        )


def main(
    config: Annotated[Path, typer.Argument(help="The gateway's TOML file.")],
    period: Annotated[float, typer.Argument(help="Seconds between two readings of a device.")],
) -> None:
    """Run the gateway until told to stop."""
    loaded, clock = load(config), SystemClock()
    phases = {device.id: period * n / len(loaded.devices) for n, device in enumerate(loaded.devices)}

    def make(device: DeviceConfig, outlet: Outlet) -> Link:
        return SeldomLink(outlet, clock, period, phases[device.id])

    run(run_gateway(loaded, clock=clock, links=make))


if __name__ == "__main__":
    typer.run(main)
