"""The vehicle's box in virtual time: the real gateway, a monitor at the patient, and the crew's own hands."""

import asyncio
import random
from collections.abc import Coroutine
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import gateway.app
from devices.model.identity import DeviceId
from devices.model.observation import DeviceEvent, EventKind, Reading
from gateway.clock import KernelSync, SystemClock
from gateway.config import Config, DeviceConfig, GatewayConfig, JournalConfig
from gateway.config import ControllerConfig as UplinkConfig
from gateway.crew.case import Case
from gateway.enrolment.identity import IdentityFolder
from gateway.errors import AlarmUnknown, CaseConflict, NotKept
from gateway.links import Outlet
from hil.ambulance.patient import Sick
from hil.simulation.devices import Promises
from hil.simulation.loop import SimLoop
from hil.simulation.parts import BROKER, EPOCH_US, SimGateway

VEHICLE, MONITOR = "amb-1", "monitor"
BLIND_S = 60.0
"""A box that lost its power knows no time for so long."""
REACTS_S = 20.0
"""The crew has seen an alarm so long after it began."""
_QUOTA_MB = 64.0

Spoken = tuple[float, bytes, int, str, str]
"""Virtual seconds, boot, its microseconds, metric, value."""


@dataclass(slots=True)
class Script:
    """What happens at the vehicle, as the day goes: shared by all starts of the box."""

    sick: Sick | None = None
    began_s: float = 0.0
    """When the present run began."""
    is_flat: bool = False
    acts: list[tuple[float, EventKind, dict[str, str | int]]] = field(
        default_factory=list[tuple[float, EventKind, dict[str, str | int]]]
    )
    """What the crew will tell, in order, at virtual seconds."""
    said: list[Spoken] = field(default_factory=list[Spoken])
    told: list[tuple[float, EventKind, dict[str, str | int]]] = field(
        default_factory=list[tuple[float, EventKind, dict[str, str | int]]]
    )
    """What the journal has of it."""


class Box(SimGateway):
    """`gateway.app.run` with a monitor, and a crew that tells and acknowledges."""

    def __init__(self, loop: SimLoop, folder: Path, script: Script) -> None:
        super().__init__(loop, folder, _QUOTA_MB, Promises(), 1.0)
        self.script = script
        self.blind_until_s = 0.0
        device = DeviceConfig(id=MONITOR, profile="nonin-xpod", port="simulated", bed=VEHICLE)
        self.config = Config(
            gateway=GatewayConfig(id=self.config.gateway.id, data=self.config.gateway.data),
            controller=UplinkConfig(address=(BROKER,)),
            journal=JournalConfig(quota_mb=_QUOTA_MB),
            devices=[device],
        )
        self._shown_s: dict[int, float] = {}
        """Since when an alarm is on the page."""
        self._numbers = random.Random(loop.random.getrandbits(64))

    def _utc_ns(self) -> int:
        known = self.loop.now >= self.blind_until_s
        return EPOCH_US * 1000 + round(self.loop.now * 1e9) if known else 0

    def clock(self) -> SystemClock:
        """Of the present boot."""
        began = self.boots[self._boot]
        mono = lambda: round((self.loop.now - began) * 1e9)  # noqa: E731
        return SystemClock(self._boot, mono, self._utc_ns, lambda: KernelSync(True, 100))

    def main(self) -> Coroutine[Any, Any, None]:
        """See Part."""
        clock = self.clock()

        def link(device: DeviceConfig, outlet: Outlet) -> "Monitor":
            return Monitor(DeviceId(device.id), outlet, self, clock)

        return self._alive(
            gateway.app.run(self.config, clock=clock, links=link, identity=self._owner()), clock
        )

    def _owner(self) -> IdentityFolder:
        return IdentityFolder(self.identity)

    async def _alive(self, running: Coroutine[Any, Any, None], clock: SystemClock) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(running)
            group.create_task(self._crew(clock))

    async def _crew(self, clock: SystemClock) -> None:
        """Does what the script says; after a restart it looks at the page and goes on."""
        while self.running is None:  # noqa: ASYNC110 - in virtual time it costs nothing
            await asyncio.sleep(0.5)
        box = self.running
        case = Case(VEHICLE, self.disk.folder / "crew", clock, box._say, self._id)
        case.load()
        await case.tell_untold()
        while True:
            await self._acts(case)
            await self._acknowledges(box)
            await asyncio.sleep(0.5)

    def _id(self) -> str:
        return f"{self._numbers.getrandbits(64):016x}"

    async def _acts(self, case: Case) -> None:
        while self.script.acts and self.script.acts[0][0] <= self.loop.now:
            when, kind, detail = self.script.acts[0]
            try:
                if not _is_there(case, kind, detail):
                    await case.tell(kind, detail, "Kim")
            except (CaseConflict, NotKept):
                return  # it is not so yet, or there is no room: tried again
            self.script.acts.pop(0)
            self.script.told.append((when, kind, detail))

    async def _acknowledges(self, box: gateway.app.Gateway) -> None:
        for alarm in box.bedside.alarms.active:
            since_s = self._shown_s.setdefault(alarm.number, self.loop.now)
            if not alarm.is_seen and self.loop.now - since_s > REACTS_S:
                try:
                    await box.bedside.acknowledge({"alarm": alarm.number})
                except AlarmUnknown:
                    continue


def _is_there(case: Case, kind: EventKind, detail: dict[str, str | int]) -> bool:
    """Whether the page shows it already: the box died between keeping it and saying so."""
    stay = case.content.stay
    if kind is EventKind.MARK:
        return any(mark["text"] == detail["text"] for mark in case.content.marks)
    match detail["action"]:
        case "begin":
            return stay is not None and stay["name"] == detail["name"]
        case "identify":
            return stay is not None and stay["identifier"] == detail["identifier"]
        case _:
            return stay is None


@dataclass(slots=True)
class Monitor:
    """The monitor at the patient: a `Link` of the gateway."""

    name: DeviceId
    outlet: Outlet
    box: Box
    clock: SystemClock

    async def run(self) -> None:
        """Each second, while it has power and a patient."""
        is_on = True
        self._event(EventKind.CONNECTED)
        while True:
            await asyncio.sleep(1.0)
            script = self.box.script
            if is_on != (not script.is_flat):
                is_on = not script.is_flat
                self._event(EventKind.CONNECTED if is_on else EventKind.DISCONNECTED)
            if is_on and script.sick is not None:
                self._measure(script, script.sick)

    def _event(self, kind: EventKind) -> None:
        self.outlet([DeviceEvent(kind, self.clock.now(), {})])

    def _measure(self, script: Script, sick: Sick) -> None:
        now, at_s = self.clock.now(), self.box.loop.now
        values = sick.says(at_s - script.began_s)
        self.outlet([Reading(metric, now, value) for metric, value in values.items()])
        script.said += [
            (at_s, self.clock.boot, now // 1000, name, _text(value)) for name, value in values.items()
        ]


def _text(value: Decimal) -> str:
    return f"{float(value):.1f}"
