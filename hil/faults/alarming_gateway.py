"""A gateway whose devices write down all that they say, and raise an alarm when told to.

`python -m hil.faults.alarming_gateway CONFIG EMITTED RATE SECONDS LIVE_RATE`: all devices together give RATE
readings/s for SECONDS, then LIVE_RATE. At each SIGUSR1 the next device is lost, which is an alert. Everything
after the links is the product's. In the folder EMITTED there is a file a device, as `hil.sims.emitted` has
it; its metric `lost` is the alert.
"""

import asyncio
import signal
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Annotated

import typer

from devices.model.observation import DeviceEvent, EventKind, Reading
from gateway.app import run as run_gateway
from gateway.clock import SystemClock
from gateway.config import DeviceConfig, load
from gateway.links import Deliver, Link
from hil.sims.emitted import Emitted
from hil.sims.process import run

ALARM = "lost"
_TICK_S = 0.1


@dataclass(slots=True)
class SpeakingLink:
    """One device: `rate` readings a second for `seconds`, and `live_rate` from then on."""

    deliver: Deliver
    emitted: Emitted
    rate: float
    seconds: float
    live_rate: float
    clock: SystemClock = field(default_factory=SystemClock)
    _given: int = 0

    async def run(self) -> None:
        """Until cancelled; a tick that comes late gives what is due."""
        with self.emitted:
            loop = asyncio.get_running_loop()
            began = loop.time()
            while True:
                self._give(self._due(loop.time() - began))
                await asyncio.sleep(_TICK_S)

    def _due(self, passed: float) -> int:
        return int(min(passed, self.seconds) * self.rate + max(0.0, passed - self.seconds) * self.live_rate)

    def _give(self, due: int) -> None:
        readings: list[Reading] = []
        for number in range(self._given, due):
            at, value = self.clock.now(), 80 + number % 20
            self.emitted.sent(at, {"spo2": value})
            readings.append(Reading("spo2", at, Decimal(value)))
        self._given = due
        self.deliver(readings)

    def alarm(self) -> None:
        """The device is lost."""
        at = self.clock.now()
        self.emitted.sent(at, {ALARM: None})
        self.deliver([DeviceEvent(EventKind.DISCONNECTED, at, {"why": "the campaign"})])


async def serve(config: Path, emitted: Path, rate: float, seconds: float, live_rate: float) -> None:
    """Until cancelled. Raises ConfigError or JournalError when it cannot start."""
    loaded, links = load(config), list[SpeakingLink]()
    share = len(loaded.devices)

    def make(device: DeviceConfig, deliver: Deliver) -> Link:
        record = Emitted(emitted / f"{device.id}.jsonl")
        links.append(SpeakingLink(deliver, record, rate / share, seconds, live_rate / share))
        return links[-1]

    turns = _turns(links)
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, lambda: next(turns).alarm())
    await run_gateway(loaded, links=make)


def _turns(links: list[SpeakingLink]) -> Iterator[SpeakingLink]:
    """One device after the other."""
    yield from links


def main(
    config: Annotated[Path, typer.Argument(help="The gateway's TOML file.")],
    emitted: Annotated[Path, typer.Argument(help="Folder for what the devices say.")],
    rate: Annotated[float, typer.Argument(help="Readings a second at first, all devices together.")],
    seconds: Annotated[float, typer.Argument(help="For how long.")],
    live_rate: Annotated[float, typer.Argument(help="Readings a second after that.")],
) -> None:
    """Run the gateway until told to stop."""
    run(serve(config, emitted, rate, seconds, live_rate))


if __name__ == "__main__":
    typer.run(main)
