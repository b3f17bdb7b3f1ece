"""The physiological alarms of a gateway at work: fed by what devices say, kept on the disk, told at once.

bedside = Bedside.of(config.alarms, folder, clock, raise_, say)
bedside.begin(served, settings)       # tells again what an earlier start left active
bedside.heard(who, record)
bedside.patient("amb-1", stay, "child"); await bedside.set_limit(…); bedside.ended("amb-1")
bedside.settle(settings)              # who lies in a ward's beds from now on, and with which limits
await bedside.run()                   # escalates, and keeps what has changed
"""

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Any

from devices.model.alarm_limits import BOX_HIGH, BOX_LOW, Condition, PatientClass
from devices.model.identity import LocationId
from devices.model.observation import Alert, DeviceEvent, EventKind, Reading, Record, Waveform
from devices.model.orders import ACKNOWLEDGE, SET_LIMIT, Arguments
from gateway.alarms.alarm import Raised, Who
from gateway.alarms.kept import KeptFile
from gateway.alarms.patients import Moved, Patients
from gateway.alarms.physiological import Physiological
from gateway.alarms.rhythm.rhythm import Rhythm
from gateway.alarms.ward import Change, Fact, Ward, limit_fact
from gateway.clock import Clock
from gateway.config import AlarmsConfig
from gateway.errors import AlarmUnknown, LimitRefused, NotKept

Raise = Callable[[Who, Iterable[Alert]], None]
Say = Callable[[DeviceEvent], Awaitable[None]]
"""Puts an event of the gateway itself into the journal, and waits until it is there. Raises NotKept."""
Do = Callable[[Arguments], Awaitable[None]]
Json = dict[str, Any]
Kept = Callable[[], list[Json]]

