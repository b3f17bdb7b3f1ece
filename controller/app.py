"""The controller as one process: starts its parts, keeps them running, ends them in order."""

import asyncio
import json
import logging
import os
import secrets
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from functools import partial

from aiohttp import web

from controller.anchors import Anchors
from controller.announce import Announcer
from controller.api.app import make_app
from controller.api.configured import add_configured
from controller.api.elsewhere import add_passing
from controller.api.gateways import LettingIn
from controller.api.partners_context import meeting
from controller.arrivals.corridor import green_lights
from controller.arrivals.topics import ANSWERS
from controller.arrivals.trend import Trend
from controller.audit.service import AuditService
from controller.bedside.settle import Settler
from controller.brokers import each
from controller.clock import Clock, SystemClock
from controller.cluster.choice import chosen
from controller.cluster.links import Links
from controller.config import Config
from controller.crew.follower import Follower
from controller.crew.still_keeper import StillKeeper
from controller.discovery import announced
from controller.files import write_private
from controller.firmware.serve import add_firmware
from controller.history.keeper import Keeper
from controller.hub import Hub
from controller.identity.addresses import told_addresses
from controller.identity.certificates import moment
from controller.identity.claims import used_twice
from controller.identity.est import make_est_app
from controller.identity.files import FOLDER
from controller.identity.lifetimes import Endings
from controller.identity.provisioning import Provisioning
from controller.identity.receipts import signed_receipt
from controller.identity.site import SiteIdentity
from controller.identity.waiting import WaitingBoxes
from controller.imaging.child import ImagingChild
from controller.ingest import Arrived
from controller.intake import Intake
from controller.inventory.watch import Watch
from controller.kept import kept
from controller.ledger import Ledger
from controller.listening import listening
from controller.metrics.sources import SOURCES, Sources
from controller.only_one import only_one
from controller.orders.desk import OrderDesk
from controller.orders.sender import Sender
from controller.orders.signing import Signer
from controller.plan import Planner
from controller.ports import free_port
from controller.prescriptions.service import by_themselves
from controller.presence import Presence
from controller.recordings_expiry import expiry
from controller.registry import Registry
from controller.sections import ListenSection
from controller.shards.duty import Duty
from controller.shards.peers import Parts, Peers
from controller.software.offered import FOLDER as SOFTWARE
from controller.software.serve import add_updates
from controller.store import Store
from controller.store.restamp import load_anchors
from controller.store.scale import Since, begin_scale
from devices.wire import topics
from devices.wire.messages import AuditHead, pack_message

log = logging.getLogger(__name__)


async def run(config: Config, duty: Duty | None = None) -> None:
    """Run until cancelled; `duty` is told whose turn it is. Raises ControllerError when it cannot start."""
    async with AsyncExitStack() as stack:
        stack.enter_context(only_one(config.data))
        store = await Store.open(config.where, folder=config.data)
        stack.push_async_callback(store.close)
        clock = SystemClock()
        since = await begin_scale(store, clock)
        peers = Peers(config, duty or Duty(is_shared=config.cluster.replicas))
        await peers.check(store)
        await _Controller(config, store, clock, since, peers).run(stack)


