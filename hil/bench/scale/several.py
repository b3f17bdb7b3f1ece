"""The same load for one, two and three controllers on PostgreSQL: what is kept up, and what a reading costs.

One broker, one database without a standby, light gateways that speak the whole contract (`hil.bench.crowd`).
Processor time is that of /proc (proc(5), stat), of each process with its children, in ticks of 10 ms: on one
machine all of it shares the same cores, so that what a reading costs says more than how many there were.
"""

import asyncio
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from controller.ports import free_port
from controller.store import Store
from hil.bench.crowd_order import Told
from hil.bench.growth import Say
from hil.bench.scale.spent import resident_mb, spent_s
from hil.bench.site import percentiles
from hil.cluster.layout import Asked
from hil.cluster.site import Cluster
from hil.errors import NotReady
from hil.sims.emitted import now_ns

KINDS: Sequence[str] = "controllers", "brokers", "database", "gateways"
_SETTLE_S, _END_S = 10.0, 60.0


@dataclass(frozen=True, slots=True)
class Load:
    """Of every run."""

    gateways: int = 60
    devices: int = 20
    """At each."""
    readings_per_s: float = 1.0
    """Of each device."""

    @property
    def readings(self) -> float:
        """A second, of all."""
        return self.gateways * self.devices * self.readings_per_s


@dataclass(frozen=True, slots=True)
class Kept:
    """What so many controllers did in `seconds`. `cpu_s`, `megabytes`: by kind of process."""

    name: str
    asked: Asked
    stored: int
    """Readings."""
    seconds: float
    cpu_s: Mapping[str, float]
    megabytes: Mapping[str, float]
    receipt_ms: Sequence[float]
    again: tuple[int, int]
    """Blocks that were sent again: before it was measured, as shards were taken; and while it was."""
    there_s: float
    """Until each gateway had receipts for what it had measured until then, from the first one's start."""

    @property
    def asked_per_s(self) -> float:
        """Readings."""
        return self.asked.gateways * self.asked.devices / self.asked.period_s

    def cpu_us(self, kind: str) -> float:
        """Of a stored reading."""
        return self.cpu_s[kind] / max(self.stored, 1) * 1e6


async def measure(root: Path, name: str, asked: Asked, seconds: float) -> Kept:
    """One run in `root`. Raises NotReady: it did not come up, or something was lost."""
    async with Cluster(root, asked, free_port("127.0.0.1", 0, "pages")) as cluster:
        await asyncio.sleep(_SETTLE_S)
        store = await Store.open(cluster.database, folder=root)
        try:
            pids = _pids(cluster)
            began_ns, stored, before = now_ns(), await _stored(store), _used(pids)
            await asyncio.sleep(seconds)
            ended_ns, after, since = now_ns(), _used(pids), await _stored(store) - stored
            megabytes = {kind: resident_mb(*some) for kind, some in pids.items()}
            for one in (name for name in cluster.processes if name.startswith("gateways-")):
                await cluster.processes[one].stop(_END_S)
            told = [_told(order) for order in cluster.layout.orders]
            _check(name, told, await _stored(store))
        finally:
            await store.close()
    receipts = [ms for one in told for at_ns, ms in one.receipted if began_ns <= at_ns < ended_ns]
    resent = [at_ns for one in told for at_ns in one.resent if at_ns < ended_ns]
    return Kept(
        name,
        asked,
        since,
        seconds,
        cpu_s={kind: after[kind] - before[kind] for kind in KINDS},
        megabytes=megabytes,
        receipt_ms=receipts,
        again=(sum(at_ns < began_ns for at_ns in resent), sum(at_ns >= began_ns for at_ns in resent)),
        there_s=cluster.there_s,
    )


def _check(name: str, told: Sequence[Told], stored: int) -> None:
    """Raises NotReady."""
    measured = sum(one.measured for one in told)
    receipted = measured - sum(one.unreceipted_readings for one in told)
    if not receipted <= stored <= measured:
        raise NotReady(
            f"{name}: expected {receipted} readings with a receipt in the store, of {measured}, got {stored}"
        )
    if stored < measured:
        raise NotReady(f"{name}: did not keep up: {measured - receipted} readings had no receipt at its end")


def _pids(cluster: Cluster) -> dict[str, list[int]]:
    of = {"controllers": "controller-", "brokers": "broker-", "gateways": "gateways-"}
    pids = {
        kind: [one.pid for name, one in cluster.processes.items() if name.startswith(begin) and one.pid]
        for kind, begin in of.items()
    }
    return {**pids, "database": [cluster.primary.pid]}


def _used(pids: Mapping[str, Sequence[int]]) -> dict[str, float]:
    """Seconds of processor so far, by kind, with children that have ended."""
    return {kind: spent_s(*some) for kind, some in pids.items()}


async def _stored(store: Store) -> int:
    return (await store.read("SELECT count(*) FROM observation"))[0][0]


def _told(order: Path) -> Told:
    return Told(**json.loads(order.with_name("told.json").read_text(encoding="utf-8")))


async def run(
    folder: Path, counts: Sequence[int], load: Load, *, seconds: float, before: Path | None, say: Say
) -> list[Kept]:
    """Each count, of an older release in the folder `before` too; what does not come up is left out."""
    kept: list[Kept] = []
    for release in (None, before) if before else (None,):
        for count in counts:
            name = "before" if release else "now"
            asked = Asked(
                *(1, count, load.gateways, load.devices, 1 / load.readings_per_s),
                previous=release,
                standby=False,
            )
            try:
                kept.append(await measure(folder / f"{name}-{count}", name, asked, seconds))
            except NotReady as error:
                say(f"{name}, {count} controllers: not measured: {error!s:.300}")
                continue
            say(next(table(kept[-1:], with_head=False)))
    return kept


def table(kept: Sequence[Kept], *, with_head: bool = True) -> Iterator[str]:
    """In Markdown."""
    if with_head:
        told = "measured → receipt p50 / p99, ms", "sent again: before", "in it |"
        yield "| | controllers | readings/s asked | stored | " + " | ".join(
            (*(f"{kind}, µs a reading" for kind in KINDS), *told)
        )
        yield "|---|" + "---:|" * (len(KINDS) + 6)
    for one in kept:
        cpu = " | ".join(f"{one.cpu_us(kind):,.0f}" for kind in KINDS)
        late = "{:,.0f} / {:,.0f}".format(*percentiles(one.receipt_ms, 50, 99))
        again = " | ".join(f"{count:,}" for count in one.again)
        rates = f"{one.asked_per_s:,.0f} | {one.stored / one.seconds:,.0f}"
        yield f"| {one.name} | {one.asked.controllers} | {rates} | {cpu} | {late} | {again} |"
