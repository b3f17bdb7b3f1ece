"""A controller on a store that is filled, with its own broker, and people who have signed in."""

import secrets
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from controller.clock import SystemClock
from controller.files import write_private
from controller.ports import free_port
from controller.security.permissions import Role
from controller.security.users import set_password
from controller.store import Store
from controller.store.where import Where
from hil.bench.site import kept
from hil.errors import NotReady
from hil.until import until
from hil.ward import Folder

PEOPLE = Role.NURSE, Role.ENGINEER, Role.AUDITOR
_START_S = 300.0
_FILE = """[controller]
id = "hospital"
data = "."
names = ["127.0.0.1"]
[http]
port = {http}
[mqtt]
port = {mqtt}
[est]
port = {est}
[discovery]
interfaces = []
"""


@dataclass(frozen=True, slots=True)
class Person:
    """Signed in."""

    http: aiohttp.ClientSession
    address: str
    cookies: dict[str, str]

    async def get(self, path: str) -> int:
        """The bytes of the answer. Raises NotReady."""
        async with self.http.get(self.address + path, cookies=self.cookies) as answer:
            text = await answer.read()
            if answer.status != 200:
                raise NotReady(f"{path}: expected an answer, got {answer.status}: {text[:200]!r}")
            return len(text)


@dataclass(frozen=True, slots=True)
class Served:
    """`start_s`: from its start until its pages are there."""

    pid: int
    people: dict[Role, Person]
    start_s: float


@asynccontextmanager
async def served(folder: Folder, where: Where) -> AsyncIterator[Served]:
    """It runs within. Raises NotReady."""
    http, mqtt, est = (free_port("127.0.0.1", 0, what) for what in ("pages", "MQTT", "EST"))
    text = _FILE.format(http=http, mqtt=mqtt, est=est)
    text += f'[store]\nurl = "{where}"\n' if isinstance(where, str) else ""
    config = folder.controller / "controller.toml"
    write_private(config, text)
    passwords = await _known(folder.controller, where)
    process = kept(folder, "controller", "wardlink", "controller", "run", str(config))
    async with AsyncExitStack() as stack:
        began = time.monotonic()
        await process.start()
        stack.push_async_callback(process.stop)
        up = folder.controller / "run" / "addresses.json"
        await until("the controller is up", up.exists, _START_S)
        took = time.monotonic() - began
        session = aiohttp.ClientSession(
            cookie_jar=aiohttp.DummyCookieJar(), timeout=aiohttp.ClientTimeout(600)
        )
        client = await stack.enter_async_context(session)
        address = f"http://127.0.0.1:{http}"
        people = {role: await _signed_in(client, address, role, passwords[role]) for role in PEOPLE}
        assert process.pid is not None
        yield Served(process.pid, people, took)


async def _known(folder: Path, where: Where) -> dict[Role, str]:
    store = await Store.open(where, folder=folder)
    passwords = {role: secrets.token_urlsafe(9) for role in PEOPLE}
    for role, password in passwords.items():
        await set_password(store, SystemClock(), role, password, role)
    await store.close()
    return passwords


async def _signed_in(http: aiohttp.ClientSession, address: str, role: Role, password: str) -> Person:
    login = {"user": str(role), "password": password}
    async with http.post(f"{address}/api/login", json=login, headers={"Origin": address}) as answer:
        answer.raise_for_status()
        return Person(http, address, {one.key: one.value for one in answer.cookies.values()})
