"""A hospital that is observed: a real controller, a real gateway with an oximeter, who takes their traces.

async with observed(folder) as seen:
    await seen.scrape()          # what Prometheus reads of both, by the name of the series
"""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import aiohttp
from prometheus_client.parser import text_string_to_metric_families

from controller import app
from controller.clock import SystemClock
from controller.config import Config, load
from controller.hub import Hub
from controller.identity.files import FOLDER
from controller.ports import free_port
from controller.registry import Patient, Registry
from controller.security.permissions import Role
from controller.security.users import set_password
from controller.store import Store
from hil.identities import given
from tests.integration.gateway.rig import GatewayProcess, Ox, write_config
from tests.support.broker import listening
from tests.support.controller import PASSWORD, quick_passwords
from tests.support.models import model_file
from tests.support.otlp import Taken, collector
from tests.support.sender import until

NAMES = ("Erika Mustermann", "PAT-4711", "bed-1", "ox-1")
"""Of the patient, and of what is at the patient: none of it may be in a metric."""


@dataclass(slots=True)
class Seen:
    """All of it runs."""

    http: str
    gateway: str
    token: str
    traces: Taken

    async def scrape(self) -> dict[str, str]:
        """What both expose, as text: "controller", "gateway"."""
        async with aiohttp.ClientSession() as session:
            headers = {"Authorization": f"Bearer {self.token}"}
            async with session.get(f"{self.http}/metrics", headers=headers) as response:
                assert response.status == 200, await response.text()
                controller = await response.text()
            async with session.get(f"{self.gateway}/metrics") as response:
                return {"controller": controller, "gateway": await response.text()}


def samples(text: str) -> dict[str, list[tuple[dict[str, str], float]]]:
    """Labels and values by the name of the sample: by Prometheus' own parser."""
    found: dict[str, list[tuple[dict[str, str], float]]] = {}
    for family in text_string_to_metric_families(text):
        for one in family.samples:
            found.setdefault(one.name, []).append((one.labels, one.value))
    return found


@asynccontextmanager
async def observed(folder: Path) -> AsyncIterator[Seen]:
    """Started inside the block; every block is traced."""
    async with collector() as traces:
        config = await _site(folder, traces.address)
        with quick_passwords():
            running = asyncio.create_task(app.run(config))
            try:
                where = config.data / "run" / "addresses.json"
                await until(lambda: where.exists() or running.done())
                addresses = json.loads(where.read_text(encoding="utf-8"))
                port = free_port("127.0.0.1", 0, "metrics")
                tracing = f'[tracing]\nendpoint = "{traces.address}"\nshare = 1\n'
                extra = f'[metrics]\naddress = "127.0.0.1:{port}"\n{tracing}'
                with Ox() as ox:
                    identity = folder / "identities" / "ward-a"
                    box = write_config(folder, addresses["mqtt"], ox.port, identity=identity, extra=extra)
                    with GatewayProcess(box):
                        await listening(port)
                        token = await _token(addresses["http"])
                        yield Seen(addresses["http"], f"http://127.0.0.1:{port}", token, traces)
            finally:
                running.cancel()
                with suppress(asyncio.CancelledError):
                    await running


async def _site(folder: Path, collector_at: str) -> Config:
    file = folder / "controller.toml"
    ports = "".join(f"[{name}]\nport = 0\n" for name in ("http", "mqtt", "est"))
    secret = folder / "turn-secret"
    secret.touch(0o600)
    secret.write_text("nobody listens at this relay", encoding="utf-8")
    model = f'[models]\nfile = "{model_file(folder)}"\n'
    rooms = f'[telemedicine]\nturn = ["turn:127.0.0.1:9"]\nsecret_file = "{secret}"\n'
    tracing = f'[tracing]\nendpoint = "{collector_at}"\nshare = 1\n'
    file.write_text(f"{ports}[discovery]\ninterfaces = []\n{rooms}{model}{tracing}", encoding="utf-8")
    config = load(file)
    store, clock = await Store.open(config.database), SystemClock()
    registry = Registry(store, Hub(clock, "setup"), clock)
    await registry.load()
    await registry.add_ward("w-1", "Ward 1")
    await registry.add_bed("bed-1", "w-1", "Bed 1")
    await registry.admit("bed-1", Patient("PAT-4711", "Erika Mustermann"), "nurse")
    await registry.add_gateway("ward-a", "ward-a")
    await given(
        store, config.data / FOLDER, "ward-a", folder / "identities" / "ward-a", "mqtts://127.0.0.1:1"
    )
    with quick_passwords():
        for user, role in ("engineer", Role.ENGINEER), ("nurse", Role.NURSE):
            await set_password(store, clock, user, PASSWORD, role)
    await store.close()
    return config


async def _token(http: str) -> str:
    """As an engineer makes one for Prometheus."""
    jar = aiohttp.CookieJar(unsafe=True, treat_as_secure_origin=http)
    async with aiohttp.ClientSession(http, cookie_jar=jar, headers={"Origin": http}) as session:
        body = {"user": "engineer", "password": PASSWORD}
        async with session.post("/api/login", json=body) as response:
            assert response.status in (200, 204), await response.text()
        wanted = {"name": "prometheus", "scopes": "system/MeasureReport.s", "days": 30, "wards": None}
        async with session.post("/api/tokens", json=wanted) as response:
            assert response.status == 200, await response.text()
            return str((await response.json())["token"])
