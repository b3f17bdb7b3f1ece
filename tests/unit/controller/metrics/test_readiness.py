"""A controller is ready when it can store, and says what is wrong when it cannot."""

import os
from pathlib import Path

import pytest

from controller.clock import SystemClock
from controller.metrics import readiness
from controller.metrics.readiness import Readiness
from controller.store import Store
from tests.support.database import without_writing


async def test_a_controller_that_can_store_is_ready(tmp_path: Path) -> None:
    store = await Store.open(tmp_path / "wardlink.sqlite")
    assert await Readiness(store, SystemClock()).reasons() == {"store": "", "migrations": "", "disk": ""}
    await store.close()


async def test_a_database_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    store = await Store.open(tmp_path / "wardlink.sqlite")
    await store.write(without_writing)
    assert "nothing can be stored" in (await Readiness(store, SystemClock()).reasons())["store"]
    assert store.failed == 1
    await store.close()


async def test_a_migration_that_is_missing_is_told(tmp_path: Path) -> None:
    store = await Store.open(tmp_path / "wardlink.sqlite")
    await store.write(lambda db: db.execute("DELETE FROM migration WHERE number = 2"))
    assert "[2] are not applied" in (await Readiness(store, SystemClock()).reasons())["migrations"]
    await store.close()


async def test_a_full_disk_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = await Store.open(tmp_path / "wardlink.sqlite")
    free = os.statvfs(tmp_path)
    monkeypatch.setattr(readiness, "ROOM_BYTES", free.f_blocks * free.f_frsize + 1)
    assert "make room" in (await Readiness(store, SystemClock()).reasons())["disk"]
    await store.close()


async def test_who_asks_often_makes_no_more_transactions(tmp_path: Path) -> None:
    store = await Store.open(tmp_path / "wardlink.sqlite")
    held = Readiness(store, SystemClock())
    for _ in range(20):
        await held.reasons()
    assert sum(store.writes.counts) == 1
    await store.close()
