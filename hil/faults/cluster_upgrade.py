"""A rolling upgrade: each controller of an older release ends in order, and the code that is here is started.

told = await upgraded(cluster, died)      # `died`: what Cluster says of processes that ended
told.text                                # how the schema grew, and what became of an old one that was killed
"""

import asyncio
import os
import signal
from collections.abc import Sequence
from pathlib import Path
from typing import LiteralString

import psycopg

from hil.cluster.site import Cluster
from hil.faults.cluster_faults import Told
from hil.until import until

_DONE = "SELECT number FROM migration"
_HELD = "SELECT count(*) FROM shard_lease WHERE holder <> ''"


async def upgraded(cluster: Cluster, died: Sequence[str]) -> Told:
    """One after the other; after the first one, the last old one is killed once. Raises NotReady."""
    before = await asyncio.to_thread(_asked, cluster.database, _DONE)
    first, *others = [name for name in cluster.processes if name.startswith("controller-")]
    await _one(cluster, first)
    more = await asyncio.to_thread(_asked, cluster.database, _DONE) - before
    grown = f"migrations {sorted(more)}" if more else "no migration"
    said = await _old_again(cluster, others[-1], died) if others else ""
    for name in others:
        await _one(cluster, name)
    return Told(f"{len(others) + 1} controllers, {grown}; {said}", fired=True)


async def _one(cluster: Cluster, name: str) -> None:
    was = cluster.processes[name].pid
    ready = _ready(cluster, name)
    await asyncio.to_thread(ready.unlink, missing_ok=True)
    await cluster.upgrade(name)
    what = f"{name} is up with the new code"
    await until(what, lambda: ready.exists() and cluster.processes[name].pid != was, 120)
    await until("all shards are held", lambda: 64 in _asked(cluster.database, _HELD), 60, every_s=0.5)


def _ready(cluster: Cluster, name: str) -> Path:
    """It is written once that controller serves."""
    return cluster.layout.controller(int(name.rpartition("-")[2]) - 1) / "run" / "addresses.json"


async def _old_again(cluster: Cluster, name: str, died: Sequence[str]) -> str:
    """What becomes of the old code on the new schema when its process has to start."""
    one, before = cluster.processes[name], len(died)
    if one.pid is None:
        return f"old code on the new schema died by itself: {one.last_lines(1)}"
    ready = _ready(cluster, name)
    await asyncio.to_thread(ready.unlink, missing_ok=True)
    os.kill(one.pid, signal.SIGKILL)

    def words() -> list[str]:
        return [line for line in died[before:] if line.startswith(f"{name} ") and " with -9 " not in line]

    await until(f"{name} runs or says why not", lambda: bool(words()) or ready.exists())
    return f"old code that starts on the new schema: {words()[-1] if words() else 'it runs'}"


def _asked(url: str, query: LiteralString) -> set[int]:
    with psycopg.connect(url, autocommit=True, connect_timeout=5) as db:
        return {row[0] for row in db.execute(query)}
