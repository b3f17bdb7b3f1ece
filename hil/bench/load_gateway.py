"""A gateway whose devices speak as fast as they are told.

`python -m hil.bench.load_gateway CONFIG RATE SECONDS`; everything after the links is the product's:
sessions, alarms, journal, uplink.
"""

import asyncio
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Annotated

import typer

from devices.model.observation import Reading
from gateway.app import run as run_gateway
from gateway.clock import SystemClock
from gateway.config import DeviceConfig, load
from gateway.links import Deliver, Link
from hil.sims.process import run

_TICK_S = 0.1


@dataclass(slots=True)
class LoadLink:
    """A device that gives `rate` readings a second for `seconds`, and is silent then."""

    deliver: Deliver
    rate: float
    seconds: float
    clock: SystemClock

    async def run(self) -> None:
        """Until cancelled; a tick that comes late gives what is due."""
        loop = asyncio.get_running_loop()
        began, given = loop.time(), 0
        while (passed := loop.time() - began) < self.seconds:
            due = int(passed * self.rate)
            self.deliver([self._reading(number) for number in range(given, due)])
            given = due
            await asyncio.sleep(_TICK_S)
        await asyncio.Event().wait()

    def _reading(self, number: int) -> Reading:
        return Reading("spo2", self.clock.now(), Decimal(90 + number % 10))


def main(
    config: Annotated[Path, typer.Argument(help="The gateway's TOML file.")],
    rate: Annotated[float, typer.Argument(help="Readings a second, all devices together.")],
    seconds: Annotated[float, typer.Argument(help="For how long.")],
) -> None:
    """Run the gateway until told to stop."""
    loaded, clock = load(config), SystemClock()

    def make(_: DeviceConfig, deliver: Deliver) -> Link:
        return LoadLink(deliver, rate / len(loaded.devices), seconds, clock)

    run(run_gateway(loaded, clock=clock, links=make))


if __name__ == "__main__":
    typer.run(main)
