"""What was asked over HTTP, by the template of its route: an address in a label would name a patient."""

from collections import Counter, defaultdict

from aiohttp import web

from controller.metrics.families import Metric, counter, gauge, histogram
from devices.model.histogram import Histogram

_BOUNDS = (0.005, 0.025, 0.1, 0.5, 1.0, 5.0)
"""Seconds. Few: there are hundreds of routes."""


class Asked:
    """Counted in the event loop."""

    def __init__(self) -> None:
        self.answers: Counter[tuple[str, str, str]] = Counter()
        """By method, route and status."""
        self.took: defaultdict[str, Histogram] = defaultdict(lambda: Histogram(_BOUNDS))
        """Seconds until an answer began, by route."""
        self.sent = Histogram()
        """Seconds from an event until a screen's connection had taken it."""
        self.too_slow = 0
        """Streams cut off because their readers were too slow."""

    def families(self, streams: int) -> list[Metric]:
        """`streams` that are open."""
        took = {(route,): held for route, held in self.took.items()}
        labels = "method", "route", "code"
        return [
            counter("http_requests", "Requests answered", self.answers, labels),
            histogram("http_request_duration_seconds", "Until the answer began", took, ["route"]),
            histogram(
                "sse_send_seconds", "From an event until a screen's connection took it", {(): self.sent}
            ),
            counter("sse_slow_readers", "Streams of events cut off, their readers too slow", self.too_slow),
            gauge("sse_clients", "Screens that are sent events", streams),
        ]


ASKED = web.AppKey("asked", Asked)
"""Of an application."""
