"""The physiological alarms of a gateway at work: fed by what devices say, kept on the disk, told at once.

bedside = Bedside.of(config.alarms, folder, clock, raise_)
bedside.begin(served)                 # tells again what an earlier start left active
bedside.measured(who, reading)
await bedside.run()                   # escalates, and keeps what has changed
"""

import asyncio
import logging
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from devices.model.identity import LocationId
from devices.model.observation import Alert, Reading
from devices.model.orders import Arguments
from gateway.alarms.kept import AlarmFile
from gateway.alarms.limits import Condition, PatientClass
from gateway.alarms.physiological import Physiological, Raised, Who
from gateway.clock import Clock
from gateway.config import AlarmsConfig
from gateway.errors import AlarmUnknown

Raise = Callable[[Who, Iterable[Alert]], None]

TICK_S = 1.0
_NUMBERS = 2**30

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Bedside:
    """`usual` is the class of patients here, `beds` that of single beds where it is another."""

    usual: PatientClass
    beds: Mapping[str, PatientClass]
    file: AlarmFile
    clock: Clock
    raise_: Raise
    alarms: Physiological = field(init=False)
    _is_new: asyncio.Event = field(default_factory=asyncio.Event)

    @classmethod
    def of(cls, config: AlarmsConfig, folder: Path, clock: Clock, raise_: Raise) -> "Bedside":
        """As configured; kept in `folder`."""
        return cls(config.patients, config.beds, AlarmFile(folder / "alarms.json"), clock, raise_)

    def __post_init__(self) -> None:
        self.alarms = Physiological(self._limit, secrets.randbelow(_NUMBERS))

    def begin(self, served: Iterable[str]) -> None:
        """What an earlier start left active is told again: as the same alarms.

        Of devices that are not `served` any more it ends.
        """
        try:
            self._tell(self.alarms.restore(self.file.load(), self.clock.now()))
        except TypeError as error:
            log.error("%s is another version's, alarms that still hold begin anew: %s", self.file.path, error)
        for device in {one.device for one in self.alarms.active}.difference(served):
            self.gone(device)

    def measured(self, who: Who, reading: Reading) -> None:
        """A device said so."""
        self._tell(self.alarms.measured(who, reading))

    def gone(self, device: str) -> None:
        """Nobody serves it any more."""
        self._tell(self.alarms.gone(device, self.clock.now()))

    async def acknowledge(self, arguments: Arguments) -> None:
        """Somebody has seen the alarm of that number. Raises AlarmUnknown."""
        number = int(arguments["alarm"])
        if number not in {one.number for one in self.alarms.active}:
            raise AlarmUnknown(f"alarm {number} is over")
        self._tell(self.alarms.acknowledge(number, self.clock.now()))

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            self._tell(self.alarms.tick(self.clock.now()))
            if self._is_new.is_set():
                self._is_new.clear()
                await self._keep()
            await asyncio.sleep(TICK_S)

    async def _keep(self) -> None:
        try:
            await asyncio.to_thread(self.file.save, self.alarms.kept())
        except OSError as error:
            log.error("%s: alarms are not kept for the next start: %s", self.file.path, error)

    def _tell(self, raised: Iterable[Raised]) -> None:
        for who, alert in raised:
            self._is_new.set()
            self.raise_(who, [alert])

    def _limit(self, condition: Condition, bed: LocationId | None) -> Decimal:
        return condition.limits[self.beds.get(bed or "", self.usual)]
