"""The devices of one gateway: which are served, what else is in reach, and the orders that are about them.

fleet = Fleet(config, clock, gather, keeper, alarms, sessions=…, serve=…, radio=…, changed=…)
fleet.configure(settings)          # the devices that are added from afar
await fleet.roster.run()
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from devices.model.observation import DeviceEvent, EventKind
from devices.model.orders import DISCOVER, FORGET, UPDATE_NODE, Arguments
from devices.profiles import BleLink, profile
from devices.wire.block import Lane
from devices.wire.messages import BirthDevice
from gateway.alarms.technical import Alarms
from gateway.clock import Clock
from gateway.config import Config, DeviceConfig
from gateway.enrolment.identity import IdentityFolder
from gateway.errors import NotKept
from gateway.finder import Finder
from gateway.firmware.shelf import Shelf
from gateway.firmware.updates import NodeUpdates
from gateway.gather import Gather, Who
from gateway.journal.keeper import Keeper
from gateway.memory import forget_memory
from gateway.orders.commands import Do
from gateway.orders.settings import added_devices
from gateway.robots import Robots
from gateway.roster import Roster, Serve
from gateway.session import Session

if TYPE_CHECKING:
    from gateway.links.ble_radio import BleRadio


class Fleet:
    """`serve` serves one device, `radio` gives the radio, `changed` is told when other devices are served,
    `gone` which one is no more."""

    def __init__(
        self,
        config: Config,
        clock: Clock,
        gather: Gather,
        keeper: Keeper,
        alarms: Alarms,
        *,
        sessions: Sequence[Session],
        identity: IdentityFolder,
        serve: Serve,
        radio: "Callable[[], BleRadio]",
        changed: Callable[[], None],
        gone: Callable[[str], None],
    ) -> None:
        self._memories = config.gateway.data / "devices"
        self._clock, self._gather, self._keeper, self._alarms = clock, gather, keeper, alarms
        self._radio, self._gone = radio, gone
        self.roster = Roster(config.devices, serve, self._left, changed)
        self.finder = Finder(clock, lambda: self.roster.devices, lambda event: self._put((None, None), event))
        updates = NodeUpdates(clock, lambda: self.roster.devices, sessions, Shelf(identity), self._put)
        own = {DISCOVER: self._discover, FORGET: self._forget}
        self.robots = Robots(clock)
        self.commands: Mapping[str, Do] = {**own, UPDATE_NODE: updates.update, **self.robots.commands}

    def configure(self, settings: Arguments) -> None:
        """Serve the devices that `settings`, which were checked, add to the file's own, and no others."""
        self.roster.add(added_devices(settings))

    def introduced(self) -> tuple[BirthDevice, ...]:
        """Those that are served, for the gateway's birth."""
        return tuple(
            BirthDevice(one.id, one.profile, one.bed, profile(one.profile).metrics)
            for one in self.roster.devices
        )

    def _put(self, who: Who, event: DeviceEvent) -> None:
        self._gather.put(Lane.VITAL, who, event, self._clock.now())
        self._keeper.put_in()

    def _left(self, device: DeviceConfig) -> None:
        """Nobody serves it any more: it does not stay connected, or lost, for ever."""
        session, now = Session.of(device), self._clock.now()
        self._gone(session.device)
        told = {"why": "not-served", "message": f"{device.id} is no longer among this gateway's devices"}
        for alert in self._alarms.left(session.device, now):
            self._gather.put(Lane.ALERT, session.who, alert, now)
        self._put(session.who, DeviceEvent(EventKind.DISCONNECTED, now, told))

    async def _discover(self, arguments: Arguments) -> None:
        """Raises Busy, LinkError."""
        await self.finder.listen(self._radio(), int(arguments["seconds"]))

    async def _forget(self, arguments: Arguments) -> None:
        """Serve it no more, and wipe what is kept of it: its memory, its bond, its receipted records.

        What has no receipt yet is measured and nobody else has it: it goes with its receipt.
        Raises LinkError, NotKept: something of it is still here.
        """
        device = str(arguments["device"])
        addresses = {str(arguments["address"]), *self._addresses(device)} - {""}
        await self.roster.forget(device)
        try:
            await asyncio.to_thread(forget_memory, self._memories, device)
            await self._keeper.kept()  # its last words, too, are in the files that go
            await self._keeper.turn_over()
        except OSError as error:
            raise NotKept(f"{device} is not wiped from the disk: {error}: check rights and space") from error
        for address in addresses:
            self.finder.forget(address)
            await self._radio().forget(address)

    def _addresses(self, device: str) -> set[str]:
        """Bluetooth addresses by which it is served: they need not be recorded at the controller."""
        served = [one for one in self.roster.devices if one.id == device]
        return {
            (one.address or "").upper() for one in served if isinstance(profile(one.profile).link, BleLink)
        }
