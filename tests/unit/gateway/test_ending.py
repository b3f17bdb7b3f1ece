"""A gateway that is told to stop stops, also when its connections break in the same moment."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from controller.identity.authority import new_authority
from devices.model.observation import DeviceEvent, EventKind
from devices.wire.block import Lane
from gateway import uplink
from gateway.app import Gateway
from gateway.clock import SystemClock
from gateway.config import load
from gateway.enrolment.identity import IdentityFolder
from gateway.errors import Unreachable
from gateway.journal.journal import Journal
from gateway.links import Deliver
from gateway.orders.kept import ConfigurationFile
from hil.identities import made, now
from tests.support.waiting import until

CONFIG = '[gateway]\nid = "ward-a"\n[controller]\naddress = "mqtts://127.0.0.1:9"\n'


class Breaking:
    """A connection that breaks when it is given up."""

    broke = 0
    is_slow = False

    async def watch(self) -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            Breaking.broke += 1
            raise Unreachable("it broke in the same moment") from None

    async def publish(self, *_: object, **__: object) -> None:
        await asyncio.Event().wait()

    async def subscribe(self, *_: str, **__: str) -> None:
        """Granted."""

    async def messages(self) -> AsyncIterator[tuple[str, bytes]]:
        await asyncio.Event().wait()
        yield "", b""


async def test_it_ends_although_its_connections_break_as_it_is_told_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    connections: list[Breaking] = []

    @asynccontextmanager
    async def connected(*_: object, **__: Any) -> AsyncIterator[Breaking]:
        connections.append(Breaking())
        yield connections[-1]

    monkeypatch.setattr(uplink, "connected", connected)
    path = tmp_path / "ward-a.toml"
    path.write_text(CONFIG, encoding="utf-8")
    made(new_authority(now())[0], "ward-a", tmp_path / "identity", "mqtts://127.0.0.1:9", now())
    clock = SystemClock()
    journal = Journal.open(tmp_path / "journal", b"a" * 8, 10**8, clock.block_clock())
    remote = ConfigurationFile("ward-a", tmp_path / "configuration.cose")
    gateway = Gateway(load(path), clock, IdentityFolder(tmp_path / "identity"), journal, remote)
    serving = asyncio.create_task(gateway.serve())
    await until(lambda: len(connections) >= 4, "every lane is connected")
    serving.cancel()
    done, _ = await asyncio.wait({serving}, timeout=30)
    await gateway.keeper.close()
    assert Breaking.broke >= 4
    assert done == {serving}


class LastWords:
    """A link whose device says something as it is ended, not at once."""

    def __init__(self, deliver: Deliver) -> None:
        self._deliver = deliver

    async def run(self) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0.05)
            self._deliver([DeviceEvent(EventKind.DISCONNECTED, SystemClock().now(), {"why": "ended"})])


async def test_what_a_device_says_as_it_is_ended_is_in_the_journal(tmp_path: Path) -> None:
    path = tmp_path / "ward-a.toml"
    device = '[[device]]\nid = "ox-1"\nprofile = "nonin-xpod"\nport = "/dev/null"\n'
    path.write_text(CONFIG + device, encoding="utf-8")
    made(new_authority(now())[0], "ward-a", tmp_path / "identity", "mqtts://127.0.0.1:9", now())
    clock = SystemClock()
    journal = Journal.open(tmp_path / "journal", b"a" * 8, 10**8, clock.block_clock())
    remote = ConfigurationFile("ward-a", tmp_path / "configuration.cose")
    gateway = Gateway(load(path), clock, IdentityFolder(tmp_path / "identity"), journal, remote)
    gateway.links = lambda _, deliver: LastWords(deliver)
    serving = asyncio.create_task(gateway.serve())
    await until(lambda: gateway.sessions, "the device is served")
    before = journal.produced
    serving.cancel()
    await asyncio.wait({serving}, timeout=30)
    left, after = gateway.gather.take_all(clock.now()), journal.produced
    await gateway.keeper.close()
    assert list(left) == []
    assert after[Lane.VITAL] > before[Lane.VITAL]
