"""One gateway and one controller: their own code, started and ended as processes of the simulation."""

import asyncio
import contextvars
import random
import sqlite3
from collections.abc import Callable, Coroutine, Iterator
from contextlib import AsyncExitStack, ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest import mock

import aiomqtt

import controller.app
import controller.mqtt
import controller.store
import gateway.app
import gateway.mqtt
from controller.config import Config as ControllerConfig
from controller.identity.authority import new_authority
from controller.sections import ControllerSection
from controller.shards.duty import Duty
from controller.shards.peers import Peers
from controller.store import Store
from controller.store.scale import Since
from devices.model.identity import DeviceId
from gateway.clock import KernelSync, SystemClock
from gateway.config import Config, DeviceConfig, GatewayConfig, JournalConfig
from gateway.config import ControllerConfig as UplinkConfig
from gateway.enrolment.identity import IdentityFolder
from gateway.journal.journal import Committed
from gateway.links import Outlet
from hil.identities import made
from hil.simulation.database import SimDatabase
from hil.simulation.devices import Promises, SimDevice
from hil.simulation.disk import Disk
from hil.simulation.loop import Process, SimLoop
from hil.simulation.network import SimBroker

GATEWAY = "gw-1"
BROKER = "mqtts://controller:8883"
EPOCH_US = 1_780_000_000_000_000
"""UTC when the simulation begins: 2026-05-28."""


class Part:
    """A process that is started again and again. `down_s`: how long it stays down, at most."""

    def __init__(self, loop: SimLoop, name: str) -> None:
        self.loop = loop
        self.name = name
        self.random = random.Random(loop.random.getrandbits(64))
        self.down_s = 10.0
        self.starts = 0
        self.process: Process | None = None

    async def live(self) -> None:
        """Start it whenever it has ended."""
        while True:
            self.starts += 1
            process = self.process = Process(self.loop, self.name)
            main = process.start(self.main())
            main.add_done_callback(
                lambda task, it=process: it.kill(_why(task)), context=contextvars.Context()
            )
            await process.ended.wait()
            self.process = None
            self.after(process)
            await asyncio.sleep(self.random.uniform(0.1, self.down_s))

    def kill(self, why: str = "killed") -> None:
        """kill -9."""
        if self.process is not None:
            self.process.kill(why)

    def stop(self) -> None:
        """SIGTERM."""
        if self.process is not None and self.process.tasks:
            self.process.tasks[0].cancel()

    def main(self) -> Coroutine[Any, Any, None]:
        """The process's own code."""
        raise NotImplementedError

    def after(self, process: Process) -> None:
        """What its end does to its surroundings."""
        raise NotImplementedError


def _why(task: "asyncio.Task[Any]") -> str:
    error = None if task.cancelled() else task.exception()
    return "stopped" if error is None else f"failed: {error!r}"


class SimGateway(Part):
    """`gateway.app.run` on a simulated disk. `boots`: when each boot began, in virtual seconds."""

    def __init__(
        self, loop: SimLoop, folder: Path, quota_mb: float, promises: Promises, period_s: float
    ) -> None:
        super().__init__(loop, GATEWAY)
        data = folder / "gateway"
        data.mkdir()
        began = datetime.fromtimestamp(EPOCH_US / 1_000_000, UTC)
        self.identity = folder / "identity"
        made(new_authority(began)[0], GATEWAY, self.identity, BROKER, began)
        devices = [DeviceConfig(id=f"dev-{n}", profile="nonin-xpod", port="simulated") for n in (1, 2)]
        self.config = Config(
            gateway=GatewayConfig(id=GATEWAY, data=data),
            controller=UplinkConfig(address=(BROKER,)),
            journal=JournalConfig(quota_mb=quota_mb),
            devices=devices,
        )
        self.disk = Disk(data, self.random, lambda: int(loop.now * 1e9))
        self.boots: dict[bytes, float] = {}
        self.promises = promises
        self.broker: SimBroker | None = None
        self.power_cuts = 0
        self.cut_power = False
        """Whether the next end is a power cut."""
        self.running: gateway.app.Gateway | None = None
        self._period_s = period_s
        self._boot = b""
        self._new_boot()

    def _new_boot(self) -> None:
        self._boot = self.random.randbytes(16)
        self.boots[self._boot] = self.loop.now - 5.0

    def main(self) -> Coroutine[Any, Any, None]:
        """See Part."""
        began = self.boots[self._boot]
        clock = SystemClock(
            self._boot,
            lambda: round((self.loop.now - began) * 1e9),
            lambda: EPOCH_US * 1000 + round(self.loop.now * 1e9),
            lambda: KernelSync(True, 100),
        )
        boot = self._boot

        def link(device: DeviceConfig, outlet: Outlet) -> SimDevice:
            rng = random.Random(self.random.getrandbits(64))
            return SimDevice(DeviceId(device.id), outlet, clock.now, boot, self.promises, rng, self._period_s)

        identity = IdentityFolder(self.identity)
        return gateway.app.run(self.config, clock=clock, links=link, identity=identity)

    def after(self, process: Process) -> None:
        """See Part."""
        cut, self.cut_power = self.cut_power and process.why != "stopped", False
        self.disk.close_all()
        self.running = None
        if self.broker is not None:
            self.broker.lost(process, silently=cut)
        if cut:
            self.power_cuts += 1
            self.disk.power_cut()
            self._new_boot()

    def committed(self, running: gateway.app.Gateway, done: Committed) -> None:
        """The journal told what it took."""
        self.running = running
        self.promises.accept(running.journal.id, done.blocks)


