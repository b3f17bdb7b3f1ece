"""What is observed of a running controller beside its application, and its host."""

import os
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from controller.clock import Clock
from controller.cluster.links import Links
from controller.identity.site import SiteIdentity
from controller.intake import Intake
from controller.ledger import Ledger
from controller.metrics.families import Metric, Values, gauge
from host.tracing import TracingSection


@dataclass(frozen=True, slots=True)
class Sources:
    """The parts that the API does not know."""

    intake: Intake
    ledger: Ledger
    links: Links
    identity: SiteIdentity
    tracing: TracingSection | None = None

    def families(self) -> list[Metric]:
        """The connection to the broker, and how long the authority's certificates hold."""
        ends = {(one.name.replace(" ", "_"),): one.ends.timestamp() for one in reversed(self.identity.ends())}
        brokers = [(str(number), *state) for number, state in enumerate(self.links.states())]
        up: Values = {(name,): is_up for name, is_up, _ in brokers}
        waiting: Values = {(name,): messages for name, _, messages in brokers}
        return [
            gauge("broker_up", "1: connected to it; brokers as they are configured, from 0", up, ["broker"]),
            gauge("broker_outbox_messages", "Messages that wait to be published", waiting, ["broker"]),
            gauge("certificate_expiry_timestamp_seconds", "When it ends, UTC", ends, ["certificate"]),
        ]


SOURCES: web.AppKey[Sources] = web.AppKey("sources", Sources)
"""Of an application; there, where gateways are served."""


def host(data: Path, clock: Clock) -> list[Metric]:
    """The disk of `data`, and how far UTC is from the time scale that records go by. Raises OSError."""
    disk, offset_us = os.statvfs(data), clock.utc_us() - clock.now_us()
    return [
        gauge(
            "disk_free_bytes",
            "Free for the controller on the disk of its data",
            disk.f_bavail * disk.f_frsize,
        ),
        gauge("disk_size_bytes", "Size of that disk", disk.f_blocks * disk.f_frsize),
        gauge("clock_offset_seconds", "UTC minus the time scale of records", offset_us / 1e6),
    ]
