"""A controller and boxes that update themselves, as real processes: launcher, gateway, controller, broker.

async with UpdateSite(folder) as site:
    site.publish(bundle(folder, 1), bundle(folder, 2))
    box = await site.box("ward-a", 1)         # installed with release 1, enrolled
    await box.launcher.start()
    await site.use("ward-a", 2)
    site.progress("ward-a")                   # what the box said of releases, in order
"""

import asyncio
import json
import sqlite3
import sys
from collections.abc import Awaitable, Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from controller.clock import SystemClock
from controller.config import load
from controller.files import write_private
from controller.hub import Hub
from controller.identity.certificates import By
from controller.identity.provisioning import GatewayClass, Record
from controller.orders.desk import OrderDesk
from controller.ports import free_port
from controller.registry import Registry
from controller.software.mirror import Mirror
from controller.software.offered import FOLDER
from controller.store import Store
from devices.model.orders import SOFTWARE_RELEASE
from gateway.updates.install import install
from gateway.updates.launcher import State, read_state
from hil.errors import NotReady
from hil.faults.releases import ROOT, repository
from hil.prepare import provisioning, quiet_port
from hil.processes import Kept

T = TypeVar("T")

_CONTROLLER = """[controller]
data = "."
[http]
port = {http}
[mqtt]
port = {mqtt}
[est]
port = {est}
"""
_GATEWAY = """[gateway]
id = "{name}"
data = "data"
[controller]
claim = "claim"
"""
_SAID = """SELECT detail FROM device_event
WHERE gateway = ? AND device IS NULL AND kind = 'software' ORDER BY id"""
_BY, _WARD = By("hil"), "ward"
_START_S, _LOOK_S = 60.0, 0.05


@dataclass(frozen=True, slots=True)
class Box:
    """One box: its installation, its configuration, the process that runs it."""

    folder: Path
    config: Path
    launcher: Kept

    @property
    def state(self) -> State:
        """Which slot is good, and what is on trial."""
        return read_state(self.folder)


class UpdateSite:
    """Everything below `folder`; `trial_s` is what a release on trial has to get healthy, seconds."""

    def __init__(self, folder: Path, trial_s: float = 60.0, tell: Callable[[str], None] = print) -> None:
        self._folder, self._trial_s, self._tell = folder, trial_s, tell
        self._data = folder / "controller"
        self._config = self._data / "controller.toml"
        self._boxes: list[Box] = []
        folder.mkdir(parents=True, exist_ok=True)
        self.repository = repository(folder)
        self.controller = Kept(
            "controller",
            [sys.executable, "-m", "wardlink", "controller", "run", str(self._config)],
            log=folder / "controller.log",
            died=self._died,
            cwd=ROOT,
        )

    async def __aenter__(self) -> Self:
        self._data.mkdir(mode=0o700)
        names = ("http", "mqtt", "est")
        ports = {name: free_port("127.0.0.1", quiet_port(), name) for name in names}
        write_private(self._config, _CONTROLLER.format(**ports))
        await self._with_store(_add_ward)
        await self.controller.start()
        await self._listening()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for box in self._boxes:
            await box.launcher.stop(grace_s=30)
        await self.controller.stop()

    async def _listening(self) -> None:
        addresses = self._data / "run" / "addresses.json"
        for _ in range(int(_START_S / _LOOK_S)):
            if addresses.exists():
                return
            await asyncio.sleep(_LOOK_S)
        raise NotReady(f"the controller does not listen: see {self.controller.log}")

    @property
    def database(self) -> Path:
        """The controller's."""
        return load(self._config).database

    def publish(self, *bundles: Path) -> None:
        """Sign them, and take them over into the controller's mirror."""
        self.repository.publish(bundles)
        mirror = Mirror(self._data / FOLDER)
        mirror.take(self.repository.folder, self.repository.root() if not mirror.offered() else None)

    async def box(self, name: str, first: Path) -> Box:
        """A box with the bundle `first` in slot a and a claim to enrol with; not started yet."""
        folder = self._folder / name
        install(first, self.repository.root(), folder)
        config = folder / "gateway.toml"
        config.write_text(_GATEWAY.format(name=name), encoding="utf-8")
        record = Record(name, name, "", _WARD, GatewayClass.SIMULATED)
        claim = await self._with_store(
            lambda store: provisioning(store, load(self._config), SystemClock()).provision(record, _BY)
        )
        write_private(folder / "claim", claim.to_text() + "\n")
        command = [
            sys.executable,
            str(folder / "launcher.py"),
            "--trial-seconds",
            str(self._trial_s),
            str(config),
        ]
        box = Box(folder, config, Kept(name, command, log=folder / "log", died=self._died))
        self._boxes.append(box)
        return box

    async def use(self, name: str, release: int) -> int:
        """Have a box run `release`. Returns the configuration's revision."""

        async def ask(store: Store) -> int:
            desk = OrderDesk(store, SystemClock())
            return (await desk.configure(name, {SOFTWARE_RELEASE: release}, _BY)).revision

        return await self._with_store(ask)

    def progress(self, name: str) -> list[dict[str, str | int]]:
        """What the controller has heard of a box's releases, in the order in which it was said."""
        with closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)) as db:
            return [json.loads(detail) for (detail,) in db.execute(_SAID, (name,))]

    async def _with_store(self, work: Callable[[Store], Awaitable[T]]) -> T:
        store = await Store.open(self.database)
        try:
            return await work(store)
        finally:
            await store.close()

    def _died(self, name: str, status: int, last: list[str]) -> None:
        self._tell(f"{name} ended with status {status}: {' | '.join(last[-3:])}")


async def _add_ward(store: Store) -> None:
    clock = SystemClock()
    registry = Registry(store, Hub(clock, "hil"), clock)
    await registry.load()
    await registry.add_ward(_WARD, "Ward")
