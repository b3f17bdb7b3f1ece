"""The metrics over HTTP, plain, at an address of this box alone.

await serve(config, Observed(...))          # until cancelled
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from aiohttp import web
from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import Metric
from prometheus_client.exposition import choose_encoder

from gateway.config import DeviceConfig
from gateway.links.network import Endpoint
from gateway.metrics import families
from gateway.metrics.ready import not_ready
from gateway.session import Session
from gateway.uplink import Uplink

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Observed:
    """The parts of one gateway that are looked at."""

    uplink: Uplink
    sessions: Sequence[Session]
    served: Callable[[], Sequence[DeviceConfig]]
    alarms: Callable[[], int]
    """Alarms of patients that are active."""

    async def collect(self) -> list[Metric]:
        """All families, of this moment."""
        uplink = self.uplink
        clock = uplink.clock.block_clock()
        ages = {lane: await one.oldest_age_us(clock) for lane, one in uplink.lanes.items()}
        return [
            *families.counted(uplink.condition.all_counts()),
            *families.journal(uplink.keeper),
            *families.uplink(uplink, ages),
            *families.devices(self.served(), self.sessions, self.alarms()),
        ]


class _Held:
    """A collector of what has been collected, and of this process."""

    def __init__(self, found: list[Metric]) -> None:
        self._found = found

    def collect(self) -> list[Metric]:
        """See prometheus_client."""
        registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        return [*self._found, *registry.collect()]


async def serve(where: Endpoint, observed: Observed) -> None:
    """Until cancelled. Raises OSError: nobody can listen there."""
    runner = web.AppRunner(application(observed), access_log=None, shutdown_timeout=1)
    await runner.setup()
    try:
        await web.TCPSite(runner, where.host, where.port, reuse_address=True).start()
        log.info("metrics are at http://%s/metrics", where)
        await asyncio.Event().wait()
    finally:
        await runner.cleanup()


def application(observed: Observed) -> web.Application:
    """`/metrics`, and whether the gateway is alive and takes what its devices say."""

    async def metrics(request: web.Request) -> web.StreamResponse:
        """GET /metrics."""
        encode, content_type = choose_encoder(request.headers.get("Accept", ""))
        found = _Held(await observed.collect())
        return web.Response(body=encode(found), headers={"Content-Type": content_type})

    async def alive(_request: web.Request) -> web.StreamResponse:
        """GET /healthz."""
        return web.Response(text="ok\n")

    async def ready(_request: web.Request) -> web.StreamResponse:
        """GET /readyz."""
        if why := await not_ready(observed.uplink.keeper):
            return web.Response(text=f"not ready: {why}\n", status=503)
        return web.Response(text="ready\n")

    app = web.Application(client_max_size=1024)
    app.add_routes([web.get("/metrics", metrics), web.get("/healthz", alive), web.get("/readyz", ready)])
    return app
