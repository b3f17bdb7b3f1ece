"""What one device more costs: a controller that has 10, 100, 1,000 or 10,000 of them, and one gateway.

Fifty devices to a gateway (`crowd`), each measuring once in `period_s`, so that the largest size still fits
two cores. Each size has a controller, broker and database of its own. What it uses without any device is
measured beside it and taken off; memory is the slope from one size to the next, for what does not depend on
the number of devices is no device's.
"""

import asyncio
import json
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from math import isnan, nan
from pathlib import Path
from statistics import median

from controller.identity.files import FOLDER, open_authority
from hil.bench.crowd_order import Order, Told
from hil.bench.listen import Heard, listening
from hil.bench.site import Site, Used, kept, percentiles, site
from hil.errors import NotReady
from hil.identities import issued, now
from hil.processes import Kept
from hil.ward import WARD, Folder, Ward

SIZES = (10, 100, 1_000, 10_000)
AT_A_GATEWAY, AT_A_BED = 50, 3
ALLOWED = 1.3
_SETTLE_S, _READY_S, _END_S = 10.0, 300.0, 60.0

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Size:
    """One size in one run. `used` by process: CPU in seconds a second, MB now. Delays: ms from measuring."""

    devices: int
    used: dict[str, Used]
    receipt_ms: list[float] = field(default_factory=list[float])
    screen_ms: list[float] = field(default_factory=list[float])
    late_ms: list[float] = field(default_factory=list[float])
    """How late the senders woke for each reading: the machine's own part."""
    events_per_s: float = 0.0
    again: int = 0
    """Blocks that were sent again."""
    lost: int = 0
    """Readings with a receipt that are not in the store, readings that are there twice; blocks likewise."""
    behind: int = 0
    """Blocks that had no receipt yet at the end: it did not keep up."""
    readings: int = 0
    """That were measured, from the beginning to the end."""
    stored_mb: float = 0.0
    """The database's files at the end."""


def order_for(devices: int, root: Path, period_s: float, at_a_gateway: int = AT_A_GATEWAY) -> Order:
    """Gateways with so many devices each, three devices a bed; their identities are below `root`."""
    names = [f"dev-{n}" for n in range(devices)]
    of_gateway: dict[str, list[tuple[str, str | None]]] = {
        f"gw-{start // at_a_gateway}": [
            (names[n], f"bed-{n // AT_A_BED}") for n in range(start, min(start + at_a_gateway, devices))
        ]
        for start in range(0, devices, at_a_gateway)
    }
    identities = {name: str(root / "identities" / name) for name in of_gateway}
    return Order(0, identities, of_gateway, period_s)


def enrol(db: sqlite3.Connection, ca: Path, order: Order) -> None:
    """Register the order's gateways, with certificates of the authority in `ca`, and its beds too."""
    authority = open_authority(ca, now())
    for name, where in order.identities.items():
        row = "INSERT INTO gateway (id, name, added_ms, provisioned) VALUES (?1, ?1, 0, 1)"
        db.execute(row, (name,))
        issued(db, authority, name, Path(where), "mqtts://127.0.0.1:1")
    beds = {bed for devices in order.devices.values() for _, bed in devices}
    db.executemany("INSERT INTO bed VALUES (?, ?, ?1)", [(bed, WARD) for bed in sorted(filter(None, beds))])


async def measure(
    folder: Path, sizes: Sequence[int], period_s: float, seconds: float, say: Say
) -> list[Size]:
    """Every size once, smallest first, and before them none at all. Raises NotReady."""
    measured: list[Size] = []
    for devices in (0, *sizes):
        order = order_for(devices, folder / str(devices), period_s)
        measured.append(await size(folder / str(devices), order, seconds))
        say(told(measured[-1]))
    return measured


async def size(root: Path, order: Order, seconds: float) -> Size:
    """One controller in `root` with the gateways of `order`. Raises NotReady."""
    ca = Folder(root).controller / FOLDER
    async with (
        site(root, Ward((), ()), prepare=lambda db: enrol(db, ca, order)) as here,
        listening(here) as heard,
    ):
        return await _run(here, heard, replace(order, port=here.mqtt_port), seconds)


async def _run(here: Site, heard: Heard, order: Order, seconds: float) -> Size:
    path = here.folder.root / "order.json"
    path.write_text(json.dumps(asdict(order)), encoding="utf-8")
    crowd = kept(here.folder, "crowd", "hil.bench.crowd", str(path))
    await crowd.start()
    try:
        await _ready(path.with_name("ready"), crowd)
        watched = await heard.watch({"controller": here.controller, "broker": here.broker}, seconds)
    finally:
        await crowd.stop(_END_S)
    told = Told(**json.loads(path.with_name("told.json").read_text(encoding="utf-8")))
    return Size(
        sum(len(devices) for devices in order.devices.values()),
        watched.used,
        receipt_ms=watched.within(told.receipted),
        screen_ms=heard.delays_ms(watched),
        late_ms=watched.within(told.late_ms),
        events_per_s=watched.events_per_s,
        again=len(told.resent),
        lost=await lost(here, told),
        behind=told.unreceipted,
        readings=told.measured,
        stored_mb=sum(one.stat().st_size for one in here.database.parent.glob("wardlink.sqlite*")) / 1e6,
    )


