"""History beside a running controller: right while blocks come, after kills, late data and better clocks."""

import asyncio
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from controller.clock import SystemClock
from controller.history import keeper, retention
from controller.history.keeper import Keeper
from controller.sections import HistorySection
from controller.security.users import set_password
from controller.store import Store
from devices.wire.block import Lane
from hil import historycheck
from tests.integration.controller.conftest import Site
from tests.support import history
from tests.support.sender import Sender, reading, until

ROOT = Path(__file__).parents[3]
PASSWORD = "a long enough password"
MINUTE = 60_000_000
KILLS = 3


async def trend(site: Site, from_ms: int, to_ms: int) -> dict[str, Any]:
    """Heart rate of bed-1 by whole minutes, as a nurse gets it from the running controller."""
    address = site.addresses()["http"]
    span = {"metric": "hr", "from_ms": from_ms, "to_ms": to_ms, "points": (to_ms - from_ms) // 60_000}
    jar = aiohttp.CookieJar(unsafe=True, treat_as_secure_origin=address)
    async with aiohttp.ClientSession(cookie_jar=jar) as session:
        login = {"user": "nurse", "password": PASSWORD}
        async with session.post(f"{address}/api/login", json=login, headers={"Origin": address}) as answer:
            assert answer.status == 204
        async with session.get(f"{address}/api/beds/bed-1/trends", params=span) as answer:
            return (await answer.json())["metrics"]["hr"]


async def with_nurse(site: Site) -> None:
    store = await Store.open(site.config.database)
    await set_password(store, SystemClock(), "nurse", PASSWORD)
    await store.close()


def is_rolled_up(site: Site, rows: int) -> bool:
    database = site.config.database
    with historycheck.connected(database) as db:
        stored = db.execute("SELECT count(*) FROM observation").fetchone()[0]
    return stored == rows and historycheck.waiting(database) == 0


def dropped_in(site: Site) -> int:
    with historycheck.connected(site.config.database) as db:
        return db.execute("SELECT ifnull(sum(records), 0) FROM dropped").fetchone()[0]


@pytest.mark.sqlite_only("asks the file, and a process that is killed opens it")
async def test_a_backlog_whose_times_become_known_later_moves_in_the_trends_too(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An ambulance's hour arrives first; the live message after it tells how old that hour is."""
    monkeypatch.setattr(keeper, "EVERY_S", 0.05)
    await with_nurse(site)
    async with site.running():
        sender = Sender(bed="bed-1")
        async with sender.connected(site.port, site.tls["ward-a"]) as connection:
            for n in range(60):
                sender.block(reading(60 + n, n * MINUTE), mono_us=n * MINUTE)
            await connection.drain()
            await until(lambda: is_rolled_up(site, 60))
            [[seemed_us]] = await site.rows("SELECT max(at_us) FROM observation")
            live_ms = SystemClock().now_us() // 1000
            sender.block(reading(200, 120 * MINUTE), mono_us=120 * MINUTE)
            await connection.drain()
            await until(lambda: is_rolled_up(site, 61))
        found = await trend(site, live_ms - 125 * 60_000, live_ms + 5 * 60_000)
    values = [(at, value) for at, value in zip(found["t_ms"], found["max"], strict=True) if value is not None]
    assert min(value for _, value in values) <= 62
    assert max(value for _, value in values) == 200
    [[moved_us]] = await site.rows("SELECT at_us FROM observation WHERE mono_us = ?", 59 * MINUTE)
    assert seemed_us - moved_us > 59 * MINUTE  # what was rolled up did move
    # The hour's first reading is two hours older than the live one, give or take a step's width.
    assert values[-1][0] - values[0][0] == pytest.approx(120 * 60_000, abs=2 * 120_000)
    assert historycheck.problems(site.config.database) == []


@pytest.mark.sqlite_only("asks the file, and a process that is killed opens it")
async def test_intake_goes_on_while_rows_are_rolled_up_and_dropped(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("EVERY_S", 0.02), ("DROP_PAUSE_S", 0.0)):
        monkeypatch.setattr(keeper, name, value)
    monkeypatch.setattr(retention, "OBSERVATIONS_AT_ONCE", 20)
    monkeypatch.setattr(retention, "HOURS_A_DAY", 1)
    monkeypatch.setattr(keeper, "HOUR_US", 200_000)
    config = site.config.model_copy(update={"history": HistorySection(reading_days=1, waveform_days=1)})
    site.config = config
    async with site.running():
        sender = Sender(bed="bed-1")
        async with sender.connected(site.port, site.tls["ward-a"]) as connection:
            sent = 0
            while dropped_in(site) < 200:
                for _ in range(20):
                    at = sent * 1_000_000
                    sender.block(reading(60 + sent % 40, at), reading(97, at, "spo2"), mono_us=at)
                    sent += 1
                await connection.drain(every_s=5)
            await until(lambda: historycheck.waiting(config.database) == 0)
    [row] = await site.ledger()
    assert (row.committed, row.missing, row.duplicated) == (sent, 0, 0)
    [[left]] = await site.rows("SELECT count(*) FROM observation")
    assert left + dropped_in(site) == 2 * sent
    assert sender.committed[Lane.VITAL]
    assert historycheck.problems(config.database) == []


def kill_while_it_works(database: Path, seed: int, after_s: float) -> None:
    command = [sys.executable, "-m", "tests.support.history_process", str(database), str(seed)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"running\n"
        time.sleep(after_s)
        process.kill()
    assert process.returncode == -signal.SIGKILL


async def rolled_up(database: Path) -> dict[str, int]:
    """Bring the rollups up to date; how many rows the tables have."""
    store = await Store.open(database)
    await Keeper(store, SystemClock(), HistorySection()).roll_up()
    tables = ("observation", "rollup", "dropped")
    counts = {name: (await store.read(f"SELECT count(*) FROM {name}"))[0][0] for name in tables}
    await store.close()
    return counts


@pytest.mark.sqlite_only("asks the file, and a process that is killed opens it")
def test_killed_at_any_moment_history_is_still_what_the_rows_say(tmp_path: Path) -> None:
    database, draw = tmp_path / "wardlink.sqlite", random.Random(7)
    asyncio.run(made(tmp_path))
    for seed in range(KILLS):
        kill_while_it_works(database, seed, draw.uniform(0.1, 0.5))
        assert historycheck.problems(database) == []
    assert all(asyncio.run(rolled_up(database)).values())  # there was something of each
    assert historycheck.waiting(database) == 0
    assert historycheck.problems(database) == []


async def made(folder: Path) -> None:
    await (await history.opened(folder)).close()
