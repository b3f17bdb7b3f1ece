"""A controller and several busy gateways, each a process of its own, all on this machine.

async with BusySite(folder, gateways=3, readings=500, wave_bytes=30_000) as site:
    site.pids()                   # controller, broker, gateways
    site.alarm(0)                 # the next device of the first gateway is lost, or found again
    with site.busy(): ...         # many readings and waves; outside of the block a twentieth
"""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import AsyncExitStack, closing, contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

from controller.clock import SystemClock
from controller.config import load
from controller.files import write_private
from controller.hub import Hub
from controller.identity.files import FOLDER
from controller.ports import free_port
from controller.registry import Registry
from controller.security.users import set_password
from controller.store import Store
from gateway.enrolment.identity import IdentityFolder
from hil.database import connected
from hil.identities import given
from hil.prepare import write_controller_config
from hil.processes import Kept
from hil.until import until
from hil.ward import NURSE, WARD, WARD_NAME, Folder

PASSWORD = "invented for a campaign"
"""The nurse's."""
_ROOT = Path(__file__).parents[2]
_CONFIG = '[gateway]\nid = "{0}"\ndata = "."\n[controller]\naddress = "{1}"\n'
_DEVICE = '[[device]]\nid = "{0}"\nprofile = "nonin-xpod"\nbed = "{1}"\nport = "none"\n'


class BusySite:
    """The processes. `emitted` is what the devices said, `database` what the controller has.

    `rogues` are gateways that are let in and not started. `devices`, `readings` and `wave_bytes` (a second):
    of each gateway. `deaths`: processes that ended though nobody ended them.
    """

    def __init__(
        self,
        root: Path,
        *,
        gateways: int,
        devices: int = 20,
        readings: float,
        wave_bytes: int,
        rogues: tuple[str, ...] = (),
    ) -> None:
        self._devices = range(devices)
        self._folder = Folder(root.absolute())
        self.emitted = self._folder.root / "emitted"
        self.database = self._folder.controller / "wardlink.sqlite"
        self.deaths: list[str] = []
        self.identities: dict[str, IdentityFolder] = {}
        self._rogues = rogues
        self._said = 0
        self._read_to: dict[str, int] = {}
        self._names = [f"ward-{n}" for n in range(1, gateways + 1)]
        http, self.mqtt_port = (free_port("127.0.0.1", 0, what) for what in ("the board", "MQTT"))
        self.http = f"http://127.0.0.1:{http}"
        self._config = write_controller_config(self._folder, http, self.mqtt_port)
        self.controller = self._kept("controller", "wardlink", "controller", "run", str(self._config))
        load_ = str(self.emitted), str(readings), str(wave_bytes)
        self.gateways = [
            self._kept(name, "hil.faults.busy_gateway", str(self._gateway(name)), *load_)
            for name in self._names
        ]

    def _kept(self, name: str, module: str, *arguments: str) -> Kept:
        def died(who: str, status: int, lines: list[str]) -> None:
            self.deaths.append(f"{who} ended with {status}: {lines}")

        argv = (sys.executable, "-m", module, *arguments)
        return Kept(name, argv, log=self._folder.log(name), died=died, cwd=_ROOT)

    def _gateway(self, name: str) -> Path:
        text = _CONFIG.format(name, f"mqtts://127.0.0.1:{self.mqtt_port}")
        text += "".join(_DEVICE.format(f"{name}-ox-{n}", _bed(name, n)) for n in self._devices)
        path = self._folder.root / name / f"{name}.toml"
        write_private(path, text)
        return path

    async def __aenter__(self) -> Self:
        """Start everything, and wait until something of each device is stored. Raises NotReady."""
        await self._enrol()
        async with AsyncExitStack() as unfinished:
            unfinished.push_async_callback(self.stop)
            await self.controller.start()
            await until("the controller is up", (self._folder.controller / "run/addresses.json").exists)
            for gateway in self.gateways:
                await gateway.start()
            everyone = len(self._devices) * len(self.gateways)
            await until("all devices are heard", lambda: self._heard() == everyone, every_s=0.2)
            unfinished.pop_all()
        return self

    async def _enrol(self) -> None:
        store = await Store.open(load(self._config).database)
        try:
            clock = SystemClock()
            registry = Registry(store, Hub(clock, "setup"), clock)
            await registry.load()
            await registry.add_ward(WARD, WARD_NAME)
            ca = self._folder.controller / FOLDER
            for name in (*self._names, *self._rogues):
                await registry.add_gateway(name, name)
                where = ca, name, self._folder.root / name / "identity", f"mqtts://127.0.0.1:{self.mqtt_port}"
                self.identities[name] = await given(store, *where)
            for bed in (_bed(name, n) for name in self._names for n in self._devices):
                await registry.add_bed(bed, WARD, bed)
            await set_password(store, clock, NURSE, PASSWORD)
        finally:
            await store.close()

    def _heard(self) -> int:
        with closing(connected(self.database)) as db:
            return db.execute("SELECT count(DISTINCT device) FROM series").fetchone()[0]

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def stop(self) -> None:
        """The gateways first: they hand over what they have."""
        for gateway in self.gateways:
            await gateway.stop()
        await self.controller.stop()

    def name(self, gateway: int) -> str:
        """The id of that gateway."""
        return self._names[gateway]

    def pids(self) -> dict[str, int]:
        """Every process by name. Raises NotReady when one does not run."""
        found = {kept.name: kept.pid for kept in (self.controller, *self.gateways)}
        children = psutil.Process(found["controller"]).children(recursive=True)
        found["broker"] = next(child.pid for child in children if child.name() == "nats-server")
        return {name: pid for name, pid in found.items() if pid is not None}

    def alarm(self, gateway: int) -> None:
        """The next device of that gateway is lost, or found again."""
        self._signal(gateway, signal.SIGUSR1)

    @contextmanager
    def busy(self) -> Iterator[None]:
        """All devices give all that they can inside the block."""
        self._toggle()
        try:
            yield
        finally:
            self._toggle()

    def _toggle(self) -> None:
        for gateway in range(len(self.gateways)):
            self._signal(gateway, signal.SIGUSR2)

    def silence(self) -> None:
        """No device says anything any more."""
        for gateway in range(len(self.gateways)):
            self._signal(gateway, signal.SIGHUP)

    def _signal(self, gateway: int, number: int) -> None:
        if (pid := self.gateways[gateway].pid) is not None:
            os.kill(pid, number)

    def log(self, name: str) -> str:
        """What the controller, or a gateway, has written so far; of the "broker" its log."""
        path = self._folder.controller / "broker/nats.log" if name == "broker" else self._folder.log(name)
        with suppress(FileNotFoundError):
            return path.read_text(encoding="utf-8", errors="replace")
        return ""

    def stored(self) -> int:
        """Readings in the store."""
        with closing(connected(self.database)) as db:
            return db.execute("SELECT ifnull(max(id), 0) FROM observation").fetchone()[0]

    def said(self) -> int:
        """Readings that the devices gave."""
        for path in self.emitted.glob("*.jsonl"):
            with path.open("rb") as file:
                file.seek(self._read_to.get(path.name, 0))
                lines = file.read().rpartition(b"\n")[0]
                self._said += lines.count(b'"reading"')
                self._read_to[path.name] = self._read_to.get(path.name, 0) + len(lines)
        return self._said


def _bed(gateway: str, n: int) -> str:
    return f"{gateway}-bed-{n}"
