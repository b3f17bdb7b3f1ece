"""An authenticator in software: it makes passkeys and signs with them, also as no honest one would.

WebAuthn Level 3, sections 6.1 (authenticator data), 6.5 (attestation, format "none") and 6.3.3 (assertion).
"""

import hashlib
import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

UP, UV, AT = 0x01, 0x04, 0x40
Json = dict[str, Any]


def b64(data: bytes) -> str:
    """base64url without padding."""
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def un64(text: str) -> bytes:
    """The bytes of it."""
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class Authenticator:
    """One passkey, of the page at `origin`. What is set here, it says."""

    origin: str
    rp_id: str = "localhost"
    flags: int = UP | UV
    count: int = 0
    """Its signature counter; it goes up by one each time. 0 at first use: it keeps none."""
    counts: bool = True
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    handle: str | None = None

    def create(self, options: Json, kind: str = "webauthn.create") -> Json:
        """The answer to navigator.credentials.create."""
        self.handle = options["user"]["id"]
        numbers = self.key.public_key().public_numbers()
        x, y = (value.to_bytes(32, "big") for value in (numbers.x, numbers.y))
        key = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: x, -3: y})
        attested = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + key
        attestation = {"fmt": "none", "attStmt": {}, "authData": self._data(AT) + attested}
        client = self._client(kind, options["challenge"])
        response = {"clientDataJSON": b64(client), "attestationObject": b64(cbor2.dumps(attestation))}
        return self._credential(response)

    def get(self, options: Json, kind: str = "webauthn.get") -> Json:
        """The answer to navigator.credentials.get."""
        data, client = self._data(0), self._client(kind, options["challenge"])
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        parts = {"clientDataJSON": client, "authenticatorData": data, "signature": signature}
        return self._credential(
            {name: b64(part) for name, part in parts.items()} | {"userHandle": self.handle}
        )

    def _data(self, more: int) -> bytes:
        self.count += self.counts
        flags = bytes([self.flags | more])
        return hashlib.sha256(self.rp_id.encode()).digest() + flags + self.count.to_bytes(4, "big")

    def _client(self, kind: str, challenge: str) -> bytes:
        told = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        return json.dumps(told).encode()

    def _credential(self, response: Json) -> Json:
        return {"id": b64(self.id), "rawId": b64(self.id), "type": "public-key", "response": response}
