"""`kill -9` of the controller or its broker while blocks stream: nothing is lost, nothing stored twice."""

import asyncio
import os
import signal
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import aiomqtt
import psutil
import pytest

from devices.wire.block import Lane
from tests.integration.controller.conftest import Site
from tests.support.sender import Sender, reading, until

ROOT = Path(__file__).parents[3]


def command(site: Site) -> list[str]:
    return [sys.executable, "-m", "wardlink", "controller", "run", str(site.folder / "controller.toml")]


@contextmanager
def process(site: Site) -> Iterator[subprocess.Popen[bytes]]:
    """The controller as its own process, killed at the end if it still runs."""
    (site.config.data / "run" / "addresses.json").unlink(missing_ok=True)
    with (site.folder / "log").open("ab") as log:
        started = subprocess.Popen(command(site), cwd=ROOT, stdout=log, stderr=log)
    try:
        yield started
    finally:
        started.kill()
        started.wait()


def fix_ports(site: Site, port: int) -> None:
    """From now on the controller asks for the port that it had."""
    file = site.folder / "controller.toml"
    text = file.read_text(encoding="utf-8").replace("[mqtt]\nport = 0", f"[mqtt]\nport = {port}")
    file.write_text(text, encoding="utf-8")


def produce(sender: Sender, blocks: int) -> None:
    for number in range(blocks):
        at = 1_000_000 * sender.next[Lane.VITAL]
        sender.block(reading(60 + number, at), reading(97, at, "spo2"), mono_us=at)


@pytest.mark.sqlite_only("a process that is killed opens the file")
async def test_a_killed_controller_has_lost_and_doubled_nothing(site: Site) -> None:
    sender = Sender()
    for round_ in range(4):
        with process(site) as controller:
            await until(site.is_up)
            fix_ports(site, site.port)
            async with sender.connected(site.port, site.tls["ward-a"]) as connection:
                if round_ == 3:
                    await connection.drain()
                    break
                produce(sender, 200)
                settled = sum(len(held) for held in sender.committed.values())
                sending = asyncio.create_task(connection.send_pending())
                await until(lambda held=settled: len(sender.committed[Lane.VITAL]) > held)
                os.kill(controller.pid, signal.SIGKILL)
                assert controller.wait() == -signal.SIGKILL
                await given_up(sending)
    [row] = await site.ledger()
    assert (row.produced, row.committed, row.missing, row.duplicated) == (600, 600, 0, 0)
    assert await site.rows("SELECT count(*), count(DISTINCT mono_us) FROM observation") == [(1200, 600)]


async def test_no_broker_is_left_when_the_controller_is_killed(site: Site) -> None:
    with process(site) as controller:
        await until(site.is_up)
        [broker] = psutil.Process(controller.pid).children()
        assert broker.name() == "nats-server"
        os.kill(controller.pid, signal.SIGKILL)
        await until(lambda: not broker.is_running() or broker.status() == psutil.STATUS_ZOMBIE)


async def test_a_stopped_controller_ends_its_broker_and_takes_its_addresses_away(site: Site) -> None:
    with process(site) as controller:
        await until(site.is_up)
        [broker] = psutil.Process(controller.pid).children()
        controller.terminate()
        assert await asyncio.to_thread(controller.wait, 20) == 0
        assert not broker.is_running()
        assert not site.is_up()


async def test_a_second_controller_on_the_same_folder_is_refused(site: Site) -> None:
    with process(site):
        await until(site.is_up)
        second = await asyncio.to_thread(
            subprocess.run, command(site), cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert second.returncode == 1
        assert "another controller uses this folder" in second.stderr


@pytest.mark.sqlite_only("a process that is killed opens the file")
async def test_a_killed_broker_loses_and_doubles_nothing(site: Site) -> None:
    sender = Sender()
    with process(site) as controller:
        await until(site.is_up)
        port = site.port
        for _ in range(3):
            [broker] = psutil.Process(controller.pid).children()
            produce(sender, 200)
            async with sender.connected(port, site.tls["ward-a"]) as connection:
                settled = len(sender.committed[Lane.VITAL])
                sending = asyncio.create_task(connection.send_pending())
                await until(lambda held=settled: len(sender.committed[Lane.VITAL]) > held)
                broker.kill()
                await until(lambda killed=broker: not killed.is_running())
                await given_up(sending)
            await connects(sender, port, site.tls["ward-a"])
    [row] = await site.ledger()
    assert (row.produced, row.committed, row.missing, row.duplicated) == (600, 600, 0, 0)


async def given_up(sending: asyncio.Task[None]) -> None:
    """Nobody is there any more who would acknowledge: do not wait until the client says so."""
    while not sending.done():  # Python 3.11 forgets a cancellation that meets an acknowledgement
        sending.cancel()
        await asyncio.wait({sending}, timeout=0.1)


async def connects(sender: Sender, port: int, tls: ssl.SSLContext) -> None:
    """Connect to the restarted broker and send what has no receipt."""
    async with asyncio.timeout(30):
        while True:
            try:
                async with sender.connected(port, tls) as connection:
                    await connection.drain()
                    return
            except aiomqtt.MqttError:
                await asyncio.sleep(0.05)
