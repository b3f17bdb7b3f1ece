"""From an engineer's command to MicroPython on a cable: controller, broker, gateway and node as they run."""

import asyncio
import json
import re
import signal
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from typer.testing import CliRunner

from controller.clock import SystemClock
from controller.firmware.cli import app as cli
from controller.firmware.desk import Asked, FirmwareDesk
from controller.store import Store
from devices.wire import node_image
from firmware.build import update_image
from tests.integration.controller.conftest import Site
from tests.integration.gateway.rig import GatewayProcess
from tests.support.node_process import Cable, NodeProcess
from tests.support.waiting import DEADLINE_S

image_of = cache(update_image)
SLOW = 5760
"""Bytes a second of a line of 57600 baud."""


class LoadedNode(NodeProcess):
    """The same, begun by the loader: it can be updated."""

    def __init__(self, folder: Path, port: Path, period_ms: int) -> None:
        super().__init__(folder, port, period_ms)
        self._command[1] = "firmware/unix/start.py"


class Line(Cable):
    """A cable that carries so many bytes a second."""

    bytes_per_s = 1_000_000

    def _carry(self) -> None:
        node, gateway = self._pair
        ways = [(node, gateway, bytearray()), (gateway, node, bytearray())]
        before = time.monotonic()
        while not self._stop.wait(0.002):
            before, passed_s = time.monotonic(), time.monotonic() - before
            most = int(passed_s * self.bytes_per_s) + 1
            for source, target, held in ways:
                held.extend(source.read())
                target.write(bytes(self._damage(byte) for byte in held[:most]))
                del held[:most]


@dataclass
class Ward:
    """All of it, running. The node, node-1 of gateway ward-a, runs version 1."""

    site: Site
    folder: Path
    gateway: GatewayProcess
    desk: FirmwareDesk
    cable: Line

    async def wardlink(self, *words: str) -> tuple[int, str]:
        """`wardlink controller firmware`: its exit status, and what it says."""
        command = [*words, "--config", str(self.site.folder / "controller.toml")]
        done = await asyncio.to_thread(CliRunner().invoke, cli, command)
        return done.exit_code, done.output

    async def add(self, version: int, without: str = "") -> str:
        """Make an image and add it, perhaps without one of its files. Returns its digest."""
        file = self.folder / f"unix-{version}.wln"
        data = await asyncio.to_thread(image_of, "unix", version)
        files = node_image.read(data).files
        data = node_image.pack("unix", version, {name: files[name] for name in files if name != without})
        await asyncio.to_thread(file.write_bytes, data)
        status, said = await self.wardlink("add", str(file), "--why", "a test")
        assert status == 0, said
        return said.split()[-1]

    async def become(self, version: int) -> None:
        """Wait until the node has said that it runs this."""
        async with asyncio.timeout(DEADLINE_S):
            while True:
                running = (await self.desk.told("ward-a", "node-1")).running
                if running is not None and running.version == version:
                    return
                await asyncio.sleep(0.1)

    async def asked(self, stage: str) -> Asked:
        """Wait until the update is at this stage."""
        async with asyncio.timeout(DEADLINE_S):
            while True:
                asked = (await self.desk.told("ward-a", "node-1")).asked
                if asked is not None and stage in (asked.stage, asked.state):
                    return asked
                await asyncio.sleep(0.05)


@pytest.fixture
async def ward(site: Site, tmp_path: Path) -> AsyncIterator[Ward]:
    folder = tmp_path / "box"
    folder.mkdir()
    async with site.running():
        identity = folder / "gateway-data" / "identity"
        identity.parent.mkdir()
        (site.folder / "identities" / "ward-a").rename(identity)
        (identity / "controller.json").write_text(
            json.dumps({name: site.addresses()[name] for name in ("est", "mqtt")})
        )
        cable = Line(folder, one_in=5000)
        config = folder / "ward-a.toml"
        config.write_text(
            f'[gateway]\nid = "ward-a"\n[controller]\naddress = "{site.addresses()["mqtt"]}"\n'
            '[[device]]\nid = "node-1"\nprofile = "wardlink-node-vitals"\nbed = "bed-1"\n'
            f'port = "{cable.gateway}"\n',
            encoding="utf-8",
        )
        store = await Store.open(site.config.database)
        node = LoadedNode(folder / "node", cable.node, period_ms=200)
        with cable, node, GatewayProcess(config) as gateway:
            made = Ward(site, folder, gateway, FirmwareDesk(store, SystemClock()), cable)
            await made.become(1)
            yield made
        await store.close()


