"""What is kept of a person's keys for signing, and what a signature that was accepted consists of."""

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from cryptography import x509

from controller.signing.canonical import canonical
from controller.signing.certificate import holder_of

FEWEST_ITERATIONS, MOST_ITERATIONS = 600_000, 10_000_000
"""Of PBKDF2-SHA-256 (OWASP Password Storage Cheat Sheet); the most: what a browser does in some seconds."""


class KeyState(StrEnum):
    """Of a key."""

    ACTIVE = "active"
    """It signs; a person has one at most."""
    RETIRED = "retired"
    """Another took its place. What it signed before stays good."""
    REVOKED = "revoked"
    """It was taken back. What was accepted before stays good."""


STEPS: Mapping[KeyState, frozenset[KeyState]] = {
    KeyState.ACTIVE: frozenset({KeyState.RETIRED, KeyState.REVOKED}),
    KeyState.RETIRED: frozenset({KeyState.REVOKED}),
    KeyState.REVOKED: frozenset(),
}


class Reason(StrEnum):
    """Why a key was revoked."""

    LOST = "lost"
    COMPROMISED = "compromised"
    """Somebody else may have it."""
    LEFT = "left"
    """The person signs no more here."""


class Unlock(StrEnum):
    """What a wrapped key is opened with."""

    PASSKEY = "passkey"
    """The output of its PRF extension (Web Authentication Level 3, 10.1.4), by HKDF-SHA-256."""
    PASSPHRASE = "passphrase"
    """By PBKDF2-SHA-256."""


@dataclass(frozen=True, slots=True)
class Wrap:
    """The private key (PKCS #8), encrypted by AES-256-GCM with what one passkey, or a passphrase, gives.

    The controller cannot open it. All texts are base64url.
    """

    kind: Unlock
    credential: str | None
    """The passkey's id; None: a passphrase."""
    salt: str
    iterations: int | None
    """Of PBKDF2; None: a passkey."""
    iv: str
    wrapped: str


@dataclass(frozen=True, slots=True)
class Key:
    """A person's key. Times are UTC in seconds."""

    serial: str
    """Of its certificate, in hexadecimal."""
    person: str
    certificate: x509.Certificate
    chain: list[str]
    """As `x5c` has it."""
    state: KeyState
    made_utc_s: int
    expires_utc_s: int
    changed_utc_s: int
    """When it came into its state."""
    reason: str
    """One of Reason, when it is revoked."""

    @property
    def roles(self) -> tuple[str, ...]:
        """The person's, when it was made."""
        return holder_of(self.certificate).roles


@dataclass(frozen=True, slots=True)
class Signed:
    """A document, a person's signature over it, and the controller's receipt for that."""

    document: Mapping[str, Any]
    signature: str
    receipt: str

    def file(self) -> bytes:
        """What `wardlink rx verify` takes: canonical JSON, so that each of its bytes counts."""
        told = {"document": self.document, "signature": self.signature, "receipt": self.receipt}
        return canonical(told)


@dataclass(frozen=True, slots=True)
class Event:
    """What became of a key, by whom."""

    serial: str
    state: KeyState
    at_utc_s: int
    by: str
    reason: str


def key_in(row: sqlite3.Row) -> Key:
    """The key in a row of `signing_key`."""
    return Key(
        row["serial"],
        row["person"],
        x509.load_der_x509_certificate(row["certificate"]),
        json.loads(row["chain"]),
        KeyState(row["state"]),
        row["made_utc_s"],
        row["expires_utc_s"],
        row["changed_utc_s"],
        row["reason"],
    )
