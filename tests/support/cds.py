"""Services of CDS Hooks to ask: the example as a process of its own, and one that answers as a test says.

async with Example.running(controller.address, tmp_path) as pgx: …
async with odd(b'{"cards": []}') as service: …
"""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from controller.cds.section import CdsService
from controller.ports import free_port
from hil.prepare import quiet_port

ROOT = Path(__file__).parents[2]


@dataclass
class Example:
    """`python -m hil.sims.pgx`."""

    port: int
    process: asyncio.subprocess.Process
    told: Path
    """The feedback that came."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def kill(self) -> None:
        """As `kill -9`."""
        self.process.send_signal(signal.SIGKILL)


@asynccontextmanager
async def example(port: int, keys: str, folder: Path) -> AsyncIterator[Example]:
    told = folder / "feedback.jsonl"
    argv = "-m", "hil.sims.pgx", "--port", str(port), "--keys", keys, "--feedback", str(told)
    process = await asyncio.create_subprocess_exec(sys.executable, *argv, cwd=ROOT)
    try:
        await _up(port)
        yield Example(port, process, told)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _up(port: int) -> None:
    """It refuses whoever shows no JWT, and so is there."""
    async with asyncio.timeout(20), aiohttp.ClientSession() as session:
        while True:
            try:
                async with session.get(f"http://127.0.0.1:{port}/nothing") as response:
                    assert response.status == 404
                    return
            except aiohttp.ClientConnectorError:
                await asyncio.sleep(0.05)


def port() -> int:
    return free_port("127.0.0.1", quiet_port(), "a service")


@dataclass
class Odd:
    """A service that says what a test wants. `late_s`: after so long."""

    body: bytes = b'{"cards": []}'
    status: int = 200
    late_s: float = 0
    prefetch: dict[str, str] = field(default_factory=dict[str, str])
    url: str = ""
    asked: list[Any] = field(default_factory=list[Any])
    told: list[Any] = field(default_factory=list[Any])
    headers: list[str] = field(default_factory=list[str])
    hook: str = "order-sign"
    refuses: int = 0
    """So many times it does not take feedback."""

    def section(self, name: str = "Odd", timeout_ms: int = 3000) -> CdsService:
        return CdsService(name=name, url=self.url, timeout_ms=timeout_ms)

    async def discovery(self, request: web.Request) -> web.Response:
        self.headers.append(request.headers["Authorization"])
        offered = {"id": "odd", "hook": self.hook, "description": "d", "prefetch": self.prefetch}
        return web.json_response({"services": [offered, {**offered, "hook": "patient-view"}]})

    async def call(self, request: web.Request) -> web.Response:
        self.headers.append(request.headers["Authorization"])
        self.asked.append(await request.json())
        await asyncio.sleep(self.late_s)
        return web.Response(body=self.body, status=self.status, content_type="application/json")

    async def feedback(self, request: web.Request) -> web.Response:
        self.told.append(await request.json())
        return web.Response(status=503 if len(self.told) <= self.refuses else 200)


@asynccontextmanager
async def odd(**said: Any) -> AsyncIterator[Odd]:
    service, app = Odd(**said), web.Application()
    app.router.add_get("/cds-services", service.discovery)
    app.router.add_post("/cds-services/odd", service.call)
    app.router.add_post("/cds-services/odd/feedback", service.feedback)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    service.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield service
    finally:
        await runner.cleanup()
