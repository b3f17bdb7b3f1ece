"""How a gateway stands with the mobile network that it asked for a better connection."""

import hashlib
from datetime import UTC, datetime
from enum import StrEnum


class Standing(StrEnum):
    """What the gateway itself says of the quality that it asked the network's operator for."""

    REQUESTED = "requested"
    """The operator took the request; the network has not provided it yet."""
    AVAILABLE = "available"
    """The network provides it."""
    ENDED = "ended"
    """The network ended it while it was wanted, why is said beside: it is asked for again."""
    REFUSED = "refused"
    """The operator does not give it: why is said beside. It is asked for again later."""
    UNREACHABLE = "unreachable"
    """The operator does not answer, so nobody knows: it is asked again later."""
    RELEASED = "released"
    """It is not wanted, and nothing is held at the operator."""


def sink_mark(access_token: str) -> str:
    """By this the controller knows whose session an operator tells of: who reads the mark cannot tell so."""
    return hashlib.sha256(access_token.encode()).hexdigest()


def utc_text(utc_us: int) -> str:
    """A time in UTC, in microseconds since 1970, as RFC 3339 has it."""
    return f"{datetime.fromtimestamp(utc_us // 1_000_000, UTC):%Y-%m-%dT%H:%M:%SZ}"
