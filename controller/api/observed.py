"""What is observed of the controller: metrics for Prometheus, and whether it is alive and ready."""

import asyncio
import secrets
from functools import cache, partial

from aiohttp import web
from aiohttp.typedefs import Handler
from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector
from prometheus_client.exposition import choose_encoder

from controller.api.answers import answer
from controller.api.context import CONTEXT, context, view
from controller.api.events import OPEN
from controller.api.media_context import media_families
from controller.api.models_context import MODELS
from controller.api.objects_context import objects_families, objects_lost
from controller.api.supervised import telling
from controller.api.traced import tracing
from controller.api.visits_context import TELEMEDICINE
from controller.errors import StoreError
from controller.metrics import shown, stored
from controller.metrics.asked import ASKED, Asked
from controller.metrics.families import Metric, gauge
from controller.metrics.models import models
from controller.metrics.readiness import Readiness
from controller.metrics.relays import relays
from controller.metrics.sources import SOURCES, host
from controller.proof import JournalProof
from controller.security.gate import Refused
from controller.shards.duty import is_on_duty

READINESS = web.AppKey("readiness", Readiness)
_BEGAN: web.RequestKey[float] = web.RequestKey("began", float)
_REFUSED = "SELECT name, sum(value) AS value FROM counter GROUP BY name"


@web.middleware
async def measured(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Outermost: every request has a beginning, and its answer is counted where it begins."""
    request[_BEGAN] = asyncio.get_running_loop().time()
    return await handler(request)


async def count_answer(request: web.Request, response: web.StreamResponse) -> None:
    """An `on_response_prepare` handler: a stream of events counts when it begins."""
    resource = request.match_info.route.resource
    route = "other" if resource is None else resource.canonical
    asked = request.config_dict[ASKED]
    asked.answers[request.method if resource else "other", route, str(response.status)] += 1
    if (began := request.get(_BEGAN)) is not None:
        asked.took[route].observe(asyncio.get_running_loop().time() - began)


async def metrics(request: web.Request) -> web.StreamResponse:
    """GET /metrics, in Prometheus' text format or OpenMetrics, as is asked for."""
    if view(request).wards is not None:
        # Of other wards nobody learns how many beds are taken.
        raise Refused(
            403, "not-allowed", "expected whoever sees all wards: these numbers are of the whole site"
        )
    encode, content_type = choose_encoder(request.headers.get("Accept", ""))
    families = await _families(request)
    body = encode(_Held([*families, *_process().collect()]))
    return web.Response(body=body, headers={"Content-Type": content_type, "Cache-Control": "no-store"})


async def _families(request: web.Request) -> list[Metric]:
    """Whatever can be told: a database that cannot be read takes away what is in it, and nothing else."""
    parts, app = context(request), request.config_dict
    families = [
        *app[ASKED].families(len(app[OPEN])),
        *stored.store(parts.store),
        *shown.shown(parts.hub.snapshot()),
        *host(parts.store.folder, parts.clock),
    ]
    if (visits := app.get(TELEMEDICINE)) is not None:
        families.append(gauge("rooms", "Rooms for video that somebody is in", visits.rooms.open))
        if visits.relay is not None:
            families.append(await relays(visits.relay.urls, secrets.token_bytes(12)))
    families += [*media_families(app), *await objects_families(app)]
    if (served := app.get(MODELS)) is not None and is_on_duty(app):
        families += models(parts.store.folder, served.model.version)
    refused, journals = await _from_database(request)
    readable = "1: the database could be read for this"
    families.append(gauge("store_readable", readable, journals is not None))
    if journals is not None:
        families += stored.proven(journals)
    if (sources := app.get(SOURCES)) is not None:
        families += [*sources.families(), *stored.blocks(sources.ledger)]
        families += stored.ingest(sources.intake, refused)
    return families


async def _from_database(
    request: web.Request,
) -> tuple[dict[tuple[str, ...], float], list[JournalProof] | None]:
    """Messages refused by reason, and the proof of every journal; None: the database could not be read."""
    parts = context(request)
    try:
        rows = await parts.store.read(_REFUSED)
        proof = await parts.auditor.proof()
    except StoreError:
        return {}, None
    return {(row["name"],): float(row["value"]) for row in rows}, proof.journals


class _Held:
    """A collector of what has been collected."""

    def __init__(self, families: list[Metric]) -> None:
        self._families = families

    def collect(self) -> list[Metric]:
        """See prometheus_client."""
        return self._families


@cache
def _process() -> CollectorRegistry:
    """Of this process: `process_…`, `python_…`, under the names that every program has."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    GCCollector(registry=registry)
    return registry


async def alive(_request: web.Request) -> web.StreamResponse:
    """GET /healthz: who answers this is alive."""
    return web.Response(text="ok\n", headers={"Cache-Control": "no-store"})


async def ready(request: web.Request) -> web.StreamResponse:
    """GET /readyz: 200 or 503. Why is for those who may know."""
    reasons = await request.config_dict[READINESS].reasons()
    is_ready = not any(reasons.values())
    text, status = ("ready\n", 200) if is_ready else ("not ready\n", 503)
    if is_ready and objects_lost(request.config_dict):
        text = "degraded\n"  # what measures and alarms is as it should be: nobody is to be sent elsewhere
    return web.Response(text=text, status=status, headers={"Cache-Control": "no-store"})


async def readiness(request: web.Request) -> web.StreamResponse:
    """GET /api/readiness: each check, and what is wrong."""
    reasons = await request.config_dict[READINESS].reasons()
    checks = [{"check": name, "ready": not why, "why": why} for name, why in reasons.items()]
    if (lost := objects_lost(request.config_dict)) is not None:
        checks.append({"check": "objects", "ready": not lost, "why": lost})
    return answer({"ready": not any(reasons.values()), "checks": checks})


def add_observed(app: web.Application) -> None:
    """After the context: counts begin here; sources, if any, are put in before the application starts."""
    app[ASKED] = Asked()
    app[READINESS] = Readiness(app[CONTEXT].store, app[CONTEXT].clock)
    app.on_response_prepare.append(count_answer)
    app.on_startup.append(_get_ready)
    app.cleanup_ctx.append(tracing)
    app.cleanup_ctx.append(partial(telling, app[CONTEXT].store, app[READINESS]))


async def _get_ready(app: web.Application) -> None:
    # The application is about to be frozen: its keys cannot change any more, its parts can.
    app[READINESS].sources = app.get(SOURCES)