async def test_an_image_is_added_ordered_and_run_and_its_version_is_shown(ward: Ward) -> None:
    await ward.add(2)
    status, said = await ward.wardlink("update", "ward-a", "node-1", "--follow", "--why", "mends it")
    assert (status, said.splitlines()[-1]) == (0, "version 2: done"), said
    told = await ward.desk.told("ward-a", "node-1")
    assert told.running is not None
    assert (told.running.board, told.running.version, told.newer) == ("unix", 2, [])
    _, logs = await ward.wardlink("logs", "ward-a", "node-1")
    assert "update\tversion 2 taken" in logs
    assert "update\tversion 2 running" in logs
    assert re.search(r"progress\tversion 2 sending \d+ %", logs)
    trail = await ward.site.rows("SELECT entry ->> '$.why' FROM audit WHERE action = 'command-issued'")
    assert trail == [("mends it",)]
    status, said = await ward.wardlink("update", "ward-a", "node-1")
    assert (status, "nothing newer" in said) == (1, True)


async def test_an_image_that_was_changed_in_the_store_is_refused_and_the_engineer_reads_why(
    ward: Ward,
) -> None:
    digest = await ward.add(2)
    path = ward.site.config.data / "firmware" / digest
    good = path.read_bytes()
    path.write_bytes(good[:-1] + bytes([good[-1] ^ 1]))
    status, said = await ward.wardlink("update", "ward-a", "node-1", "--follow")
    assert status == 3, said
    assert "version 2: refused: the image is not the one that was signed" in said.splitlines()[-1]
    told = await ward.desk.told("ward-a", "node-1")
    assert told.running is not None
    assert (told.running.version, [one.version for one in told.newer]) == (1, [2])


async def test_a_version_that_does_not_even_begin_is_gone_back_from_and_the_engineer_reads_why(
    ward: Ward,
) -> None:
    await ward.add(2, without="firmware/core/station.mpy")
    status, said = await ward.wardlink("update", "ward-a", "node-1", "--follow")
    last = said.splitlines()[-1]
    assert status == 4, said
    assert last.startswith("version 2: failed: fell-back: it did not get healthy, and the node went back")
    assert "ImportError" in last
    told = await ward.desk.told("ward-a", "node-1")
    assert told.running is not None
    assert told.running.version == 1


async def test_a_gateway_killed_in_the_middle_is_asked_again_and_the_node_goes_on_where_it_was(
    ward: Ward,
) -> None:
    await ward.add(2)
    ward.cable.bytes_per_s = SLOW
    assert (await ward.wardlink("update", "ward-a", "node-1"))[0] == 0
    await ward.asked("sending")
    ward.gateway.end(signal.SIGKILL)
    ward.gateway.start()
    ward.cable.bytes_per_s = Line.bytes_per_s
    asked = await ward.asked("interrupted")
    assert asked.why == "the gateway ended in the middle: ask once more, and the node goes on where it was"
    sent = await sending(ward)
    status, said = await ward.wardlink("update", "ward-a", "node-1", "--follow")
    assert (status, said.splitlines()[-1]) == (0, "version 2: done"), said
    again = (await sending(ward))[len(sent) :]
    assert sent[-1] < 90
    assert again[0] > 0


async def sending(ward: Ward) -> list[int]:
    """The steps that were told, in percent."""
    _, said = await ward.wardlink("logs", "ward-a", "node-1")
    return [int(percent) for percent in re.findall(r"sending (\d+) %", said)]
