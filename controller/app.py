"""The controller as one process: starts its parts, keeps them running, ends them in order."""

import asyncio
import fcntl
import json
import logging
import os
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from pathlib import Path

from aiohttp import web

from controller.anchors import Anchors
from controller.announce import Announcer
from controller.api.app import make_app
from controller.broker import Broker
from controller.clock import Clock, SystemClock
from controller.config import Config, ListenSection
from controller.discovery import announced
from controller.errors import ControllerError
from controller.files import write_private
from controller.history.keeper import Keeper
from controller.hub import Hub
from controller.ingest import Arrived
from controller.intake import Intake
from controller.ledger import Ledger
from controller.mqtt import MqttLink
from controller.plan import Planner
from controller.ports import free_port
from controller.presence import Presence
from controller.registry import Registry
from controller.store import Store
from controller.store.restamp import load_anchors
from controller.store.scale import Since, begin_scale

AGAIN_S = 1.0
"""How long a part that failed stays down."""

log = logging.getLogger(__name__)


async def run(config: Config) -> None:
    """Run until cancelled. Raises ControllerError when it cannot start."""
    async with AsyncExitStack() as stack:
        stack.enter_context(only_one(config.data))
        store = await Store.open(config.database)
        stack.push_async_callback(store.close)
        clock = SystemClock()
        since = await begin_scale(store, clock)
        await _Controller(config, store, clock, since).run(stack)


class _Controller:
    """The parts, wired to each other."""

    def __init__(self, config: Config, store: Store, clock: Clock, since: Since) -> None:
        self._config = config
        self._store = store
        self._clock = clock
        self._since = since
        session = secrets.token_bytes(8)
        self._hub = Hub(self._clock, session.hex())
        self._registry = Registry(store, self._hub, self._clock)
        self._ledger, self._anchors = Ledger(), Anchors()
        self._announcer = Announcer(self._hub, Presence(), self._clock)
        self._broker = Broker(config.data / "broker", config.mqtt.host, config.mqtt.port)
        self._mqtt = MqttLink(self._broker, session, self._clock, self._arrived, self._announcer.broker_lost)
        self._intake = Intake(
            store=store,
            ledger=self._ledger,
            planner=Planner(self._ledger, self._anchors, self._registry),
            registry=self._registry,
            announcer=self._announcer,
            clock=self._clock,
            send=self._mqtt.send,
        )
        self._keeper = Keeper(store, self._clock, config.history)

    async def run(self, stack: AsyncExitStack) -> None:
        """Start in the order in which parts need each other; `stack` ends them the other way round."""
        await self._load()
        self._broker.prepare()
        self._broker.configure(await self._registry.passwords())
        http = await stack.enter_async_context(self._served())
        for name, part in (
            ("broker", self._broker.run),
            ("intake", self._intake.run),
            ("mqtt", self._mqtt.run),
            ("housekeeping", self._housekeeping),
            ("history", self._keeper.run),
        ):
            await stack.enter_async_context(kept(name, part))
        await self._mqtt.connected.wait()
        stack.enter_context(self._addresses(http))
        where = self._config.controller.id, self._broker.host, self._broker.port
        await stack.enter_async_context(announced(*where, self._config.discovery.interfaces))
        await asyncio.Event().wait()

    def _arrived(self, arrived: Arrived) -> None:
        self._intake.offer(arrived)

    async def _load(self) -> None:
        await self._registry.load()
        await self._ledger.load(self._store)
        await load_anchors(self._store, self._anchors, self._since.us)
        # What has no true age is not shown.
        await self._announcer.restore(self._store, 0 if self._since.gap_known else self._since.us)

    async def _housekeeping(self) -> None:
        """Every second: the time for the pages, and what other processes changed in the registry."""
        configured = -1
        while True:
            self._hub.tick()
            self._announcer.clock_is(self._clock.utc_us() - self._clock.now_us())
            await self._registry.refresh()
            if self._registry.revision != configured:
                configured = self._registry.revision
                self._broker.configure(await self._registry.passwords())
            await asyncio.sleep(1)

    @asynccontextmanager
    async def _served(self) -> AsyncIterator[str]:
        """The API and the pages, inside the block. Gives their address."""
        app = make_app(self._hub, self._registry, self._store, self._clock)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=2)
        await runner.setup()
        try:
            yield await _listen(runner, self._config.http)
        finally:
            await runner.cleanup()

    @contextmanager
    def _addresses(self, http: str) -> Iterator[None]:
        """Say where everything is, in `run/addresses.json` and in the log."""
        path = self._config.data / "run" / "addresses.json"
        addresses = {"http": http, "mqtt": self._broker.url, "pid": os.getpid()}
        write_private(path, json.dumps(addresses) + "\n")
        log.info("the board is at %s, gateways connect to %s", http, self._broker.url)
        try:
            yield
        finally:
            path.unlink(missing_ok=True)


async def _listen(runner: web.AppRunner, where: ListenSection) -> str:
    port = free_port(where.host, where.port, "HTTP")
    await web.TCPSite(runner, where.host, port).start()
    return f"http://{where.host}:{port}"


@contextmanager
def only_one(data: Path) -> Iterator[None]:
    """Hold the data folder. Raises ControllerError when another controller has it."""
    (data / "run").mkdir(parents=True, exist_ok=True, mode=0o700)
    with (data / "run" / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ControllerError(
                f"{data}: another controller uses this folder: end it, or give this one another `data`"
            ) from None
        yield


@asynccontextmanager
async def kept(name: str, part: Callable[[], Awaitable[None]]) -> AsyncIterator[None]:
    """Keep `part` running inside the block: when it fails, that is reported and it is started again."""
    task = asyncio.create_task(_keep(name, part), name=name)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _keep(name: str, part: Callable[[], Awaitable[None]]) -> None:
    while True:
        try:
            await part()
        except Exception:
            log.exception("%s failed; it is started again", name)
        await asyncio.sleep(AGAIN_S)
