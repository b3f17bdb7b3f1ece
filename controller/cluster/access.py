"""Whom a member of the cluster lets in, as the controller tells it by MQTT. Pure.

The controller says all of it, retained, at each connection and at each change; the member says what it has
in force. Only the controller may publish the one topic and only that member the other (broker_config.py), so
a message needs no signature of its own: it came through mutual TLS.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from controller.errors import BrokerError
from devices.errors import WireError
from devices.wire.deflate import deflate, inflate

ACCESS, IN_FORCE = "wl/1/controller/access", "wl/1/controller/access/in-force"
"""What the controller tells a member, and what that answers."""
LARGEST = 16_000_000
"""Bytes of what is told, once inflated: some 100,000 gateways."""


@dataclass(frozen=True, slots=True)
class Access:
    """`gateways`: of each certificate, by the distinguished name in it. `issuers`: who signs such, PEM."""

    gateways: Mapping[str, str]
    issuers: str

    def pack(self) -> bytes:
        """The same access gives the same bytes."""
        return deflate(
            json.dumps({"gateways": self.gateways, "issuers": self.issuers}, sort_keys=True).encode()
        )


@dataclass(frozen=True, slots=True)
class InForce:
    """What a member says of itself."""

    digest: str
    """Of the message that it obeys."""
    until_s: int
    """When its certificate ends: UTC, seconds since 1970."""

    def pack(self) -> bytes:
        """JSON."""
        return json.dumps({"digest": self.digest, "until": self.until_s}).encode()


def digest(payload: bytes) -> str:
    """Names a message."""
    return hashlib.sha256(payload).hexdigest()


def read_access(payload: bytes) -> Access:
    """Raises BrokerError."""
    try:
        told: Any = json.loads(inflate(payload, LARGEST))
    except (WireError, ValueError, RecursionError) as error:
        raise BrokerError(f"expected whom to let in, got {error}: see the controller's log") from error
    match told:
        case {"gateways": dict(gateways), "issuers": str(issuers)} if _are_texts(gateways):
            return Access(gateways, issuers)
        case _:
            raise BrokerError("expected gateways by their certificates' names, and issuers, got neither")


def read_in_force(payload: bytes) -> InForce:
    """Raises BrokerError."""
    try:
        told: Any = json.loads(payload)
    except (ValueError, RecursionError) as error:
        raise BrokerError(f"expected what is in force, got {error}: see the broker's log") from error
    match told:
        case {"digest": str(held), "until": int(until_s)}:
            return InForce(held, until_s)
        case _:
            raise BrokerError("expected what is in force and until when, got something else")


def _are_texts(gateways: dict[Any, Any]) -> bool:
    return all(isinstance(key, str) and isinstance(value, str) for key, value in gateways.items())
