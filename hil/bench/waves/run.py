"""One run of controller, broker and gateway with a ward of monitors: what it cost, and what came out."""

import asyncio
import base64
import json
import sqlite3
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import psutil

from controller.ledger import ledger_table
from controller.ports import free_port
from controller.store import Store
from gateway.journal.frames import HEADER
from hil.bench.waves.checked import Checked, Key, check, stretches
from hil.bench.waves.codecs import PUBLISH_BYTES
from hil.errors import NotReady
from hil.prepare import enrol, write_controller_config, write_gateway_config
from hil.processes import Kept
from hil.ward import NURSE, Folder, Ward, WardBed, WardDevice, invented_name

PROCESSES = ("gateway", "controller", "broker")
WARM_S = 4.0
"""Before the processor time is counted: starting is not what is measured."""
_MONITOR = "philips-intellivue"
_ROOT = Path(__file__).parents[3]
_START_S, _DRAIN_S = 30.0, 60.0


@dataclass(frozen=True, slots=True)
class Cost:
    """What one run cost: processor time as a share of one core by process, bytes a sample by place."""

    cpu: dict[str, float]
    wire: float
    journal: float
    store: float
    delays_ms: list[float]
    """From the last sample of a chunk to its Server-Sent Event."""
    checked: Checked
    missing_blocks: int
    events_right: bool
    """Whether the event stream told the same samples."""


@dataclass(slots=True)
class Heard:
    """What one reader of the event stream was told."""

    samples: dict[Key, bytearray] = field(default_factory=dict)
    delays_ms: list[float] = field(default_factory=list)


def ward(beds: int) -> Ward:
    """A monitor at each bed."""
    numbers = range(1, beds + 1)
    return Ward(
        tuple(WardBed(f"bed-{n}", f"Bed {n}", f"BENCH-{n:04d}", invented_name(n)) for n in numbers),
        tuple(
            WardDevice(f"monitor-{n}", _MONITOR, f"bed-{n}", n, f"127.0.0.1:{24_000 + n}") for n in numbers
        ),
    )


