"""One-time tokens: an engineer's word that a gateway may have a certificate, for 24 hours.

The database has a token's SHA-256 only. Spending one is one transaction; the same token with the same key
gives the same certificate again, so that a lost reply costs nothing.
"""

import hashlib
import sqlite3
from dataclasses import dataclass
from datetime import timedelta

from cryptography import x509

from controller.errors import EnrolmentRefused
from controller.identity.authority import Authority, PublicKey
from controller.identity.certificates import By, audit, issue, serial_of
from controller.identity.requests import requested_key
from controller.store import Store

LIFE_S = 24 * 3600
USED_TWICE = "claim-used-twice"
"""The alert: two keys came with one token. One of them is not the gateway that the engineer holds."""

_END = "UPDATE claim SET ended = 1 WHERE gateway = ? AND serial IS NULL"
_ADD = "INSERT INTO claim (token_sha256, gateway, made_utc_s, expires_utc_s) VALUES (?, ?, ?, ?)"
_FIND = "SELECT * FROM claim WHERE token_sha256 = ?"
_SPEND = "UPDATE claim SET serial = ? WHERE token_sha256 = ?"
_TWICE = """INSERT INTO claim_used_twice VALUES (?, ?, ?)
ON CONFLICT (gateway) DO UPDATE SET place = excluded.place"""
_SETTLE = "DELETE FROM claim_used_twice WHERE gateway = ?"


@dataclass(frozen=True, slots=True)
class Attempt:
    """A gateway asks for its first certificate."""

    gateway: str
    token: str
    body: bytes
    """The request as it came (controller/identity/requests.py)."""
    where: str
    """The address it came from."""


def make(db: sqlite3.Connection, gateway: str, token: str, utc_s: int) -> int:
    """A claim for `gateway` in place of its earlier unused one. Returns when it expires, UTC in seconds."""
    end(db, gateway)
    db.execute(_ADD, (_hash(token), gateway, utc_s, utc_s + LIFE_S))
    return utc_s + LIFE_S


def end(db: sqlite3.Connection, gateway: str) -> None:
    """The gateway's unused claim, if there is one, is good for nothing any more."""
    db.execute(_END, (gateway,))


def settle(db: sqlite3.Connection, gateway: str) -> None:
    """An engineer has looked after the claim of `gateway` that was used twice."""
    db.execute(_SETTLE, (gateway,))


async def used_twice(store: Store) -> dict[str, str]:
    """Gateways whose claim was used with two keys: where the last of those came from. Raises StoreError."""
    rows = await store.read("SELECT gateway, place FROM claim_used_twice")
    return {row["gateway"]: row["place"] for row in rows}


def spend(
    db: sqlite3.Connection, authority: Authority, attempt: Attempt, utc_us: int, life: timedelta
) -> x509.Certificate | EnrolmentRefused:
    """The certificate that the attempt earns, or why it earns none. Either is in the audit trail.

    A refusal is returned, so that its entry is committed. Raises AuthorityError.
    """
    by = By(f"gateway:{attempt.gateway}", attempt.where)
    try:
        certificate = _spent(db, authority, attempt, utc_us // 1_000_000, life)
    except EnrolmentRefused as refused:
        audit(db, "gateway-enrolled", attempt.gateway, by, utc_us, outcome="refused", code=refused.code)
        if refused.code == "used-token":
            db.execute(_TWICE, (attempt.gateway, utc_us // 1_000_000, attempt.where))
        return refused
    audit(db, "gateway-enrolled", attempt.gateway, by, utc_us, serial=serial_of(certificate))
    return certificate


def _spent(
    db: sqlite3.Connection, authority: Authority, attempt: Attempt, utc_s: int, life: timedelta
) -> x509.Certificate:
    claim = db.execute(_FIND, (_hash(attempt.token),)).fetchone()
    if claim is None:
        raise _refused("unknown-token", "the token is none of ours")
    if claim["gateway"] != attempt.gateway:
        raise _refused("foreign-token", "the token is of another gateway")
    key = requested_key(attempt.body, attempt.gateway)
    if claim["serial"] is not None:
        return _given_again(db, claim["serial"], key)
    if claim["ended"]:
        raise _refused("ended-token", "the token was replaced by a newer one, or the gateway decommissioned")
    if claim["expires_utc_s"] <= utc_s:
        raise _refused("expired-token", "the token has expired")
    certificate = issue(db, authority, attempt.gateway, key, utc_s, life=life)
    db.execute(_SPEND, (serial_of(certificate), claim["token_sha256"]))
    return certificate


def _given_again(db: sqlite3.Connection, serial: str, key: PublicKey) -> x509.Certificate:
    row = db.execute("SELECT der, revoked_utc_s FROM certificate WHERE serial = ?", (serial,)).fetchone()
    certificate = x509.load_der_x509_certificate(row["der"])
    if certificate.public_key() != key:
        raise _refused("used-token", "the token has been used, with another key")
    if row["revoked_utc_s"] is not None:
        raise _refused("revoked", "the certificate that the token was used for is revoked")
    return certificate


def _refused(code: str, what: str) -> EnrolmentRefused:
    return EnrolmentRefused(code, f"{what}: ask the engineer for a new claim")


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
