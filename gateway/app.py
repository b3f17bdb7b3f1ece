"""The gateway: puts the parts together and keeps them running.

    link ─▶ session ─▶ gather ─▶ keeper (journal) ─▶ uplink ─▶ controller
                └▶ alarms ─▶ gather

A part that fails is reported, counted and started again, and disturbs no other (`supervisor`).
"""

import asyncio
import os
import secrets
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from random import SystemRandom
from typing import TYPE_CHECKING

from devices.model.observation import Alert, DeviceEvent, Record
from devices.model.orders import LOOK_AT_QUALITY, Arguments
from devices.profiles import profile
from devices.wire.block import Lane
from devices.wire.messages import Birth
from gateway.admission import Admission
from gateway.alarms.alarm import Who as AtDevice
from gateway.alarms.bedside import Bedside
from gateway.alarms.technical import Alarms
from gateway.clock import Clock, SystemClock
from gateway.config import Config, DeviceConfig
from gateway.discovery import Locator
from gateway.enrolment.identity import IdentityFolder
from gateway.fleet import Fleet
from gateway.gather import Gather, Who
from gateway.heads import HeadFile
from gateway.itself import ITSELF, OwnAlerts
from gateway.journal.journal import Committed, Journal
from gateway.journal.keeper import Keeper
from gateway.links import Link, Outlet
from gateway.links.make import make_link
from gateway.mec.edge import Edge
from gateway.metrics.part import observing
from gateway.onboard import Onboard, Reach
from gateway.orders.commands import Commands
from gateway.orders.done import DoneFile
from gateway.orders.held import Held
from gateway.orders.kept import ConfigurationFile
from gateway.orders.orders import Orders
from gateway.orders.settings import LogLevel, quota, with_settings
from gateway.outlet import DeviceOutlet
from gateway.quality.demand import Quality
from gateway.session import Session, monitoring
from gateway.shaping import Shaping
from gateway.supervisor import Supervisor
from gateway.updates.place import Place, software
from gateway.updates.updater import Updater
from gateway.uplink import Uplink

if TYPE_CHECKING:
    from gateway.links.ble_radio import BleRadio

_HAND_OVER_S = 2.0

LinkMaker = Callable[[DeviceConfig, Outlet], Link]


async def run(
    config: Config,
    *,
    radio: "BleRadio | None" = None,
    clock: Clock | None = None,
    links: LinkMaker | None = None,
    identity: IdentityFolder | None = None,
) -> None:
    """Run the gateway until cancelled. Raises ConfigError, IdentityError or JournalError: it cannot start.

    `radio` and `clock` are the host's, the links those of the devices' profiles, and the identity that in the
    data folder, unless others are given.
    """
    clock, data = clock or SystemClock(), config.gateway.data
    identity = identity or IdentityFolder(data / "identity")
    remote = ConfigurationFile(config.gateway.id, data / "orders" / "configuration.cose")
    configured = with_settings(config, await asyncio.to_thread(remote.load))
    opening = data / "journal", secrets.token_bytes(8), quota(configured), clock.block_clock()
    journal = await asyncio.to_thread(Journal.open, *opening)
    gateway = Gateway(config, clock, identity, journal, remote, radio, links)
    try:
        await gateway.serve()
    finally:
        await gateway.keeper.close()


