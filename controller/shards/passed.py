"""What one controller says of a request that it passes on to another: who made it, under the key both have.

    headers[HEADER] = seal.of(asked, client="10.1.2.3")
    client = seal.opened(asked, headers[HEADER])         # None: no controller of ours said so, or long ago

HMAC-SHA-256 (RFC 2104) over where it goes, what is asked for, for whom and when. The body needs none: the
connection is TLS to a certificate of our authority, or stays on this machine.
"""

import hmac
from typing import NamedTuple

from controller.clock import Clock
from controller.security.sealing import Sealing

HEADER = "Wardlink-Passed-On"
FRESH_MS = 30_000
"""Clocks of controllers are synchronised: what is older was said by somebody who listened."""


class Asked(NamedTuple):
    """A request. `to`: the address of the controller that is to answer; `target`: path and query, as sent."""

    to: str
    method: str
    target: str
    host: str


class Seal:
    """By the key of second factors, which all controllers of a site have."""

    def __init__(self, sealing: Sealing, clock: Clock) -> None:
        self._sealing, self._clock = sealing, clock

    def of(self, asked: Asked, client: str) -> str:
        """The header. Raises ConfigError: the key cannot be read."""
        at_ms = self._clock.utc_us() // 1000
        return f"{at_ms} {client} {self._digest(asked, client, at_ms)}"

    def opened(self, asked: Asked, header: str) -> str | None:
        """The address of who made it. Raises ConfigError: the key cannot be read."""
        at, client, digest = (*header.split(" "), "", "", "")[:3]
        if not (at.isascii() and at.isdecimal() and len(at) < 16 and digest.isascii()):
            return None
        is_ours = hmac.compare_digest(digest, self._digest(asked, client, int(at)))
        is_fresh = abs(self._clock.utc_us() // 1000 - int(at)) <= FRESH_MS
        return client if is_ours and is_fresh else None

    def _digest(self, asked: Asked, client: str, at_ms: int) -> str:
        said = "\n".join((*asked, client, str(at_ms)))
        return self._sealing.digest(said, "passed on").hex()
