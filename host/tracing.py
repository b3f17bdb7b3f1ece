"""Spans to a collector, by OTLP over HTTP (OpenTelemetry Protocol): in batches, in a thread of the SDK.

export, end = exporter(section.endpoint, "wardlink-gateway", "ward-a")
export(span)          # returns at once
end()                 # sends what waits, hence in a thread
"""

import logging
from collections.abc import Callable
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from devices.wire.traces import Span, collector, parent_of, span_of
from host.errors import NotInstalled

_WANTED = "[tracing] needs the packages of OpenTelemetry: install wardlink[tracing]"
log = logging.getLogger(__name__)


class TracingSection(BaseModel):
    """`[tracing]` of a configuration: where traces go. `share`: of all blocks; the same at both sides."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    endpoint: Annotated[str, AfterValidator(collector)]
    share: Annotated[float, Field(gt=0, le=1, strict=False)] = 0.001


def exporter(endpoint: str, service: str, instance: str) -> tuple[Callable[[Span], None], Callable[[], None]]:
    """What takes spans, and what ends that: it sends what waits. Raises NotInstalled: not installed."""
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415
        from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
        from opentelemetry.sdk.trace import ReadableSpan  # noqa: PLC0415
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415
        from opentelemetry.trace import SpanContext, TraceFlags  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise NotInstalled(_WANTED) from error
    log.info("traces go to %s", endpoint)
    sender = BatchSpanProcessor(
        OTLPSpanExporter(f"{endpoint.rstrip('/')}/v1/traces"), schedule_delay_millis=1000
    )
    resource = Resource({"service.name": service, "service.instance.id": instance})

    def context(trace: bytes, span: bytes, *, is_remote: bool) -> SpanContext:
        flags = TraceFlags(TraceFlags.SAMPLED)
        return SpanContext(int.from_bytes(trace, "big"), int.from_bytes(span, "big"), is_remote, flags)

    def export(span: Span) -> None:
        parent = parent_of(span.trace, span.stage)
        sender.on_end(
            ReadableSpan(
                f"wardlink {span.stage}",
                context(span.trace, span_of(span.trace, span.stage), is_remote=False),
                context(span.trace, parent, is_remote=True) if parent else None,
                resource,
                dict(span.about),
                start_time=span.began_ns,
                end_time=max(span.began_ns, span.ended_ns),
            )
        )

    return export, sender.shutdown
