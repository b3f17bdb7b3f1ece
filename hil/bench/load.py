"""One gateway and one controller under a load of readings: what ends durably in the store."""

import asyncio
import sqlite3
import sys
from dataclasses import dataclass
from pathlib import Path

import psutil

from controller.ports import free_port
from hil.database import streams
from hil.errors import NotReady
from hil.prepare import enrol, write_controller_config, write_gateway_config
from hil.processes import Kept
from hil.ward import Folder, six_kinds

_ROOT = Path(__file__).parents[2]
_BEDS = 20
"""Their 60 devices share the load."""
_START_S, _DRAIN_S = 30.0, 60.0


@dataclass(frozen=True, slots=True)
class Loaded:
    """What became of a load. `cpu_us` is processor time a stored reading, by process."""

    stored_per_s: float
    left_blocks: int
    missing: int
    duplicated: int
    cpu_us: dict[str, float]
    gateway_mb: float
    database: Path


def _kept(folder: Folder, name: str, *argv: str) -> Kept:
    def died(who: str, status: int, lines: list[str]) -> None:
        raise NotReady(f"{who} ended with {status}: {lines}")

    return Kept(name, [sys.executable, "-m", *argv], log=folder.log(name), died=died, cwd=_ROOT)


async def measure(root: Path, rate: int, seconds: float) -> Loaded:
    """Offer `rate` readings/s for `seconds`; count what is stored when the time is over. Raises NotReady."""
    folder = Folder(root)
    http, mqtt = (free_port("127.0.0.1", 0, what) for what in ("the board", "MQTT"))
    controller_config = write_controller_config(folder, http, mqtt)
    await enrol(folder, controller_config, six_kinds(_BEDS))
    gateway_config = write_gateway_config(folder, six_kinds(_BEDS), f"mqtts://127.0.0.1:{mqtt}")
    load = (str(gateway_config), str(rate), str(seconds))
    controller = _kept(folder, "controller", "wardlink", "controller", "run", str(controller_config))
    gateway = _kept(folder, "gateway", "hil.bench.load_gateway", *load)
    database = folder.controller / "wardlink.sqlite"
    await controller.start()
    try:
        await _until_up(folder)
        await gateway.start()
        return await _watch(database, controller, gateway, seconds)
    finally:
        await gateway.stop()
        await controller.stop()


async def _until_up(folder: Folder) -> None:
    for _ in range(int(_START_S / 0.1)):
        if (folder.controller / "run" / "addresses.json").exists():
            return
        await asyncio.sleep(0.1)
    raise NotReady(f"the controller was not up after {_START_S:.0f} s; see {folder.log('controller')}")


async def _watch(database: Path, controller: Kept, gateway: Kept, seconds: float) -> Loaded:
    processes = _processes(controller, gateway)
    before = {name: _cpu_s(process) for name, process in processes.items()}
    await _first(database)
    started = asyncio.get_running_loop().time()
    first = stored(database)
    await asyncio.sleep(seconds - 1)
    passed = asyncio.get_running_loop().time() - started
    rate = (stored(database) - first) / passed
    behind = _missing(database)
    megabytes = processes["gateway"].memory_info().rss / 1e6
    await _drained(database)
    total = stored(database)
    cpu = {name: (_cpu_s(process) - before[name]) * 1e6 / total for name, process in processes.items()}
    twice = sum(stream.twice for stream in streams(database))
    return Loaded(rate, behind, _missing(database), twice, cpu, megabytes, database)


def _processes(controller: Kept, gateway: Kept) -> dict[str, psutil.Process]:
    assert controller.pid is not None
    assert gateway.pid is not None
    main = psutil.Process(controller.pid)
    broker = next(child for child in main.children(recursive=True) if "nats-server" in child.name())
    return {"controller": main, "gateway": psutil.Process(gateway.pid), "broker": broker}


def _cpu_s(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system


def stored(database: Path) -> int:
    """Readings in the store."""
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as db:
        return db.execute("SELECT count(*) FROM observation").fetchone()[0]


async def _first(database: Path) -> None:
    for _ in range(int(_START_S / 0.05)):
        if stored(database):
            return
        await asyncio.sleep(0.05)
    raise NotReady(f"nothing was stored within {_START_S:.0f} s")


def _missing(database: Path) -> int:
    """Blocks that are known to be made and are not here."""
    found = streams(database, with_records=False)
    return sum(last - first + 1 for stream in found for first, last in stream.missing())


async def _drained(database: Path) -> None:
    """Wait until nothing is on the way any more, or until patience is over."""
    for _ in range(int(_DRAIN_S)):
        before = stored(database)
        await asyncio.sleep(1)
        if before == stored(database) and not _missing(database):
            break
