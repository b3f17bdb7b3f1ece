"""A box of an ambulance as it runs: its devices say what the test says, its page is asked over HTTP."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import aiohttp

from controller.identity.authority import new_authority
from devices.codecs import Said
from devices.model.observation import DeviceEvent, EventKind, Quality, Reading
from devices.wire.block import Lane, open_block, records_of
from gateway.app import Gateway
from gateway.clock import SystemClock
from gateway.config import DeviceConfig, load
from gateway.crew.people import People
from gateway.enrolment.identity import IdentityFolder
from gateway.journal.journal import Journal
from gateway.links import Link, Outlet
from gateway.orders.kept import ConfigurationFile
from hil.identities import made as certified
from hil.identities import now
from tests.support.waiting import until

PERSON, PIN = "kim", "739105"
CONFIG = """
[gateway]
id = "box-1"
data = "data"
[controller]
address = "mqtts://127.0.0.1:9"
[crew]
vehicle = "amb-1"
address = "{address}:0"
names = ["crew.lan"]
"""
DEVICE = """
[[device]]
id = "{id}"
profile = "nonin-xpod"
port = "/dev/null"
bed = "{bed}"
"""


class _Silent:
    """A link whose device says what the test says."""

    async def run(self) -> None:
        await asyncio.Event().wait()


@dataclass
class Box:
    """One that runs."""

    gateway: Gateway
    outlets: dict[str, Outlet] = field(default_factory=dict[str, Outlet])

    @property
    def crew(self) -> Any:
        return self.gateway.onboard.crew

    @property
    def address(self) -> str:
        scheme = "http" if self.crew.config.is_local else "https"
        return f"{scheme}://{self.crew.listens_at}"

    def link(self, device: DeviceConfig, outlet: Outlet) -> Link:
        self.outlets[device.id] = outlet
        return _Silent()

    def says(self, *said: Said, device: str = "ox-1") -> None:
        self.outlets[device](said)

    def measures(self, metric: str, value: float, quality: int = 0, device: str = "ox-1") -> None:
        at = self.gateway.clock.now()
        self.says(Reading(metric, at, Decimal(str(value)), None, Quality(quality)), device=device)

    async def journaled(self, *kinds: EventKind) -> list[DeviceEvent]:
        """The events of these kinds that the journal has on the lane of alerts."""
        journal, keeper = self.gateway.journal, self.gateway.keeper
        numbers = range(journal.produced[Lane.ALERT])
        found, _ = await keeper.read(Lane.ALERT, journal.id, numbers)
        groups = [one for block in found.values() for one in records_of(*open_block(block))]
        events = [one for group in groups for one in group.records if isinstance(one, DeviceEvent)]
        return [one for one in events if one.kind in kinds]


def box_folder(folder: Path, *, address: str = "127.0.0.1", beds: Iterable[str] = ("amb-1",)) -> Path:
    """A box that is enrolled, with a device on each of `beds`; its configuration."""
    path = folder / "box-1.toml"
    devices = (DEVICE.format(id=f"ox-{n}", bed=bed) for n, bed in enumerate(beds, 1))
    path.write_text(CONFIG.format(address=address) + "".join(devices), encoding="utf-8")
    certified(new_authority(now())[0], "box-1", folder / "data" / "identity", "mqtts://127.0.0.1:9", now())
    People(folder / "data" / "crew").put(PERSON, PIN)
    return path


@asynccontextmanager
async def running(config: Path) -> AsyncIterator[Box]:
    """The box of `config`, until the end of the block."""
    clock, loaded = SystemClock(), load(config)
    data = loaded.gateway.data
    journal = Journal.open(data / "journal", b"a" * 8, 10**8, clock.block_clock())
    remote = ConfigurationFile("box-1", data / "configuration.cose")
    gateway = Gateway(loaded, clock, IdentityFolder(data / "identity"), journal, remote)
    box = Box(gateway)
    gateway.links = box.link
    serving = asyncio.create_task(gateway.serve())
    try:
        await until(lambda: serving.done() or (box.crew.listens_at and box.outlets), "the page is served")
        yield box
    finally:
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)
        await gateway.keeper.close()


@asynccontextmanager
async def browser(box: Box, *, jar: aiohttp.CookieJar | None = None) -> AsyncIterator[aiohttp.ClientSession]:
    """A client that behaves as the page does."""
    jar = aiohttp.CookieJar(unsafe=True) if jar is None else jar
    headers = {"Origin": box.address}
    async with aiohttp.ClientSession(box.address, cookie_jar=jar, headers=headers) as session:
        yield session


async def log_in(session: aiohttp.ClientSession, pin: str = PIN, name: str = PERSON) -> int:
    """The answer's status."""
    async with session.post("/api/login", json={"name": name, "pin": pin}) as response:
        return response.status


@asynccontextmanager
async def crew_member(box: Box) -> AsyncIterator[aiohttp.ClientSession]:
    """Logged in."""
    async with browser(box) as session:
        assert await log_in(session) == 204
        yield session


class Events:
    """The open stream: `next(kind)` skips others."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._response = response

    async def any(self) -> tuple[str, Any]:
        block = await self._response.content.readuntil(b"\n\n")
        if not block:
            raise EOFError
        lines = dict(line.split(": ", 1) for line in block.decode().splitlines() if line)
        return lines["event"], json.loads(lines["data"])

    async def next(self, wanted: str) -> Any:
        async with asyncio.timeout(20):
            while True:
                kind, data = await self.any()
                if kind == wanted:
                    return data


@asynccontextmanager
async def live(session: aiohttp.ClientSession) -> AsyncIterator[Events]:
    """The stream of events."""
    async with session.get("/api/live", read_bufsize=2**22) as response:
        assert response.status == 200
        assert response.content_type == "text/event-stream"
        yield Events(response)


async def post(session: aiohttp.ClientSession, path: str, **body: Any) -> tuple[int, Any]:
    """Status and content of the answer."""
    async with session.post(path, json=body) as response:
        return response.status, await response.json() if response.status != 204 else None