async def _ready(file: Path, crowd: Kept) -> None:
    try:
        async with asyncio.timeout(_READY_S):
            while not await asyncio.to_thread(file.exists):  # noqa: ASYNC110 - another process makes it
                await asyncio.sleep(0.1)
    except TimeoutError:
        raise NotReady(f"not all gateways were heard in {_READY_S:.0f} s: {crowd.last_lines()}") from None
    await asyncio.sleep(_SETTLE_S)


async def lost(here: Site, told: Told) -> int:
    """What is not in the store exactly once, after everything had its time to come. What has no receipt may
    be there or not: real gateways would go on."""
    with sqlite3.connect(f"file:{here.database}?mode=ro", uri=True) as db:
        stored = db.execute("SELECT count(*) FROM observation").fetchone()[0]
    rows = await here.ledger()
    receipted = told.measured - told.unreceipted_readings
    missing = max(0, sum(row.missing for row in rows) - told.unreceipted)
    twice = sum(row.duplicated or 0 for row in rows)
    return max(0, receipted - stored) + max(0, stored - told.measured) + missing + twice


def told(size: Size) -> str:
    """One line on a size, while others still run."""
    processes = "; ".join(
        f"{name} {one.cpu_s:.3f} of a core, {one.megabytes:.1f} MB" for name, one in size.used.items()
    )
    late = "{:.0f} / {:.0f}".format(*percentiles(size.late_ms, 50, 99))
    seen = f"{size.events_per_s:.0f} events/s; senders late by {late} ms; {size.again} sent again"
    behind = f"; {size.behind} blocks without a receipt at the end" if size.behind else ""
    return f"{size.devices} devices: {processes}; {seen}; lost {size.lost}{behind}"


@dataclass(frozen=True, slots=True)
class Measure:
    """One line of the table: a number for each size, NaN where it cannot be told."""

    what: str
    numbers: list[float]

    @property
    def ratio(self) -> float:
        """How much more the worst size costs than the cheapest smaller one."""
        known = [number for number in self.numbers if not isnan(number)]
        return max((b / min(known[:n]) for n, b in enumerate(known) if n), default=nan)


def measures(runs: Sequence[Sequence[Size]]) -> Iterator[Measure]:
    """The table's lines: medians over the runs, each of which begins with no device at all."""
    for name in runs[0][0].used:
        yield Measure(
            f"{name} CPU, µs a device and second", _each(runs, lambda e, _, s, n=name: _cpu(n, e, s))
        )
    for name in runs[0][0].used:
        yield Measure(
            f"{name} memory, kB a device more", _each(runs, lambda _, b, s, n=name: _memory(n, b, s))
        )
    for what, key in (("receipt", "receipt_ms"), ("event", "screen_ms")):
        if getattr(runs[0][-1], key):
            for per_cent in (50, 99):
                numbers = _each(runs, lambda *them, k=key, p=per_cent: percentiles(getattr(them[2], k), p)[0])
                yield Measure(f"measured → {what}, p{per_cent}, ms", numbers)


def _each(runs: Sequence[Sequence[Size]], number: Callable[[Size, Size, Size], float]) -> list[float]:
    """The median over the runs of `number(no device, the size before, this size)`."""
    return [median(number(run[0], run[n - 1], run[n]) for run in runs) for n in range(1, len(runs[0]))]


def _cpu(name: str, empty: Size, size: Size) -> float:
    return (size.used[name].cpu_s - empty.used[name].cpu_s) / size.devices * 1e6


def _memory(name: str, before: Size, size: Size) -> float:
    """Below a thousand devices the slope is that of what every process touches first."""
    if size.devices < 1_000:
        return nan
    more = size.used[name].megabytes - before.used[name].megabytes
    return more / (size.devices - before.devices) * 1e3


def table(runs: Sequence[Sequence[Size]]) -> Iterator[str]:
    """A Markdown table: a column for each size, and the ratio that must stay below ALLOWED."""
    sizes = [size.devices for size in runs[0][1:]]
    columns = " | ".join(f"{devices:,}" for devices in sizes)
    yield f"| what | {columns} | worst / cheapest smaller (≤ {ALLOWED}) |"
    yield "|---|" + "---:|" * (len(sizes) + 1)
    for one in measures(runs):
        flag = " **grows**" if one.ratio > ALLOWED else ""
        yield f"| {one.what} | {_cells(one.numbers)} | {one.ratio:.2f}{flag} |"
    if runs[0][-1].late_ms:
        late = _each(runs, lambda _, before, size: percentiles(size.late_ms, 99)[0])
        yield f"| baseline: the senders' own timers late, p99, ms | {_cells(late)} | – |"


def _cells(numbers: Sequence[float]) -> str:
    return " | ".join("–" if isnan(number) else f"{number:,.1f}" for number in numbers)
