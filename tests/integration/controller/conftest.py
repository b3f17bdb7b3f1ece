"""A controller in this process: real broker, real database, real connections."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from controller import app
from controller.clock import SystemClock
from controller.config import Config, load
from controller.hub import Hub
from controller.identity.files import FOLDER
from controller.ledger import LedgerRow, ledger_table
from controller.registry import Registry
from controller.store import Store
from hil.identities import given
from tests.support.sender import until


@dataclass(slots=True)
class Site:
    """A controller's folder, with two gateways let in."""

    folder: Path
    config: Config
    tls: dict[str, ssl.SSLContext]
    """Of each gateway."""

    def addresses(self) -> dict[str, Any]:
        """Where the running controller listens."""
        return json.loads((self.config.data / "run" / "addresses.json").read_text(encoding="utf-8"))

    @property
    def port(self) -> int:
        """The broker's port."""
        return int(self.addresses()["mqtt"].rpartition(":")[2])

    def is_up(self) -> bool:
        """Whether the controller says where it is."""
        return (self.config.data / "run" / "addresses.json").exists()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Run the controller inside the block."""
        task = asyncio.create_task(app.run(self.config))
        try:
            await until(lambda: self.is_up() or task.done())
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def rows(self, query: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """What the database has, read beside the controller."""
        store = await Store.open(self.config.database)
        try:
            return [tuple(row) for row in await store.read(query, parameters)]
        finally:
            await store.close()

    async def ledger(self) -> list[LedgerRow]:
        """The ledger's rows."""
        store = await Store.open(self.config.database)
        try:
            return await ledger_table(store)
        finally:
            await store.close()


@pytest.fixture
async def site(tmp_path: Path) -> Site:
    """A controller that has not been started: one ward, two beds, gateways ward-a and ward-b."""
    file = tmp_path / "controller.toml"
    ports = "".join(f"[{name}]\nport = 0\n" for name in ("http", "mqtt", "est"))
    file.write_text(f"{ports}[discovery]\ninterfaces = []\n", encoding="utf-8")
    config = load(file)
    store = await Store.open(config.database)
    clock = SystemClock()
    registry = Registry(store, Hub(clock, "setup"), clock)
    await registry.load()
    await registry.add_ward("w-1", "Ward 1")
    await registry.add_bed("bed-1", "w-1", "Bed 1")
    await registry.add_bed("bed-2", "w-1", "Bed 2")
    tls = {name: await let_in(registry, store, config, name) for name in ("ward-a", "ward-b")}
    await store.close()
    return Site(tmp_path, config, tls)


async def let_in(registry: Registry, store: Store, config: Config, name: str) -> ssl.SSLContext:
    """A gateway with a certificate."""
    await registry.add_gateway(name, name)
    where = config.data / FOLDER, name, config.data.parent / "identities" / name
    return (await given(store, *where, "mqtts://127.0.0.1:1")).context()