class SimController(Part):
    """`controller.app`'s parts, wired by itself: all but broker, HTTP and housekeeping."""

    def __init__(
        self, loop: SimLoop, folder: Path, committed: Callable[[sqlite3.Connection], None], embedded: bool
    ) -> None:
        super().__init__(loop, "controller")
        self.config = ControllerConfig(controller=ControllerSection(data=folder / "controller"))
        self.database = SimDatabase(committed)
        self.broker: SimBroker | None = None
        self._embedded = embedded

    def now_us(self) -> int:
        """The controller's clock."""
        return EPOCH_US + round(self.loop.now * 1e6)

    utc_us = now_us

    async def main(self) -> None:
        """See Part."""
        if self._embedded and self.broker is not None:
            self.broker.up = True
        async with AsyncExitStack() as stack:
            store = await Store.open(self.config.database)
            stack.push_async_callback(store.close)
            peers = Peers(self.config, Duty())
            parts = controller.app._Controller(self.config, store, self, Since(0, gap_known=True), peers)
            await parts._load()
            for name, run in (("intake", parts._intake.run), ("mqtt", parts._mqtt.run)):
                await stack.enter_async_context(controller.app.kept(name, run))
            await asyncio.Event().wait()

    def after(self, process: Process) -> None:
        """See Part."""
        self.database.close_all()
        if self.broker is None:
            return
        if self._embedded:
            self.broker.end()
        else:
            self.broker.lost(process, silently=False)


class Secrets:
    """In place of the module: what is drawn comes from the seed."""

    def __init__(self, rng: random.Random) -> None:
        self.token_bytes = rng.randbytes


journal_ids: Callable[[random.Random], Any] = Secrets
"""Where the gateway has the ids of its journals from."""


@contextmanager
def in_place(gw: SimGateway, ctl: SimController, broker: SimBroker) -> Iterator[None]:
    """Inside the block the product meets the simulated world."""
    rng = random.Random(gw.random.getrandbits(64))
    told = gateway.app.Gateway._committed

    def committed(running: gateway.app.Gateway, done: Committed) -> None:
        gw.committed(running, done)
        told(running, done)

    with ExitStack() as stack:
        stack.enter_context(gw.disk.in_use())
        for where, name, ours in (
            (aiomqtt, "Client", broker.client),
            (controller.mqtt, "FairClient", broker.client),
            (gateway.mqtt, "left", lambda _: ""),
            (gateway.mqtt, "connect_by", lambda *_: None),
            (gateway.app.Gateway, "_committed", committed),
            (gateway.app, "secrets", journal_ids(rng)),
            (gateway.app, "SystemRandom", lambda: random.Random(rng.getrandbits(64))),
            (controller.app, "secrets", Secrets(rng)),
            (controller.store, "connect", ctl.database.connect),
        ):
            stack.enter_context(mock.patch.object(where, name, ours))
        yield
