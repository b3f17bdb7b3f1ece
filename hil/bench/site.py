"""A controller with its broker in processes of their own, for a benchmark, and what a process has used.

async with site(folder, ward) as here:
    here.http, here.mqtt_port, here.password
    used(here.controller)        # processor seconds so far, megabytes now
"""

import asyncio
import sqlite3
import sys
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import psutil

from controller.ledger import LedgerRow, ledger_table
from controller.ports import free_port
from controller.store import Store
from hil.errors import NotReady
from hil.prepare import enrol, write_controller_config
from hil.processes import Kept
from hil.ward import Folder, Ward

_ROOT = Path(__file__).parents[2]
_START_S = 60.0
Prepare = Callable[[sqlite3.Connection], None]
"""Puts more into the registry, before the controller starts."""
Died = Callable[[str, int, list[str]], None]


class Used(NamedTuple):
    """Processor time since the start of a process, and its resident set now (MB: 10^6 bytes)."""

    cpu_s: float
    megabytes: float


@dataclass(frozen=True, slots=True)
class Site:
    """Where a running controller is; process ids of itself and its broker."""

    folder: Folder
    http: str
    mqtt_port: int
    password: str
    """Of the nurse."""
    controller: int
    broker: int
    process: Kept
    """The controller's, which is started again when it dies, if its death ends nothing."""

    @property
    def database(self) -> Path:
        """The controller's database."""
        return self.folder.controller / "wardlink.sqlite"

    async def ledger(self) -> list[LedgerRow]:
        """The ledger, read beside the controller."""
        store = await Store.open(self.database)
        try:
            return await ledger_table(store)
        finally:
            await store.close()


def kept(folder: Folder, name: str, *argv: str, died: Died | None = None) -> Kept:
    """A Python module as a child; its death ends the benchmark (NotReady), or `died` is told of it."""

    def ends(who: str, status: int, lines: list[str]) -> None:
        raise NotReady(f"{who} ended with {status}: {lines}")

    return Kept(name, [sys.executable, "-m", *argv], log=folder.log(name), died=died or ends, cwd=_ROOT)


@asynccontextmanager
async def site(
    root: Path,
    *wards: Ward,
    prepare: Prepare | None = None,
    robots: Path | None = None,
    more: str = "",
    died: Died | None = None,
) -> AsyncIterator[Site]:
    """A controller in `root`, running inside the block, that knows `wards`. Raises NotReady.

    `robots`: the map that they drive on; None: there are none. `more`: of its configuration (TOML).
    `died`: is told of the controller's death, which else ends all.
    """
    folder = Folder(root)
    http, mqtt = (free_port("127.0.0.1", 0, what) for what in ("the board", "MQTT"))
    config = write_controller_config(folder, http, mqtt, robots=robots, payments=more)
    password = await enrol(folder, config, *wards)
    if prepare is not None:
        store = await Store.open(folder.controller / "wardlink.sqlite")
        await store.write(prepare)
        await store.close()
    controller = kept(folder, "controller", "wardlink", "controller", "run", str(config), died=died)
    await controller.start()
    try:
        await _until_up(folder)
        assert controller.pid is not None
        broker = _broker_of(controller.pid)
        yield Site(folder, f"http://127.0.0.1:{http}", mqtt, password, controller.pid, broker, controller)
    finally:
        await controller.stop()


async def _until_up(folder: Folder) -> None:
    for _ in range(int(_START_S / 0.1)):
        if (folder.controller / "run" / "addresses.json").exists():
            return
        await asyncio.sleep(0.1)
    raise NotReady(f"the controller was not up after {_START_S:.0f} s; see {folder.log('controller')}")


def _broker_of(controller: int) -> int:
    children = psutil.Process(controller).children(recursive=True)
    return next(child.pid for child in children if "nats-server" in child.name())


def used(*pids: int) -> Used:
    """What these processes have used, together."""
    cpu = sum(time.clock_gettime(_cpu_clock(pid)) for pid in pids)
    return Used(cpu, sum(psutil.Process(pid).memory_info().rss for pid in pids) / 1e6)


def _cpu_clock(pid: int) -> int:
    """The clock that counts a process's nanoseconds on a processor: clock_getcpuclockid(3) of Linux."""
    return (~pid << 3) | 2


def percentiles(values: Sequence[float], *per_cents: float) -> tuple[float, ...]:
    """Of `values`, each as large as its per cent of them; NaN when there are none."""
    ordered = sorted(values)
    if not ordered:
        return (float("nan"),) * len(per_cents)
    return tuple(ordered[min(int(len(ordered) * p / 100), len(ordered) - 1)] for p in per_cents)
