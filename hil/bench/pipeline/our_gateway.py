"""A gateway whose devices say what an order wants (`source`).

`python -m hil.bench.pipeline.our_gateway CONFIG ORDERS DATABASE FOLDER`. Everything after the links is the
product's. SIGUSR1: the first device is lost, which is an alarm. While an order wants it recorded, the devices
wait for the gateway's word that their readings are on its disk, and `FOLDER/accepted` has a line "device µs"
for each.
"""

import asyncio
import signal
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Annotated

import typer

from devices.codecs import Host, Said
from devices.model.observation import DeviceEvent, EventKind, Instant, Reading
from gateway.app import run as run_gateway
from gateway.clock import Clock, SystemClock
from gateway.config import DeviceConfig, load
from gateway.links import Link, Outlet
from hil.bench.pipeline.source import DEVICES, LARGEST_STEP, Order, Source, counter
from hil.sims.process import run

_VALUES = [Decimal(90 + n) for n in range(10)]


@dataclass(slots=True)
class SilentLink:
    """A device that says nothing by itself."""

    device: str
    outlet: Outlet
    latest: int = 0
    """When its last reading was measured, ns."""

    async def run(self) -> None:
        """Until cancelled."""
        await asyncio.Event().wait()

    def say(self, numbers: range, now: Instant) -> Iterator[Reading]:
        """Readings, each a microsecond or more after the one before."""
        for number in numbers:
            self.latest = at = Instant(max(now, self.latest + 1000))
            yield Reading("spo2", at, _VALUES[number % 10])


@dataclass(slots=True)
class Ward:
    """All devices."""

    folder: Path
    clock: Clock
    devices: int = DEVICES
    links: list[SilentLink] = field(default_factory=list[SilentLink])
    complete: asyncio.Event = field(default_factory=asyncio.Event)
    """Every device has its link."""

    def link(self, device: DeviceConfig, outlet: Outlet) -> Link:
        """See `gateway.app.LinkMaker`."""
        self.links.append(SilentLink(device.id, outlet))
        if len(self.links) == self.devices:
            (self.folder / "ready").touch()
            self.complete.set()
        return self.links[-1]

    async def say(self, order: Order, first: int, end: int) -> None:
        """See `source.Say`: `order.together` readings of each device, the devices in turn."""
        said: list[tuple[str, int]] = []
        now = self.clock.now()
        for number in range(first, end, order.together):
            link = self.links[number // order.together % order.devices]
            readings = list(link.say(range(number, number + order.together), now))
            link.outlet(readings)
            if order.recorded:
                said += [(link.device, reading.at // 1000) for reading in readings]
        if order.recorded:
            await self._acknowledged(said)

    async def _acknowledged(self, said: list[tuple[str, int]]) -> None:
        await self.links[0].outlet.kept()
        with (self.folder / "accepted").open("a", encoding="ascii") as file:
            file.writelines(f"{device} {at}\n" for device, at in said)

    def alarm(self) -> None:
        """The first device is lost."""
        at = self.clock.now()
        self.links[0].outlet([DeviceEvent(EventKind.DISCONNECTED, at, {"why": "the benchmark"})])


@dataclass(slots=True)
class _Nobody:
    """An outlet that forgets: what making the load costs by itself."""

    host: Host

    def __call__(self, said: Sequence[Said]) -> None:
        """See `Outlet`."""

    async def kept(self) -> None:
        """See `Outlet`."""

    async def remember(self) -> None:
        """See `Outlet`."""


async def alone_us(together: int, readings: int = 120_000) -> float:
    """Processor time of the load itself, µs a reading that is said."""
    clock = SystemClock()
    ward = Ward(Path(), clock)
    ward.links = [SilentLink(f"dev-{n}", _Nobody(Host(clock.local_time))) for n in range(DEVICES)]
    began = time.process_time()
    for first in range(0, readings, LARGEST_STEP):
        await ward.say(Order(1, together), first, first + LARGEST_STEP)
    return (time.process_time() - began) * 1e6 / readings


async def serve(config: Path, orders: Path, database: Path, folder: Path) -> None:
    """Until cancelled. Raises ConfigError or JournalError when it cannot start."""
    loaded, clock = load(config), SystemClock()
    ward = Ward(folder, clock, len(loaded.devices))
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, ward.alarm)
    source = Source(orders, counter(database, "observation"), ward.say)
    async with asyncio.TaskGroup() as group:
        group.create_task(source.run(ward.complete))
        group.create_task(run_gateway(loaded, clock=clock, links=ward.link))


def main(
    config: Annotated[Path, typer.Argument(help="The gateway's TOML file.")],
    orders: Annotated[Path, typer.Argument(help="The file of orders.")],
    database: Annotated[Path, typer.Argument(help="The controller's, to see what is stored.")],
    folder: Annotated[Path, typer.Argument(help="For what was accepted.")],
) -> None:
    """Run the gateway until told to stop."""
    run(serve(config, orders, database, folder))


if __name__ == "__main__":
    typer.run(main)