@dataclass(slots=True)
class Gateway:
    """The running parts."""

    config: Config
    clock: Clock
    identity: IdentityFolder
    journal: Journal
    remote: ConfigurationFile
    """What the controller set; `config` is the gateway's own file."""
    radio: "BleRadio | None" = None
    links: LinkMaker | None = None
    gather: Gather = field(default_factory=Gather)
    alarms: Alarms = field(default_factory=Alarms)
    sessions: list[Session] = field(default_factory=list[Session])
    own: OwnAlerts = field(init=False)
    parts: Supervisor = field(init=False)
    keeper: Keeper = field(init=False)
    uplink: Uplink = field(init=False)
    admission: Admission = field(init=False)
    orders: Orders = field(init=False)
    updater: Updater = field(init=False)
    fleet: Fleet = field(init=False)
    bedside: Bedside = field(init=False)
    quality: Quality = field(init=False)
    onboard: Onboard = field(init=False)
    edge: Edge = field(init=False)
    level: LogLevel = field(default_factory=LogLevel)

    def __post_init__(self) -> None:
        self.parts = Supervisor(self.clock)
        self.own = OwnAlerts(self.alarms, self.clock, self._raise, self.sessions)
        self.keeper = Keeper(self.journal, self.gather, self.clock, self._committed)
        name, data = self.config.gateway.id, self.config.gateway.data
        self.quality = Quality(self.config.quality, self.clock, self._say, self.own.quality_refused)
        told = self._raise, self._say
        self.bedside = Bedside.of(self.config.alarms, data, self.clock, *told, vehicle=self.config.vehicle)
        reach = Reach(self._say, lambda: self.uplink, self.quality.watched, self.keeper)
        self.onboard = Onboard(self.config, self.clock, self.bedside, reach)
        self.edge = Edge(self.config.mec, self.clock, self.identity)
        controller = with_settings(self.config, self.remote.settings).controller
        locator = Locator(controller, hints=self.edge.addresses, now=self.clock.now, box=name)
        place, random, own = Place.of(os.environ, self.identity.path), SystemRandom(), self.own
        ways = {"serve": self._serve_device, "radio": self._radio, "changed": self._reborn}
        base = self.clock, self.gather, self.keeper, self.alarms
        self.fleet = Fleet(
            self.config, *base, **ways, gone=self.bedside.gone, sessions=self.sessions, identity=self.identity
        )
        self.fleet.configure(self.remote.settings)
        birth = Birth(self.journal.id, software(place), self.fleet.introduced())
        self.admission = Admission(self.config, self.identity, self.clock, locator, random, own.certificate)
        self.orders = self._orders()
        self.uplink = Uplink(
            birth=birth,
            gateway=name,
            keeper=self.keeper,
            clock=self.clock,
            locator=locator,
            identity=self.identity,
            counts=self.counts,
            random=random,
            refused=self.admission.refused,
            heads=HeadFile(data / "audit"),
            orders=self.orders,
        )
        self.gather.wait_ns, self.gather.second = self.uplink.shares.wait_ns, self.uplink.choice.is_second
        self.level.configure(self.remote.settings)
        self.updater = Updater(
            place,
            self.remote,
            self.clock,
            self._say,
            busy=lambda: monitoring(self.sessions, self.clock.now()),
            online=lambda: self.uplink.control.is_online,
            receipted=lambda: self.uplink.control.receipted(Lane.ALERT),
            alarm=self.own.update_failed,
        )

    def _orders(self) -> Orders:
        done = DoneFile(self.config.gateway.data / "orders" / "done.json")
        commands = Commands(self.config.gateway.id, self.clock, done, self._say, self.level.set)
        own = {LOOK_AT_QUALITY: self.quality.notified}
        commands.slow = {**self.fleet.commands, **self.onboard.commands, **self.bedside.commands, **own}
        commands.load()
        held = Held(self.remote, self.clock, self._say, self._apply)
        return Orders(self.identity, commands, held, self.own.order_refused)

    async def serve(self) -> None:
        """Until cancelled: then what waits is committed, and a controller that listens may take it."""
        self.admission.check()
        self.bedside.begin((Session.of(one).who for one in self.fleet.roster.devices), self.remote.settings)
        for found in self.journal.earlier:
            self.own.gaps(found.gaps)
        self.onboard.served(self.fleet.roster)
        await self.onboard.begin()
        uplink = asyncio.create_task(self.parts.keep("uplink", lambda: self.admission.run(self.uplink.run)))
        shaping = asyncio.create_task(self.parts.keep("shaping", Shaping(self.uplink.locator).run))
        try:
            await self._measure()
        finally:
            try:
                await self._hand_over()
            finally:
                self.orders.commands.end()
                self.uplink.end()
                uplink.cancel()
                shaping.cancel()
                await asyncio.wait({uplink, shaping})

    async def _measure(self) -> None:
        async with asyncio.TaskGroup() as group:
            parts = {"journal": self.keeper.run, "alarms": self.own.watch, "bedside": self.bedside.run}
            parts |= {"room": lambda: self.own.watch_room(self.keeper), **self.onboard.parts}
            parts |= {"updates": self.updater.run, "quality": self.quality.run}
            parts |= observing(self.config, self.uplink, self.sessions, self.fleet, self.bedside)
            group.create_task(self.orders.begin())
            for name, part in parts.items():
                group.create_task(self.parts.keep(name, part))
            found = self.uplink.locator, self.uplink.remark
            group.create_task(self.parts.keep("edge", lambda: self.edge.follow(*found)))
            group.create_task(self.parts.keep("finder", self.fleet.finder.run))
            # Told to stop, the devices end before the journal does: their last words are committed, too.
            await self.fleet.roster.run()

    async def _hand_over(self) -> None:
        """The last blocks are on disk and go at the next start; better that they go now."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_HAND_OVER_S):
                await self.uplink.control.drained()

    async def _serve_device(self, device: DeviceConfig) -> None:
        session = Session.of(device)
        self.sessions.append(session)

        def failed(error: Exception) -> None:
            alerts = self.alarms.failed(
                session.device, f"{type(error).__name__}: {error}"[:200], self.clock.now()
            )
            self._raise(session.who, alerts)

        async def connect() -> None:
            outlet = self._outlet(session)
            await self.fleet.robots.serve(device.id, (self.links or self._link)(device, outlet), outlet.host)

        await self.parts.keep(device.id, connect, failed)

    def _link(self, device: DeviceConfig, outlet: Outlet) -> Link:
        return make_link(device, profile(device.profile), self.clock, outlet, self._radio)

    def _radio(self) -> "BleRadio":
        """The radio, which all BLE devices share."""
        from gateway.links.ble_radio import BleRadio  # noqa: PLC0415 - it costs 20 MB

        self.radio = self.radio or BleRadio()
        self.fleet.finder.hear(self.radio)
        return self.radio

    def _outlet(self, session: Session) -> DeviceOutlet:
        memories = self.config.gateway.data / "devices"
        told = self.clock, self.alarms, self._raise, memories, self._heard
        return DeviceOutlet(session, self.gather, self.keeper, *told)

    def _heard(self, who: AtDevice, record: Record) -> None:
        self.bedside.heard(who, record)
        self.onboard.heard(who, record)

    def _raise(self, who: Who, alerts: Iterable[Alert]) -> None:
        for alert in alerts:
            self.gather.put(Lane.ALERT, who, alert, self.clock.now())
            self.keeper.put_in()
            self.quality.heard(who, alert)
            self.onboard.heard(who, alert)
            self.uplink.choice.heard(who, alert)

    def _committed(self, done: Committed) -> None:
        self.uplink.committed(done)
        self.own.gaps(done.gaps)

    async def _say(self, event: DeviceEvent) -> None:
        """An event of the gateway itself, into the journal; no backlog holds it up. Raises NotKept."""
        self.quality.happened(event)
        self.gather.put(Lane.ALERT, ITSELF, event, self.clock.now())
        await self.keeper.kept()

    def _apply(self, settings: Arguments) -> None:
        """What the controller sets is in force from now on."""
        self.fleet.configure(settings)
        self.bedside.settle(settings)
        config = with_settings(self.config, settings)
        self.journal.quota = quota(config)
        self.level.configure(settings)
        if config.controller != self.uplink.locator.config:
            self.uplink.locator.config = config.controller
            self.uplink.remark()

    def _reborn(self) -> None:
        self.uplink.reborn(replace(self.uplink.birth, devices=self.fleet.introduced()))
        self.onboard.served(self.fleet.roster)

    def counts(self) -> dict[str, int]:
        """The numbers of the gateway's health, all devices together."""
        total: Counter[str] = sum((session.counts for session in self.sessions), Counter[str]())
        return {
            **total,
            "alerts-active": self.alarms.active(),
            "failures": self.parts.failures.total(),
            "journal-damaged-bytes": sum(found.damaged_bytes for found in self.journal.earlier),
        }
