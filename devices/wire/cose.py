"""COSE_Sign1 (RFC 9052, 4.2) as the contract has it: ES256, without its tag, and nothing that varies.

    protected = protect(COMMAND, key, chain)
    data = pack_signed(protected, payload, signature of to_be_signed(protected, payload))
    signed = read_signed(data)           # raises WireError; nothing says yet that the signature is good

Pure: who has a key signs, who has a certificate verifies. `kind` is in the protected header (typ, RFC 9596),
so that what was signed as one thing never passes for another. `chain` (x5chain, RFC 9360, 2) proves nothing
by itself, signed or not: it is for a reader that pinned a root above it.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import cast

import cbor2

from devices.errors import Malformed
from devices.wire.keys import MAX_MESSAGE
from devices.wire.strict import as_map, decode

COMMAND = "application/vnd.wardlink.command"
CONFIGURATION = "application/vnd.wardlink.configuration"
MANIFEST = "application/vnd.wardlink.firmware"
MAX_SIGNED = MAX_MESSAGE
"""Bytes of a signed message at the most: a robot's order is the longest."""
SIGNATURE_BYTES = 64
"""r and s, 32 bytes each, big endian (RFC 9053, 2.1)."""

MOST_CHAIN = 4
"""Certificates that a message brings at the most."""

_ES256 = -7
_KEY_BYTES = 32


class _Label(IntEnum):
    """Of header parameters."""

    ALGORITHM = 1
    KEY = 4
    KIND = 16
    CHAIN = 33


@dataclass(frozen=True, slots=True)
class Signed:
    """A message that says it was signed: `kind` of what, with the key named `key`."""

    kind: str
    key: bytes
    payload: bytes
    protected: bytes
    signature: bytes
    chain: tuple[bytes, ...] = ()
    """The certificate of the key, and those that lead to its root: DER, proved by nothing yet."""

    @property
    def signed_bytes(self) -> bytes:
        """What the signature is over."""
        return to_be_signed(self.protected, self.payload)


def key_id(public_key: bytes) -> bytes:
    """The name of a key: SHA-256 of its SubjectPublicKeyInfo (RFC 5280, 4.1) in DER."""
    return hashlib.sha256(public_key).digest()


def protect(kind: str, key: bytes, chain: Sequence[bytes] = ()) -> bytes:
    """The protected header. One certificate stands alone, more are a list (RFC 9360, 2)."""
    held = chain[0] if len(chain) == 1 else list(chain)
    told = {int(_Label.CHAIN): held} if chain else {}
    return cbor2.dumps({int(_Label.ALGORITHM): _ES256, int(_Label.KEY): key, int(_Label.KIND): kind, **told})


def to_be_signed(protected: bytes, payload: bytes, external: bytes = b"") -> bytes:
    """The Sig_structure (RFC 9052, 4.4)."""
    return cbor2.dumps(["Signature1", protected, external, payload])


def pack_signed(protected: bytes, payload: bytes, signature: bytes) -> bytes:
    """The message's bytes."""
    unprotected: dict[int, bytes] = {}
    return cbor2.dumps([protected, unprotected, payload, signature])


def read_signed(data: bytes) -> Signed:
    """Raises WireError. Another algorithm, another parameter or another spelling of the header is refused."""
    match decode(data, MAX_SIGNED):
        case [bytes() as protected, unprotected, bytes() as payload, bytes() as signature]:
            pass
        case _:
            raise Malformed("expected a COSE_Sign1 without its tag: [protected, {}, payload, signature]")
    if unprotected != {} or len(signature) != SIGNATURE_BYTES:
        raise Malformed(f"expected no unprotected header, and a signature of {SIGNATURE_BYTES} bytes")
    header = as_map(decode(protected))
    chain = _chain(header.get(_Label.CHAIN, []))
    match header:
        case {_Label.KIND: str(kind), _Label.KEY: bytes(key)} if (
            len(key) == _KEY_BYTES and protect(kind, key, chain) == protected
        ):
            return Signed(kind, key, payload, protected, signature, chain)
        case _:
            raise Malformed("expected a protected header of ES256, a key's SHA-256, a type, and certificates")


def _chain(held: object) -> tuple[bytes, ...]:
    many = [held] if isinstance(held, bytes) else cast("list[object]", held)
    if isinstance(held, bytes | list) and len(many) <= MOST_CHAIN:
        chain = tuple(one for one in many if isinstance(one, bytes))
        if len(chain) == len(many):
            return chain
    raise Malformed(f"expected at most {MOST_CHAIN} certificates")
