"""A gateway that is told to stop stops, also when its connections break in the same moment."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from controller.identity.authority import new_authority
from gateway import uplink
from gateway.app import Gateway
from gateway.clock import SystemClock
from gateway.config import load
from gateway.enrolment.identity import IdentityFolder
from gateway.errors import Unreachable
from gateway.journal.journal import Journal
from gateway.orders.kept import ConfigurationFile
from hil.identities import made, now
from tests.support.waiting import until

CONFIG = '[gateway]\nid = "ward-a"\n[controller]\naddress = "mqtts://127.0.0.1:9"\n'


class Breaking:
    """A connection that breaks when it is given up."""

    broke = 0

    async def watch(self) -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            Breaking.broke += 1
            raise Unreachable("it broke in the same moment") from None

    async def publish(self, *_: object, **__: object) -> None:
        await asyncio.Event().wait()

    async def subscribe(self, _: str) -> None:
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
