"""Metrics of a box stay on it."""

import pytest
from pydantic import ValidationError

from gateway.metrics.config import MetricsConfig
from host.tracing import TracingSection


@pytest.mark.parametrize("address", ["127.0.0.1:9465", "[::1]:9465", "127.0.0.1"])
def test_metrics_are_served_to_this_box(address: str) -> None:
    assert MetricsConfig(address=address).where.port == 9465


@pytest.mark.parametrize("address", ["0.0.0.0:9465", "192.168.8.1:9465", "[::]:1", "box.lan:9465", ""])
def test_and_to_no_other(address: str) -> None:
    with pytest.raises(ValidationError, match="expected a loopback address"):
        MetricsConfig(address=address)


def test_traces_leave_a_box_by_tls_alone() -> None:
    assert TracingSection(endpoint="https://otel.example:4318").share == 0.001
    with pytest.raises(ValidationError, match="expected https"):
        TracingSection(endpoint="http://192.0.2.1:4318")
