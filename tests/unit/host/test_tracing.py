"""Spans reach who collects them, and a lack of packages is told with the remedy."""

import asyncio
import sys

import pytest

from devices.wire.traces import Span, parent_of, span_of, trace_of
from host.errors import NotInstalled
from host.tracing import exporter
from tests.support.otlp import collector

TRACE = trace_of(bytes(8), 1, 7)


async def test_a_span_reaches_the_collector_under_its_service_with_its_parent() -> None:
    async with collector() as taken:
        export, end = exporter(taken.address, "wardlink-gateway", "ward-a")
        export(Span(TRACE, "decode", 2_000, 1_000, {"wardlink.gateway": "ward-a"}))
        await asyncio.to_thread(end)
    ((service, span),) = taken.spans
    assert (service, span.name) == ("wardlink-gateway", "wardlink decode")
    assert (span.trace_id, span.span_id) == (TRACE, span_of(TRACE, "decode"))
    assert span.parent_span_id == parent_of(TRACE, "decode")
    # A clock that was set back between the two makes no span that ends before it begins.
    assert span.start_time_unix_nano == span.end_time_unix_nano == 2_000


def test_without_its_packages_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)
    with pytest.raises(NotInstalled, match=r"install wardlink\[tracing\]"):
        exporter("http://127.0.0.1:9", "wardlink-gateway", "ward-a")
