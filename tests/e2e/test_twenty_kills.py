"""Six beds stream while gateway, controller and broker are killed: the ledger stays clean."""

import asyncio
import random
import sqlite3
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import psutil
import pytest

from controller.ledger import LedgerRow, ledger_table
from controller.store import Store
from hil.endcheck import Compared, compared
from hil.processes import Kept
from hil.sims.emitted import boot_id, now_ns
from hil.stack import Stack
from hil.ward import Folder, six_kinds

ROUNDS, SEED, DEADLINE_S = 20, 20, 60
pytestmark = [pytest.mark.xdist_group("demo"), pytest.mark.timeout(600)]


def running(kept: Kept) -> psutil.Process:
    if kept.pid is None:
        raise psutil.NoSuchProcess(0, kept.name)
    return psutil.Process(kept.pid)


class Ward:
    """A running ward, and what its store says."""

    def __init__(self, folder: Folder) -> None:
        self.folder = folder
        self.began_ns = now_ns()
        self.told: list[str] = []
        self.stack = Stack(folder, ward=six_kinds(6), port=0, tell=self.told.append)
        self.database = folder.controller / "wardlink.sqlite"

    def victim(self, name: str) -> psutil.Process:
        if name == "gateway":
            return running(self.stack.gateway)
        controller = running(self.stack.controller)
        if name == "controller":
            return controller
        (broker,) = [p for p in controller.children(recursive=True) if p.name() == "nats-server"]
        return broker

    async def rows(self) -> list[LedgerRow]:
        store = await Store.open(self.database)
        try:
            return await ledger_table(store)
        finally:
            await store.close()

    def live_devices_since(self, ns: int) -> int:
        with sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=10) as db:
            query = """SELECT count(DISTINCT device) FROM observation JOIN series ON series.id = series
                JOIN boot ON boot.id = observation.boot WHERE boot.boot = ? AND mono_us > ?"""
            return db.execute(query, (boot_id(), ns // 1000)).fetchone()[0]

    def compared(self) -> list[Compared]:
        return compared(self.folder.root / "emitted", self.database, boot_id(), self.began_ns)


@pytest.fixture
async def ward(tmp_path: Path) -> AsyncIterator[Ward]:
    ward = Ward(Folder(tmp_path / "ward"))
    async with ward.stack:
        yield ward


async def until(what: str, holds: Callable[[], bool]) -> None:
    for _ in range(DEADLINE_S * 10):
        if holds():
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"not within {DEADLINE_S} s: {what}")


async def nothing_missing_below(ward: Ward, produced: dict[tuple[str, str], int], what: str) -> None:
    """Wait until every block that was known to be produced is settled."""
    missing: list[tuple[int, int]] = []
    for _ in range(DEADLINE_S * 2):
        rows = await ward.rows()
        assert not any(row.duplicated or row.quarantined or row.shed for row in rows)
        missing = [
            r for row in rows for r in row.missing_ranges if r[0] < produced.get((row.journal, row.lane), 0)
        ]
        if not missing:
            return
        await asyncio.sleep(0.5)
    raise AssertionError(f"{what}: {missing} still missing")


async def kill(ward: Ward, name: str) -> None:
    """kill -9, and the proof that it was deadly and that something took its place."""
    victim = ward.victim(name)
    victim.kill()
    await until(
        f"{name} {victim.pid} is gone", lambda: not victim.is_running() or victim.status() == "zombie"
    )

    def replaced() -> bool:
        try:
            return ward.victim(name).pid != victim.pid
        except (psutil.Error, ValueError):
            return False

    await until(f"{name} is there again", replaced)


async def test_twenty_kills_while_six_beds_stream_lose_double_and_invent_nothing(ward: Ward) -> None:
    rng = random.Random(SEED)
    names = rng.sample(["gateway", "controller", "broker"] * 7, ROUNDS)
    await until("all 18 devices are live", lambda: ward.live_devices_since(ward.began_ns) == 18)
    for number, name in enumerate(names):
        await asyncio.sleep(rng.uniform(0.2, 1.5))
        await kill(ward, name)
        killed_ns = now_ns()
        await until(
            f"round {number}: live after {name}", lambda since=killed_ns: ward.live_devices_since(since) >= 6
        )
        produced = {(row.journal, row.lane): row.produced for row in await ward.rows()}
        await nothing_missing_below(ward, produced, f"round {number}, {name} killed")
    await ward.stack.stop_devices()
    await until("everything sent is stored", lambda: all(one.is_clean for one in ward.compared()))
    await ward.stack.gateway.stop()
    rows = await ward.rows()
    assert not [row for row in rows if row.missing or row.duplicated or row.quarantined or row.shed]
    assert len({row.journal for row in rows}) == 1 + names.count("gateway")
    assert {one.device for one in ward.compared() if one.stored} == {
        f"{kind}-{n}" for kind in ("hr", "ox", "temp") for n in range(1, 7)
    }
