"""A vehicle behind a link of 256, 64 and 16 kbit/s: how old what the hospital sees is, lane by lane.

Gateway and controller run in a network namespace, and between them the network of `hil.faults.wan`: a round
trip of 80 ms, one plain queue both ways. Each rate is measured twice right after each other: as the gateway
does it, and as it would without what it does for narrow links (`hil.faults.vehicle_gateway --plain`).
Freshness is how old the newest that is in the store is, looked at ten times a second.
"""

import asyncio
import math
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AsyncExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path

from controller.ports import free_port
from hil.database import connected, streams
from hil.errors import NotReady
from hil.faults.namespace import in_namespace, setting
from hil.faults.vehicle_gateway import MONITOR, NUMERICS, PROBE, WAVES_HZ
from hil.faults.wan import HOSPITAL, PERFECT, Conditions, Wan
from hil.prepare import enrol, write_controller_config, write_gateway_config
from hil.processes import Kept
from hil.sims.emitted import boot_id, now_ns
from hil.until import until
from hil.ward import Folder, Ward, WardBed, WardDevice

RATES_KBIT = (256, 64, 16)
ALERT, VITAL, ECG, OTHERS = "alert", "numerics", "the ECG", "other waveforms"
KINDS = (ALERT, VITAL, ECG, OTHERS)
_DELAY_S, _QUEUE_S, _QUEUE_BYTES = 0.04, 2.0, 12_000
_SETTLE_S, _EVERY_S, _PATIENCE_S = 15.0, 0.1, 240.0
_BEHIND = 8
_ROOT = Path(__file__).parents[2]
_NEW = {
    VITAL: """SELECT row.id, mono_us, metric FROM observation row JOIN series ON series.id = series
    JOIN boot ON boot.id = row.boot WHERE row.id > ? AND boot.boot = ?""",
    ECG: """SELECT row.id, mono_us + length(samples) / 2 * 1000000000 / rate_mhz, metric FROM waveform row
    JOIN series ON series.id = series JOIN boot ON boot.id = row.boot WHERE row.id > ? AND boot.boot = ?""",
    ALERT: """SELECT row.id, mono_us, 'alert' FROM alert row JOIN boot ON boot.id = row.boot
    WHERE row.id > ? AND boot.boot = ?""",
}

Say = Callable[[str], None]


def vehicle() -> Ward:
    """A monitor, and a sensor that is lost and found."""
    beds = (WardBed("ambulance-7", "Ambulance 7", "BENCH-0001", "Ada Example"),)
    devices = (
        WardDevice(name, "philips-intellivue", "ambulance-7", n, f"127.0.0.1:{24_100 + n}")
        for n, name in enumerate((MONITOR, PROBE), 1)
    )
    return Ward(beds, tuple(devices))


@dataclass(slots=True)
class Measured:
    """One run at one rate. `ages_s` by kind; `up` and `down`: bytes a second that the link carried."""

    rate_kbit: int
    plain: bool
    ages_s: dict[str, list[float]] = field(default_factory=lambda: {kind: [] for kind in KINDS})
    up: float = 0.0
    down: float = 0.0
    connections: int = 0
    drained_s: float = math.inf
    problems: list[str] = field(default_factory=list[str])

    def at(self, kind: str, share: float) -> float:
        """The age below which `share` of the looks were, seconds."""
        ages = sorted(self.ages_s[kind])
        return ages[min(len(ages) - 1, int(share * len(ages)))] if ages else math.inf


@dataclass(slots=True)
class Watch:
    """What is new in the controller's store, and how old the newest of each kind is."""

    database: Path
    newest_us: dict[str, int] = field(default_factory=dict[str, int])
    _last: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_NEW, 0))

    def look(self) -> list[float]:
        """Look; the ages of alerts that were not there before, seconds."""
        alerts: list[float] = []
        with closing(connected(self.database)) as db:
            for kind, query in _NEW.items():
                for row, mono_us, metric in db.execute(query, (self._last[kind], boot_id())):
                    self._last[kind] = max(self._last[kind], row)
                    self.newest_us[metric] = max(self.newest_us.get(metric, 0), mono_us)
                    if kind == ALERT:
                        alerts.append((now_ns() / 1000 - mono_us) / 1e6)
        return alerts

    def ages_s(self) -> Iterator[tuple[str, float]]:
        """By kind; of several series the oldest counts."""
        kinds = {VITAL: tuple(NUMERICS), ECG: ("ecg_ii",), OTHERS: tuple(WAVES_HZ)[1:]}
        for kind, metrics in kinds.items():
            yield kind, now_ns() / 1e9 - min(self.newest_us.get(one, 0) for one in metrics) / 1e6


