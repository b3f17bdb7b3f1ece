"""Traces inside the application: what screens were sent of traced blocks, and when they showed it."""

import asyncio
from collections.abc import AsyncIterator

import orjson
from aiohttp import web

from controller.api.bodies import read_body
from controller.api.context import CONTEXT
from controller.api.observed_schemas import PaintsBody
from controller.errors import ConfigError
from controller.events import Event
from controller.metrics.sources import SOURCES
from controller.tracing.tracer import EVENT, Tracer
from host.errors import NotInstalled
from host.tracing import exporter


def _tracer(request: web.Request) -> Tracer | None:
    sources = request.config_dict.get(SOURCES)
    return None if sources is None else sources.intake.tracer


def tell_sent(request: web.Request, event: Event) -> None:
    """A screen's connection has taken `event`."""
    if event.kind == EVENT and (tracer := _tracer(request)) is not None:
        tracer.sent(orjson.loads(event.data)["items"], event.server_ms)


async def painted(request: web.Request) -> web.StreamResponse:
    """POST /api/paints: when a screen showed what is traced. Nothing is traced: nothing is done with it."""
    body = await read_body(request, PaintsBody)
    if (tracer := _tracer(request)) is not None:
        for one in body.items:
            tracer.painted(one.trace, one.at_ms)
    return web.Response(status=204)


async def tracing(app: web.Application) -> AsyncIterator[None]:
    """A context of the application: spans are told while it runs. Raises ConfigError: not installed."""
    sources = app.get(SOURCES)
    if sources is None or sources.tracing is None:
        yield
        return
    try:
        export, end = exporter(sources.tracing.endpoint, "wardlink-controller", "controller")
    except NotInstalled as error:
        raise ConfigError(str(error)) from error
    sources.intake.tracer = Tracer(app[CONTEXT].clock, app[CONTEXT].hub, sources.tracing.share, export)
    yield
    sources.intake.tracer = None
    await asyncio.to_thread(end)