TICK_S = 1.0
_NUMBERS = 2**30
_NOTHING: Arguments = MappingProxyType({})

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Bedside:
    """Alarms in one file, patients and their limits in another."""

    patients: Patients
    file: KeptFile
    limits: KeptFile
    clock: Clock
    raise_: Raise
    say: Say
    ward: Ward
    alarms: Physiological = field(init=False)
    rhythm: Rhythm = field(default_factory=Rhythm)
    _is_new: asyncio.Event = field(default_factory=asyncio.Event)
    _moved: asyncio.Event = field(default_factory=asyncio.Event)
    """Limits are to be kept."""
    _saving: asyncio.Lock = field(default_factory=asyncio.Lock)
    _unsaid: list[DeviceEvent] = field(default_factory=list[DeviceEvent])

    @classmethod
    def of(
        cls, config: AlarmsConfig, folder: Path, clock: Clock, raise_: Raise, say: Say, *, vehicle: str = ""
    ) -> "Bedside":
        """As configured; kept in `folder`. `vehicle`: the bed that is its crew's."""
        boxes = {place: {BOX_LOW: one.low, BOX_HIGH: one.high} for place, one in config.boxes.items()}
        patients = Patients(config.patients, config.beds, boxes)
        files = KeptFile(folder / "alarms.json"), KeptFile(folder / "limits.json")
        return cls(patients, *files, clock, raise_, say, Ward(patients, vehicle))

    def __post_init__(self) -> None:
        self.alarms = Physiological(self._limit, secrets.randbelow(_NUMBERS))

    def begin(self, served: Iterable[Who], settings: Arguments = _NOTHING) -> None:
        """What an earlier start left active is told again: as the same alarms.

        Of devices that are not `served` any more, or now at another bed, it ends; with who has left, too.
        `settings` are those in force (devices/model/lying.py).
        """
        try:
            self.patients.restore(self.limits.load())
        except (ArithmeticError, LookupError, TypeError, ValueError) as error:
            log.error("%s is another version's, limits are those of the class: %s", self.limits.path, error)
        try:
            self._tell(self.alarms.restore(self.file.load(), self.clock.now()))
        except TypeError as error:
            log.error("%s is another version's, alarms that still hold begin anew: %s", self.file.path, error)
        self._changed(self.ward.settle(settings))
        for who in {one.who for one in self.alarms.active}.difference(map(self.ward.where, served)):
            self.gone(who[0])
        self._say_soon(self.ward.state())

    # what devices say

    def heard(self, who: Who, record: Record) -> None:
        """A device said so."""
        who = self.ward.where(who)
        match record:
            case Reading():
                self._tell(self.alarms.measured(who, record))
            case Waveform():
                for reading in self.rhythm.heard(who, record):
                    self._tell(self.alarms.measured(who, reading))
            case DeviceEvent(kind=EventKind.DISCONNECTED):
                self.rhythm.gone(who[0])
                self._tell(self.alarms.lost(who[0], record.at))
            case _:
                pass

    def gone(self, device: str) -> None:
        """Nobody serves it any more."""
        self.rhythm.gone(device)
        self._tell(self.alarms.gone(device, self.clock.now()))

    # what people say

    @property
    def commands(self) -> Mapping[str, Do]:
        """What people far away may do."""
        return {ACKNOWLEDGE: self.acknowledge, SET_LIMIT: self.ordered}

    async def acknowledge(self, arguments: Arguments) -> None:
        """`by` has seen the alarm of that number, of the `crew` or in the hospital. Raises AlarmUnknown."""
        number, by = int(arguments["alarm"]), str(arguments.get("by", ""))
        if number not in {one.number for one in self.alarms.active}:
            raise AlarmUnknown(f"alarm {number} is over")
        self._tell(self.alarms.acknowledge(number, self.clock.now(), by, is_crew="crew" in arguments))

    def patient(self, bed: str, stay: str, patient: str) -> None:
        """Who is at `bed` from now on, and of which class; the same `stay` again: more is known of them."""
        before, now = self.patients.begin(bed, stay, PatientClass(patient))
        if before == now:
            return
        self._moved.set()
        self.alarms.forget_limits(LocationId(bed))
        if before is not None and before.id != stay:
            self._tell(self.alarms.left(LocationId(bed), self.clock.now()))
        elif before is not None:
            ended = sorted(before.limits.keys() - now.limits.keys())
            self._say_soon(limit_fact(now, code, None, before.limits[code].by) for code in ended)

    def ended(self, bed: str) -> None:
        """Nobody is at `bed` any more: alarms and limits of who was end."""
        if self.patients.end(bed) is not None:
            self._moved.set()
            self._tell(self.alarms.left(LocationId(bed), self.clock.now()))

    def settle(self, settings: Arguments) -> None:
        """Who lies in the beds of a ward is as `settings` say, from now on; they are kept with the others.

        What is in force is told within a second, and again after each start.
        """
        change = self.ward.settle(settings)
        for device in change.moved:
            self.gone(device)
        self._changed(change)
        self._say_soon(change.facts)

    def _changed(self, change: Change) -> None:
        for bed in change.beds:
            self._moved.set()
            self.alarms.forget_limits(LocationId(bed))
        for bed in change.left:
            self._tell(self.alarms.left(LocationId(bed), self.clock.now()))

    async def set_limit(self, bed: str, stay: str, code: str, value: Decimal | None, by: str) -> None:
        """For this patient the limit of `code` is `value` now, or that of the class again (None).

        Kept and in the journal when it returns. Raises LimitRefused: nothing is changed; NotKept: it is in
        force, and the journal, or the next start, may not know.
        """
        async with self._saving:
            moved = self.patients.moved(bed, stay, code, value, by)
            try:
                await asyncio.to_thread(self.limits.save, self.patients.kept(moved))
            except OSError as error:
                raise LimitRefused(f"{self.limits.path}: the limit cannot be kept: {error}") from error
            if not self.patients.put(moved):
                self._moved.set()  # what was just kept is of a patient who left meanwhile
                raise LimitRefused(f"{bed}: the patient left while the limit was set: nothing is changed")
            self.alarms.forget_limits(LocationId(bed))
        fact = limit_fact(moved, code, None if value is None else Moved(value, by), by)
        await self.say(self._event(fact))

    async def ordered(self, arguments: Arguments) -> None:
        """The same from afar (SET_LIMIT). Raises LimitRefused, NotKept."""
        text = str(arguments["value"])
        whose = str(arguments["bed"]), str(arguments["stay"]), str(arguments["code"])
        await self.set_limit(*whose, Decimal(text) if text else None, str(arguments["by"]))

    def _say_soon(self, facts: Iterable[Fact]) -> None:
        self._unsaid += map(self._event, facts)

    def _event(self, fact: Fact) -> DeviceEvent:
        return DeviceEvent(fact[0], self.clock.now(), fact[1])

    def limits_of(self, bed: str) -> Json:
        """Whose limits hold at `bed`: `stay` ("": nobody's), `class`, and of that stay `moved`, by code."""
        stay = self.patients.at(bed)
        if stay is None:
            return {"stay": "", "class": str(self.patients.class_at(bed)), "moved": {}}
        moved = {code: {"value": float(one.value), "by": one.by} for code, one in stay.limits.items()}
        return {"stay": stay.id, "class": str(stay.patient), "moved": moved}

    # time

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            self._tell(self.alarms.tick(self.clock.now()))
            await self._keep(self._is_new, self.file, self.alarms.kept)
            async with self._saving:
                await self._keep(self._moved, self.limits, self.patients.kept)
            await self._say()
            await asyncio.sleep(TICK_S)

    async def _keep(self, new: asyncio.Event, file: KeptFile, kept: Kept) -> None:
        if not new.is_set():
            return
        new.clear()
        try:
            await asyncio.to_thread(file.save, kept())
        except OSError as error:
            new.set()
            log.error("%s: not kept for the next start: %s", file.path, error)

    async def _say(self) -> None:
        try:
            while self._unsaid:
                await self.say(self._unsaid[0])
                self._unsaid.pop(0)
        except NotKept as error:
            log.error("limits that ended are not in the journal yet: %s", error)

    def _tell(self, raised: Iterable[Raised]) -> None:
        for who, alert in raised:
            self._is_new.set()
            self.raise_(who, [alert])

    def _limit(self, condition: Condition, bed: LocationId | None) -> Decimal | None:
        return self.patients.limit(condition, bed)
