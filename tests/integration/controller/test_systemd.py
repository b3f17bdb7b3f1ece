"""systemd starts a controller, or a broker, that hangs again: it hears nothing of one that does."""

import asyncio
import signal
import threading
from pathlib import Path

import pytest

from controller.api.supervised import look
from controller.clock import SystemClock
from controller.metrics.readiness import Readiness
from controller.store import Store
from tests.integration.controller.conftest import Site
from tests.support.members import Members
from tests.support.systemd import Systemd

pytestmark = pytest.mark.timeout(400)
"""Processes that start twice, where nothing is measured."""


async def test_a_controller_is_ready_when_it_serves_and_is_started_again_when_it_hangs(site: Site) -> None:
    run = "controller", "run", site.folder / "controller.toml"
    await asyncio.to_thread(hangs_once, Systemd(site.folder), *run)


async def test_a_broker_is_ready_when_it_serves_and_is_started_again_when_it_hangs(site: Site) -> None:
    members = Members(site.folder, site.config.data, count=1)
    members.make(0)
    await asyncio.to_thread(hangs_once, Systemd(site.folder), "broker", "run", members.place(0))


def hangs_once(systemd: Systemd, *command: object) -> None:
    """As systemd goes about it: silence ends the process; the next one serves, and ends when told to."""
    with systemd:
        with systemd.runs(*command) as process:
            systemd.hears("READY=1")
            process.send_signal(signal.SIGSTOP)
            assert systemd.is_silent()
        with systemd.runs(*command) as process:
            assert "STATUS=serves" in systemd.hears("READY=1")
            process.terminate()
            systemd.hears("STOPPING=1")
            assert process.wait(60) == 0


async def test_a_database_that_hangs_is_silence_and_one_that_refuses_is_told(tmp_path: Path) -> None:
    store, gate = await Store.open(tmp_path / "controller.db"), threading.Event()
    readiness = Readiness(store, SystemClock())
    hanging = asyncio.create_task(store.write(lambda _: gate.wait()))
    looking = asyncio.create_task(look(store, readiness))
    done, _ = await asyncio.wait({looking}, timeout=0.3)
    assert not done
    gate.set()
    assert "store" not in await looking
    assert await hanging
    await store.write(lambda db: db.execute("DROP TABLE migration"))
    assert "store: nothing can be stored" in await look(store, Readiness(store, SystemClock()))
    await store.close()
