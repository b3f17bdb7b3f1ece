"""How a page seals a chunk: AES-256-GCM (NIST SP 800-38D), its nonce before it, its place as associated data.

    place = Place("RC00000001", n=2, run=1, from_ms=3000, to_ms=6000, before=digest_of_chunk_1)
    data = opened(key, place, box)         # BadBox: another place, another recording, or altered

The hash of the chunk before is part of the place: none can be left out, put in or moved without being seen.
"""

import hashlib
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from controller.errors import Conflict

NONCE_BYTES, TAG_BYTES = 12, 16
ADDED = NONCE_BYTES + TAG_BYTES
"""Bytes by which a box is longer than what is in it."""


class BadBox(Conflict):
    """A chunk that was not sealed by this key for this place."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a chunk belongs. `from_ms` and `to_ms` are counted from the begin of its run."""

    recording: str
    n: int
    run: int
    from_ms: int
    to_ms: int
    before: bytes

    @property
    def data(self) -> bytes:
        """As the page has it (recording/box.js)."""
        parts = self.recording, self.n, self.run, self.from_ms, self.to_ms, self.before.hex()
        return "/".join(map(str, parts)).encode()


def opened(key: bytes, place: Place, box: bytes) -> bytes:
    """What is in it. Raises BadBox."""
    nonce, sealed = box[:NONCE_BYTES], box[NONCE_BYTES:]
    try:
        return AESGCM(key).decrypt(nonce, sealed, place.data)
    except (InvalidTag, ValueError):
        raise BadBox(
            f"chunk {place.n} of {place.recording} was not sealed for this place by this recording's key: "
            "it is not kept"
        ) from None


def digest(box: bytes) -> bytes:
    """SHA-256 (FIPS 180-4)."""
    return hashlib.sha256(box).digest()