class _Controller:
    """The parts, wired to each other."""

    def __init__(self, config: Config, store: Store, clock: Clock, since: Since, peers: Peers) -> None:
        self._config, self._peers = config, peers
        self._store, self._clock, self._since = store, clock, since
        session = secrets.token_bytes(8)
        self._hub = Hub(self._clock, session.hex())
        self._registry = Registry(store, self._hub, self._clock)
        self._ledger, self._anchors = Ledger(), Anchors()
        self._announcer = Announcer(self._hub, Presence(), self._clock)
        met, names = config.partners, (*config.controller.names, config.http.host)
        hosts = (*names, config.mqtt.host, config.est.host, *(met.hosts if met else ()))
        self._identity = SiteIdentity(config.data / FOLDER, hosts, clock, site=met.site if met else "")
        where = config.mqtt, config.data, self._identity.folder
        self._broker = chosen(*where, clock, self._announcer.broker_told)
        told = self._arrived, self._announcer.broker_lost
        also, shown = (f"{ANSWERS}+", *peers.also), peers.session(session)
        self._mqtt = Links(self._broker, shown, self._clock, *told, also=also, shared=peers.are)
        held = {"store": store, "registry": self._registry, "hub": self._hub, "clock": clock}
        self._trend = Trend(self._registry, self._hub, clock)
        self._corridor = green_lights(config.arrivals, **held, publish=self._mqtt.send)
        signer = Signer(self._identity.authority)
        parts = *(store, clock, self._registry, self._ledger, self._anchors), self._announcer, self._hub
        guard = peers.join(session, Parts(*parts, self._mqtt, since.us, since.shown_us))
        self._endings = Endings(self._announcer.certificate_ends)
        self._intake = Intake(
            store=store,
            ledger=self._ledger,
            planner=Planner(self._ledger, self._anchors, self._registry),
            registry=self._registry,
            announcer=self._announcer,
            clock=self._clock,
            send=self._mqtt.send,
            rebirth=signer.rebirth,
            guard=guard,
        )
        peers.watches(self._intake)
        ways = {"send": self._mqtt.send, "retain": self._mqtt.retain}
        self._orders = Sender(OrderDesk(store, clock), clock, signer, **ways)
        self._orders.serves = peers.serves
        self._audit = AuditService(config, store, clock, self._identity.authority, self._publish_head)
        self._audit.only = peers.duty.only
        self._crew = Follower(store, self._registry, clock, self._hub)
        self._announcer.crew_told = self._crew.wake
        self._watch, self._waiting = Watch(store, self._registry, self._hub, clock), WaitingBoxes()
        self._keeper = Keeper(store, clock, config.history, {"recordings": expiry(store, clock, config)})
        ca = self._identity.folder
        self._imaging = config.imaging and ImagingChild(config.data, config.imaging, names, ca)
        self._stills = StillKeeper(store, clock, self._imaging.service.client if self._imaging else None)

    async def run(self, stack: AsyncExitStack) -> None:
        """Start in the order in which parts need each other; `stack` ends them the other way round."""
        await self._load()
        self._broker.prepare()
        await self._admit()
        http = await stack.enter_async_context(self._served())
        est = await stack.enter_async_context(self._enrolling())
        only = self._peers.duty.only
        reminders = self._store, self._clock, self._registry, self._hub, self._config.prescriptions
        for name, part in (
            ("broker", self._broker.run),
            ("intake", self._intake.run),
            ("mqtt", self._mqtt.run),
            ("housekeeping", self._housekeeping),
            ("history", only(self._keeper.run)),
            ("audit", self._audit.run),
            ("orders", self._orders.run),
            ("inventory", self._watch.run),
            ("corridor", only(self._corridor.run)),
            ("trend", self._trend.run),
            ("crew", only(self._crew.run)),
            ("stills", only(self._stills.run)),
            ("beds", only(Settler(self._store, self._clock).run)),
            *((name, only(part)) for name, part in by_themselves(*reminders)),
            *self._peers.parts(http),
        ):
            await stack.enter_async_context(kept(name, part))
        if self._broker.own:
            await self._mqtt.connected.wait()
        stack.enter_context(self._addresses(http, est))
        where = self._config.controller.id, self._broker.host, self._broker.port
        await stack.enter_async_context(announced(*where, self._config.discovery.interfaces))
        await stack.enter_async_context(self._waiting.watched(self._config.discovery.interfaces))
        await asyncio.Event().wait()

    def _arrived(self, arrived: Arrived) -> None:
        if self._peers.heard(arrived):
            return
        if arrived.topic.startswith(ANSWERS):
            self._corridor.heard(arrived.topic, arrived.payload)
        else:
            self._intake.offer(arrived)

    async def _load(self) -> None:
        await self._registry.load()
        await self._ledger.load(self._store)
        await load_anchors(self._store, self._anchors, self._since.us)
        # What has no true age is not shown.
        await self._announcer.restore(self._store, self._since.shown_us)

    async def _housekeeping(self) -> None:
        """Every second: the time for the pages, and what other processes changed in the registry."""
        while True:
            self._hub.tick()
            self._announcer.clock_is(self._clock.utc_us() - self._clock.now_us())
            await self._registry.refresh()
            self._identity.refresh(self._broker)
            self._endings.look(self._identity.ends(), moment(self._clock.utc_us() // 1_000_000))
            self._announcer.used_twice(await used_twice(self._store))
            await self._admit()
            await asyncio.sleep(1)

    def _publish_head(self, line: str) -> None:
        self._mqtt.retain(topics.AUDIT_HEAD, pack_message(AuditHead(line)))

    async def _admit(self) -> None:
        await self._identity.admit(self._store, self._broker)

    @asynccontextmanager
    async def _served(self) -> AsyncIterator[str]:
        """The API and the pages, inside the block. Gives their address."""
        config, http = self._config, self._config.http
        app = make_app(
            *(self._hub, self._registry, self._store, self._clock),
            login=config.login,
            oidc=config.oidc,
            signing=config.signing,
            payments=config.payments,
            telemedicine=config.telemedicine,
            partners=config.partners,
            robots=config.robots,
            prescriptions=config.prescriptions,
            hospital=config.arrivals,
            corridor=self._corridor,
            trend=self._trend,
            published=self._audit.published,
            sign=partial(signed_receipt, self._identity.folder),
            letting_in=self._letting_in(),
            names=(*config.controller.names, http.host),
            imaging=self._imaging and self._imaging.service,
        )
        add_configured(app, config)
        add_passing(app, self._peers)
        app[SOURCES] = Sources(self._intake, self._ledger, self._mqtt, self._identity, config.tracing)
        tls = None if http.is_local else self._identity.web
        async with _listening(app, http, "HTTP", tls) as address, AsyncExitStack() as stack:
            if self._imaging:
                pages = config.login.address or f":{address.rpartition(':')[2]}"
                await stack.enter_async_context(self._imaging.running(app, pages, self._clock))
            await stack.enter_async_context(meeting(app, config.partners, self._identity.partners))
            yield address

    def _letting_in(self) -> LettingIn:
        """The service of gateways; claims name the addresses that this process has written down."""
        identity, told = self._identity, partial(told_addresses, self._config.data)
        authority, folder = identity.authority, identity.folder
        service = Provisioning(self._store, self._clock, authority=authority, folder=folder, addresses=told)
        return LettingIn(service, self._waiting)

    @asynccontextmanager
    async def _enrolling(self) -> AsyncIterator[str]:
        """The registration authority, inside the block. Gives its address."""
        app = make_est_app(
            self._store,
            self._identity.authority,
            self._clock,
            life=self._identity.lives.gateway,
            alert=self._announcer.gateway_alert,
            changed=self._admit,
            names=(*self._config.controller.names, self._config.est.host),
        )
        add_updates(app, self._config.data / SOFTWARE, self._store, self._clock)
        add_firmware(app, self._store, self._clock, Signer(self._identity.authority))
        async with _listening(app, self._config.est, "EST", self._identity.tls) as address:
            yield address

    @contextmanager
    def _addresses(self, http: str, est: str) -> Iterator[None]:
        """Say where everything is, in `run/addresses.json` and in the log."""
        path = self._config.data / "run" / "addresses.json"
        mqtt, est = self._reached(self._broker.url, self._config.mqtt), self._reached(est, self._config.est)
        addresses: dict[str, object] = {"http": http, "est": est, "mqtt": mqtt, "pid": os.getpid()}
        if self._config.mqtt.elsewhere:
            addresses["brokers"] = [one.url for one in each(self._broker)]
        if self._imaging:
            addresses["imaging"] = self._imaging.address
        write_private(path, json.dumps(addresses) + "\n")
        log.info("the board is at %s, gateways enrol at %s and connect to %s", http, est, mqtt)
        try:
            yield
        finally:
            path.unlink(missing_ok=True)

    def _reached(self, url: str, where: ListenSection) -> str:
        """`url` as gateways reach it: by a name, if it listens at every address."""
        return url.replace(where.host, self._config.controller.names[0], 1) if where.is_anywhere else url


@asynccontextmanager
async def _listening(
    app: web.Application, where: ListenSection, what: str, tls: ssl.SSLContext | None
) -> AsyncIterator[str]:
    """Serve `app` inside the block. Gives its address."""
    port = free_port(where.host, where.port, what)
    async with listening(web.AppRunner(app, access_log=None, shutdown_timeout=2), where.host, port, tls):
        yield f"{'https' if tls else 'http'}://{where.host}:{port}"
