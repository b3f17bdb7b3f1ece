"""The trace of a block (OpenTelemetry): both ends name it alike, and nothing of it travels. Pure.

    trace = trace_of(journal, lane, number)
    if is_sampled(trace, 0.01): Span(trace, "publish", began_ns, ended_ns)

Its 16 bytes are a hash of what names the block, its spans' 8 bytes one of the trace and the stage, and each
stage's parent is the stage before it: whoever sees one end of the way can name the other.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from ipaddress import ip_address
from urllib.parse import urlsplit

STAGES = ("arrive", "decode", "journal", "publish", "ingest", "receipt", "send", "paint")
"""The way of a reading: bytes arrive at the gateway and are decoded; its block is on the gateway's disk, and
published; the controller commits it, and receipts it; a screen's connection takes it, and it is drawn."""
_VERSION = b"wardlink-trace-1"


def trace_of(journal: bytes, lane: int, number: int) -> bytes:
    """16 bytes (W3C Trace Context, 3.2.2.3)."""
    return sha256(_VERSION + journal + bytes([lane]) + number.to_bytes(8, "big")).digest()[:16]


def is_sampled(trace: bytes, share: float) -> bool:
    """Whether `trace` is of the `share` that is told: by its last 8 bytes, as OpenTelemetry samples."""
    return int.from_bytes(trace[8:], "big") < share * 2**64


def span_of(trace: bytes, stage: str) -> bytes:
    """The 8 bytes of a stage's span (W3C Trace Context, 3.2.2.4)."""
    return sha256(trace + stage.encode()).digest()[:8]


def parent_of(trace: bytes, stage: str) -> bytes | None:
    """Those of the stage before; None: it is the first."""
    place = STAGES.index(stage)
    return span_of(trace, STAGES[place - 1]) if place else None


@dataclass(frozen=True, slots=True)
class Span:
    """A stage of one block's way: UTC in ns since 1970. `about`: attributes, never of a patient."""

    trace: bytes
    stage: str
    began_ns: int
    ended_ns: int
    about: Mapping[str, str | int] = field(default_factory=dict[str, str | int])


def collector(text: str) -> str:
    """Where traces are taken (OTLP over HTTP): by TLS, but on this machine. Raises ValueError."""
    parts = urlsplit(text)
    may = parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(parts.hostname or ""))
    if not (may and parts.hostname) or parts.query or parts.username:
        raise ValueError("expected https://HOST:PORT, or http:// of a loopback address")
    return text


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
