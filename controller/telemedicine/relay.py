"""The relay for pictures between networks that do not reach each other (TURN, RFC 8656), and who may use it.

relay = Relay(("turn:relay.hospital.example:3478",), secret)
relay.server("TV00000001-2", utc_s)        # what a browser's RTCPeerConnection takes, good for five hours

The relay is the hospital's coturn (`use-auth-secret`), which knows the same secret: names and passwords need
no table (draft-uberti-behave-turn-rest-00, 2.2). A name says until when it is good and which seat it is for,
and nothing of anybody.
"""

import base64
import hashlib
import hmac
from dataclasses import dataclass, field

GOOD_S = 5 * 3600
"""Longer than a visit may last: a relay refuses to go on for who has an old name."""


@dataclass(frozen=True, slots=True)
class Relay:
    """`urls`: as RFC 7065 writes them."""

    urls: tuple[str, ...]
    secret: str = field(repr=False)

    def server(self, seat: str, utc_s: int) -> dict[str, str | list[str]]:
        """An RTCIceServer (W3C WebRTC, 4.2.3)."""
        name = f"{utc_s + GOOD_S}:{seat}"
        # SHA-1 is what the draft and coturn have; as a MAC it is not broken.
        mac = hmac.new(self.secret.encode(), name.encode(), hashlib.sha1).digest()
        return {"urls": list(self.urls), "username": name, "credential": base64.b64encode(mac).decode()}
