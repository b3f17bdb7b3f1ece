"""Who takes traces by OTLP over HTTP, decoded with OpenTelemetry's own messages.

async with collector() as taken:
    taken.address; taken.spans
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.trace.v1.trace_pb2 import Span


@dataclass(slots=True)
class Taken:
    """What came, in order of its coming."""

    address: str = ""
    spans: list[tuple[str, Span]] = field(default_factory=list)
    """With the name of the service that told it."""

    def traces(self) -> dict[bytes, dict[str, Span]]:
        """By trace and name."""
        found: dict[bytes, dict[str, Span]] = {}
        for _, span in self.spans:
            found.setdefault(span.trace_id, {})[span.name] = span
        return found


@asynccontextmanager
async def collector() -> AsyncIterator[Taken]:
    """Listens on loopback inside the block."""
    taken = Taken()

    async def export(request: web.Request) -> web.Response:
        told = ExportTraceServiceRequest.FromString(await request.read())
        for resource in told.resource_spans:
            names = {one.key: one.value.string_value for one in resource.resource.attributes}
            for scope in resource.scope_spans:
                taken.spans += [(names["service.name"], span) for span in scope.spans]
        body = ExportTraceServiceResponse().SerializeToString()
        return web.Response(body=body, content_type="application/x-protobuf")

    app = web.Application(client_max_size=16 * 1024 * 1024)
    app.router.add_post("/v1/traces", export)
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        taken.address = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield taken
    finally:
        await runner.cleanup()