@dataclass(slots=True)
class Rig:
    """A controller, and the vehicle's gateway behind the network."""

    folder: Folder
    wan: Wan
    died: list[str]
    gateway: Kept

    @classmethod
    async def start(cls, folder: Folder, stack: AsyncExitStack, *, plain: bool) -> "Rig":
        """Both talk over a perfect network. Raises NotReady."""
        wan = await stack.enter_async_context(Wan())
        http, mqtt = (free_port("127.0.0.1", 0, what) for what in ("the board", "MQTT"))
        config, died = write_controller_config(folder, http, mqtt), list[str]()
        await enrol(folder, config, vehicle())
        ours = str(write_gateway_config(folder, vehicle(), f"mqtts://{HOSPITAL}:{mqtt}"))
        orders = {
            "controller": ("wardlink", "controller", "run", str(config)),
            "gateway": ("hil.faults.vehicle_gateway", ours, *(["--plain"] if plain else [])),
        }
        started: dict[str, Kept] = {}
        for name, order in orders.items():
            argv = [sys.executable, "-m", *order]
            kept = Kept(name, argv, log=folder.log(name), died=lambda who, *_: died.append(who), cwd=_ROOT)
            started[name] = kept
            await kept.start()
            stack.push_async_callback(kept.stop)
        rig = cls(folder, wan, died, started["gateway"])
        await until("the controller is up", (folder.controller / "run" / "addresses.json").exists)
        watch = Watch(rig.database)
        await until(
            "everything arrives", lambda: watch.look() is not None and len(watch.newest_us) > len(NUMERICS)
        )
        return rig

    @property
    def database(self) -> Path:
        """The controller's."""
        return self.folder.controller / "wardlink.sqlite"

    def behind(self) -> int:
        """Blocks that are known to be made and are not here."""
        rows = streams(self.database, with_records=False)
        return sum(last - first + 1 for one in rows for first, last in one.missing())


async def measure(
    root: Path, rate_kbit: int, seconds: float, *, plain: bool, tunnel_s: float = 0
) -> Measured:
    """One run, in an empty folder, after `tunnel_s` without network. Raises NotReady, also without root."""
    folder = Folder(root.absolute())  # noqa: ASYNC240 - asks nothing of a disk
    measured = Measured(rate_kbit, plain)

    async def inside() -> None:
        setting("tcp_congestion_control", "reno")
        async with AsyncExitStack() as stack:
            rig = await Rig.start(folder, stack, plain=plain)
            if tunnel_s:
                await rig.wan.blackout()
                await asyncio.sleep(tunnel_s)
            await _narrowed(rig, measured, seconds)
            await _ended(rig, measured)

    await in_namespace(inside)
    return measured


def link(rate_kbit: int) -> Conditions:
    """Two seconds may wait for it; at the narrowest, some packets."""
    queue = max(_QUEUE_BYTES, int(rate_kbit * 125 * _QUEUE_S))
    return Conditions(delay_s=_DELAY_S, rate_bps=rate_kbit * 1000, queue_bytes=queue)


async def _narrowed(rig: Rig, measured: Measured, seconds: float) -> None:
    watch, loop = Watch(rig.database), asyncio.get_running_loop()
    await rig.wan.set(link(measured.rate_kbit))
    await asyncio.sleep(_SETTLE_S)
    watch.look()
    began, before = loop.time(), await rig.wan.counts()
    while loop.time() < began + seconds:
        await asyncio.sleep(_EVERY_S)
        measured.ages_s[ALERT] += watch.look()
        for kind, age in watch.ages_s():
            measured.ages_s[kind].append(age)
    carried, took_s = await rig.wan.counts() - before, loop.time() - began
    measured.up, measured.down = carried["up-link-bytes"] / took_s, carried["down-link-bytes"] / took_s
    measured.connections = carried["up-connections"]


async def _ended(rig: Rig, measured: Measured) -> None:
    """The network is good again: everything follows, once."""
    await rig.wan.set(PERFECT)
    loop = asyncio.get_running_loop()
    began = loop.time()
    try:
        await until("the rest has followed", lambda: rig.behind() <= _BEHIND, _PATIENCE_S, every_s=0.2)
        measured.drained_s = loop.time() - began
    except NotReady as error:
        measured.problems.append(str(error))
    await rig.gateway.stop()
    measured.problems += [f"{name} ended" for name in rig.died]
    measured.problems += [line for one in streams(rig.database) for line in one.problems()]


def table(runs: Mapping[tuple[int, bool], Measured]) -> Iterator[str]:
    """A Markdown table: what the gateway does, without it, and the ratio."""
    yield "| link | what | newest is old, s: median (99 %) | without | ratio of the medians (99 %) |"
    yield "|---|---|---|---|---|"
    for rate in dict.fromkeys(rate for rate, _ in runs):
        ours, bare = runs.get((rate, False)), runs.get((rate, True))
        for kind in KINDS:
            cells = f"{rate} kbit/s", kind, _pair(ours, kind), _pair(bare, kind), _ratio(ours, bare, kind)
            yield f"| {' | '.join(cells)} |"
        yield f"| {rate} kbit/s | bytes a second up, down | {_bytes(ours)} | {_bytes(bare)} | |"


def _pair(run: Measured | None, kind: str) -> str:
    return f"{run.at(kind, 0.5):.2f} ({run.at(kind, 0.99):.2f})" if run else ""


def _bytes(run: Measured | None) -> str:
    return f"{run.up:.0f}, {run.down:.0f}; {run.connections} connections begun" if run else ""


def _ratio(ours: Measured | None, bare: Measured | None, kind: str) -> str:
    if not ours or not bare:
        return ""
    return " ".join(f"{ours.at(kind, share) / bare.at(kind, share):.2f}" for share in (0.5, 0.99))
