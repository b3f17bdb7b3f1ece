"""A ward's gateway as far as its patients go: the real judge of alarms, on its own disk, and no wires.

box = WardBox(store, clock, tmp_path / "box", "gw-a")
await box.hear()          # it is connected: takes the newest configuration, and says what holds
box.restart()
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from controller.clock import Clock
from controller.orders.followed import LATEST, read_configuration
from controller.store import Store
from devices.model.alarm_limits import CONDITIONS, PatientClass
from devices.model.identity import DeviceId, LocationId
from devices.model.observation import Alert, DeviceEvent
from devices.model.orders import Arguments, check_settings
from gateway.alarms.alarm import Who
from gateway.alarms.bedside import Bedside
from gateway.clock import SystemClock
from gateway.config import AlarmsConfig
from tests.support.crew import write_events

USUAL = AlarmsConfig()


class WardBox:
    """`served`: its devices, and their beds by its own file."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        folder: Path,
        gateway: str = "gw-a",
        *,
        config: AlarmsConfig = USUAL,
        served: Mapping[str, str] | None = None,
    ) -> None:
        self.store, self.gateway, self.folder, self.config = store, gateway, folder, config
        self.served = [(DeviceId(one), LocationId(bed)) for one, bed in (served or {}).items()]
        self.revision, self.settings = 0, dict[str, str | int]()
        self.alerts: list[tuple[Who, str, bool]] = []
        self._clock = SystemClock()
        self._began_us = clock.now_us() - self._clock.now() // 1000
        self.restart()

    def restart(self) -> None:
        """Another process on the same disk, where the configuration is kept, too."""
        self._said: list[DeviceEvent] = []
        self.bedside = Bedside.of(self.config, self.folder, self._clock, self._raised, self._say)
        self.bedside.begin(self.served, self.settings)

    def _raised(self, who: Who, alerts: Iterable[Alert]) -> None:
        self.alerts += [(who, one.code, one.active) for one in alerts]

    async def _say(self, event: DeviceEvent) -> None:
        self._said.append(event)

    def take(self, revision: int, settings: Arguments) -> None:
        """As the gateway takes one that is newer, and no other."""
        if revision > self.revision:
            check_settings(settings)
            self.revision, self.settings = revision, dict(settings)
            self.bedside.settle(settings)

    async def hear(self) -> None:
        """It is connected for a moment."""
        for row in await self.store.read(LATEST, (self.gateway,)):
            sent = read_configuration(row)
            self.take(sent.revision, sent.settings)
        await self.tell()

    async def tell(self) -> None:
        """What it has said so far arrives."""
        await self.bedside._say()
        said, self._said = self._said, []
        await write_events(self.store, self.gateway, self._began_us, *said)

    def limit(self, code: str, bed: str, device: str = "") -> str:
        """By which a value of `device`, or of one that is at `bed` by its own file, is judged."""
        at = self.bedside.ward.where((DeviceId(device), LocationId(bed)))[1]
        return str(self.bedside.patients.limit(CONDITIONS[code], at))

    def whose(self, bed: str) -> dict[str, Any]:
        """Whose limits hold there."""
        return self.bedside.limits_of(bed)


def with_classes(usual: str = "adult", **beds: str) -> AlarmsConfig:
    """`[alarms]` of a gateway's file; `bed_1` is bed-1."""
    of_beds = {name.replace("_", "-"): PatientClass(one) for name, one in beds.items()}
    return AlarmsConfig(patients=PatientClass(usual), beds=of_beds)