async def run(root: Path, beds: int, offered: Mapping[Key, bytes], seconds: float, *, raw: bool) -> Cost:
    """Run for WARM_S and `seconds`; `offered` lasts as long. `raw`: plain samples. Raises NotReady."""
    folder, sizes = Folder(root), root / "sizes"
    _write(root / "signals", offered)
    async with _processes(folder, ward(beds), sizes, raw=raw) as (controller, gateway, password):
        database = folder.controller / "wardlink.sqlite"
        empty = _pages(database)
        address = json.loads((folder.controller / "run" / "addresses.json").read_text())["http"]
        heard = Heard()
        reader = asyncio.create_task(_listen(address, password, heard))
        await gateway.start()
        cpu = await _cpu_shares(controller, gateway, seconds)
        missing = await _drained(database, sum(map(len, offered.values())) // 2)
        await _ended(reader)
    checked = check(offered, database)
    blocks = [int(size) for size in sizes.read_text(encoding="ascii").split()]
    return Cost(
        cpu,
        (sum(blocks) + len(blocks) * PUBLISH_BYTES) / checked.offered,
        (sum(blocks) + len(blocks) * HEADER) / checked.offered,
        (_pages(database) - empty) / checked.offered,
        heard.delays_ms,
        checked,
        missing,
        stretches(offered, {key: bytes(samples) for key, samples in heard.samples.items()}),
    )


async def _ended(reader: asyncio.Task[None]) -> None:
    """Cancel it; what it failed of is raised."""
    reader.cancel()
    with suppress(asyncio.CancelledError):
        await reader


def _write(signals: Path, offered: Mapping[Key, bytes]) -> None:
    signals.mkdir(parents=True)
    for (device, metric), data in offered.items():
        (signals / f"{device}.{metric}").write_bytes(data)


@asynccontextmanager
async def _processes(
    folder: Folder, of: Ward, sizes: Path, *, raw: bool
) -> AsyncIterator[tuple[Kept, Kept, str]]:
    """(controller, gateway, password); the controller is up, the gateway not started."""
    http, mqtt = (free_port("127.0.0.1", 0, what) for what in ("the board", "MQTT"))
    controller_config = write_controller_config(folder, http, mqtt)
    password = await enrol(folder, controller_config, of)
    gateway_config = write_gateway_config(folder, of, f"mqtts://127.0.0.1:{mqtt}")
    options = ("--raw",) if raw else ()
    load = (str(gateway_config), str(folder.root / "signals"), str(sizes), *options)
    controller = _kept(folder, "controller", "wardlink", "controller", "run", str(controller_config))
    gateway = _kept(folder, "gateway", "hil.bench.waves.gateway", *load)
    await controller.start()
    try:
        await _until_up(folder)
        yield controller, gateway, password
    finally:
        await gateway.stop()
        await controller.stop()


def _kept(folder: Folder, name: str, *argv: str) -> Kept:
    def died(who: str, status: int, lines: list[str]) -> None:
        raise NotReady(f"{who} ended with {status}: {lines}")

    return Kept(name, [sys.executable, "-m", *argv], log=folder.log(name), died=died, cwd=_ROOT)


async def _until_up(folder: Folder) -> None:
    for _ in range(int(_START_S / 0.1)):
        if (folder.controller / "run" / "addresses.json").exists():
            return
        await asyncio.sleep(0.1)
    raise NotReady(f"the controller was not up after {_START_S:.0f} s; see {folder.log('controller')}")


async def _cpu_shares(controller: Kept, gateway: Kept, seconds: float) -> dict[str, float]:
    """The share of one core that each process took for `seconds`."""
    assert controller.pid is not None
    assert gateway.pid is not None
    main = psutil.Process(controller.pid)
    broker = next(child for child in main.children(recursive=True) if "nats-server" in child.name())
    watched = dict(zip(PROCESSES, (psutil.Process(gateway.pid), main, broker), strict=True))
    await asyncio.sleep(WARM_S)
    began, before = time.monotonic(), {name: _cpu_s(process) for name, process in watched.items()}
    await asyncio.sleep(seconds)
    passed = time.monotonic() - began
    return {name: (_cpu_s(process) - before[name]) / passed for name, process in watched.items()}


def _cpu_s(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system


async def _listen(address: str, password: str, heard: Heard) -> None:
    """Read the event stream until cancelled."""
    jar = aiohttp.CookieJar(unsafe=True, treat_as_secure_origin=address)
    timeout = aiohttp.ClientTimeout()
    async with aiohttp.ClientSession(address, cookie_jar=jar, timeout=timeout, read_bufsize=2**22) as http:
        login = {"user": NURSE, "password": password}
        (await http.post("/api/login", json=login, headers={"Origin": address})).raise_for_status()
        kind = ""
        async with http.get("/api/events") as events:
            async for line in events.content:
                name, _, text = line.decode().rstrip("\n").partition(": ")
                if name == "event":
                    kind = text
                elif name == "data" and kind == "wave":
                    _hear(heard, text)


def _hear(heard: Heard, text: str) -> None:
    now_ms = time.time() * 1000
    for item in json.loads(text)["items"]:
        samples = base64.b64decode(item["samples"])
        heard.samples.setdefault((item["device"], item["metric"]), bytearray()).extend(samples)
        heard.delays_ms.append(now_ms - item["at_ms"] - len(samples) / 2 / item["rate_hz"] * 1000)


def _pages(database: Path) -> int:
    """Bytes of the database's pages, whatever of them is still in the write-ahead log."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as db:
        return db.execute("PRAGMA page_count").fetchone()[0] * db.execute("PRAGMA page_size").fetchone()[0]


async def _drained(database: Path, samples: int) -> int:
    """Wait until all samples are stored, or patience is over. Returns the blocks that the ledger misses."""
    for _ in range(int(_DRAIN_S / 0.5)):
        with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as db:
            stored = db.execute("SELECT ifnull(sum(length(samples)), 0) / 2 FROM waveform").fetchone()[0]
        if stored >= samples:
            break
        await asyncio.sleep(0.5)
    store = await Store.open(database)
    try:
        return sum(row.missing for row in await ledger_table(store))
    finally:
        await store.close()
