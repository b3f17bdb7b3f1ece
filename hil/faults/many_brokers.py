"""A busy site whose controller and gateways have several brokers, each behind two gates.

async with ManyBrokers(folder, brokers=3, gateways=2, …) as site:
    site.members[0].nats()             # the process
    site.members[0].from_gateways.shut(); site.members[0].from_controller.shut()
    await site.members[0].replaced()   # by an empty disk
"""

import json
import shutil
import sys
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

from controller.cluster.files import member_files, write_member
from controller.identity.files import FOLDER, Lives, keep_controller, open_authority
from controller.ports import free_port
from controller.registry import CONTROLLER
from hil.faults.busy_site import BusySite
from hil.faults.gate import Gate
from hil.identities import now
from hil.processes import Kept
from hil.until import until

_ROOT = Path(__file__).parents[2]


class Member:
    """One broker's host: `kept` runs `wardlink broker`."""

    def __init__(
        self, folder: Path, ca: Path, index: int, died: Callable[[str, int, list[str]], None]
    ) -> None:
        self.name = f"broker-{index + 1}"
        self.folder = folder / self.name
        self._ca = ca
        port, ours, theirs = (free_port("127.0.0.1", 0, self.name) for _ in range(3))
        self._port = port
        self.from_gateways, self.from_controller = Gate(port, ours), Gate(port, theirs)
        argv = (sys.executable, "-m", "wardlink", "broker", "run", str(self.folder))
        self.kept = Kept(self.name, argv, log=folder / f"{self.name}.log", died=died, cwd=_ROOT)

    def make(self) -> None:
        """The folder, as on a new disk."""
        authority = open_authority(self._ca, now())
        keep_controller(self._ca, authority, CONTROLLER, now(), Lives().controller)
        shutil.rmtree(self.folder, ignore_errors=True)
        where = "127.0.0.1", self._port
        write_member(self.folder, member_files(where, "127.0.0.1", authority, now(), self._ca))

    def nats(self) -> psutil.Process | None:
        """Its nats-server."""
        try:
            children = psutil.Process(self.kept.pid).children(recursive=True) if self.kept.pid else []
        except psutil.NoSuchProcess:
            return None
        return next((one for one in children if one.name() == "nats-server"), None)

    async def lost(self) -> None:
        """The host is gone, with all that it had."""
        nats = self.nats()
        await self.kept.stop(grace_s=0)
        await until(f"{self.name} is gone", lambda: nats is None or not nats.is_running())
        shutil.rmtree(self.folder, ignore_errors=True)

    async def replaced(self) -> None:
        """Another one with an empty disk takes its place."""
        self.make()
        await self.kept.start()
        await until(f"{self.name} is there", lambda: self.nats() is not None)


class ManyBrokers(BusySite):
    """See the module; the rest is as BusySite has it."""

    def __init__(
        self, root: Path, *, brokers: int, gateways: int, devices: int, readings: float, wave_bytes: int
    ) -> None:
        super().__init__(root, gateways=gateways, devices=devices, readings=readings, wave_bytes=wave_bytes)
        ca = self._folder.controller / FOLDER
        self.members = [Member(self._folder.root, ca, n, lambda *_: None) for n in range(brokers)]
        theirs = json.dumps([f"mqtts://127.0.0.1:{one.from_controller.port}" for one in self.members])
        ours = json.dumps([f"mqtts://127.0.0.1:{one.from_gateways.port}" for one in self.members])
        _change(self._config, f"port = {self.mqtt_port}\n", f"members = {theirs}\n")
        for name in self._names:
            path = self._folder.root / name / f"{name}.toml"
            _change(path, f'"mqtts://127.0.0.1:{self.mqtt_port}"', ours)
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        """Brokers, controller, gateways: until each device is heard. Raises NotReady."""
        async with AsyncExitStack() as stack:
            for one in self.members:
                await stack.enter_async_context(one.from_gateways)
                await stack.enter_async_context(one.from_controller)
                one.make()
                stack.push_async_callback(one.kept.stop)
                await one.kept.start()
            await super().__aenter__()
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await super().__aexit__(kind, error, trace)
        await self._stack.aclose()

    @property
    def folder(self) -> Path:
        """Where everything of it is."""
        return self._folder.root


def _change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text, path
    path.write_text(text.replace(old, new), encoding="utf-8")
