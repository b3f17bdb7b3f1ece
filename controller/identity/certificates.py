"""The certificates of gateways in the database: given, taken back, and those that the broker lets in.

Everything here works inside the caller's transaction. A change raises the registry's revision, so that a
running controller configures its broker within a second, whoever made it.
"""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from controller.audit.chain import append
from controller.audit.entry import Entry
from controller.errors import EnrolmentRefused, NotFound
from controller.identity.authority import ORGANISATION, Authority, PublicKey, authority_key
from controller.store import Store

CERTIFICATES = """SELECT serial, gateway, expires_utc_s, revoked_utc_s, provisioned
FROM certificate JOIN gateway ON gateway.id = certificate.gateway WHERE expires_utc_s > ?"""
"""The rows for `users`. Its parameter is UTC in seconds: what has expired by then is left out."""
_INSERT = """INSERT INTO certificate (serial, gateway, der, issued_utc_s, expires_utc_s)
VALUES (?, ?, ?, ?, ?)"""
_REVOCABLE = """SELECT serial FROM certificate
WHERE gateway = ?1 AND revoked_utc_s IS NULL AND ?2 IN ('', serial) ORDER BY issued_utc_s, serial"""
_OF_ISSUER = """SELECT 1 FROM certificate
WHERE expires_utc_s > ? AND revoked_utc_s IS NULL AND instr(der, ?) > 0 LIMIT 1"""
_REVOKE = "UPDATE certificate SET revoked_utc_s = ?, why = ? WHERE serial = ?"


@dataclass(frozen=True, slots=True)
class By:
    """Who does it, for the audit trail."""

    actor: str
    """A user's name, "cli:LOGIN", "gateway:ward-a"."""
    where: str = ""
    """The address it comes from; "" on the controller's own machine."""
    why: str = ""


def issue(
    db: sqlite3.Connection, authority: Authority, gateway: str, key: PublicKey, utc_s: int, *, life: timedelta
) -> x509.Certificate:
    """Give `gateway` a certificate for `key`. The caller writes into the audit trail for what.

    Raises NotFound, EnrolmentRefused ("decommissioned"), AuthorityError.
    """
    check_provisioned(db, gateway)
    certificate = authority.client(gateway, key, moment(utc_s), life)
    expires_utc_s = int(certificate.not_valid_after_utc.timestamp())
    row = serial_of(certificate), gateway, certificate.public_bytes(Encoding.DER), utc_s, expires_utc_s
    db.execute(_INSERT, row)
    changed(db)
    return certificate


def revoke(db: sqlite3.Connection, gateway: str, by: By, utc_us: int, serial: str = "") -> list[str]:
    """Take back one certificate of `gateway`, or all of them. Returns the serials that this ended.

    Raises NotFound.
    """
    if (
        serial
        and not db.execute(
            "SELECT 1 FROM certificate WHERE gateway = ? AND serial = ?", (gateway, serial)
        ).fetchone()
    ):
        raise NotFound(f"gateway {gateway!r} has no certificate {serial!r}: look at the list of gateways")
    ended = [row["serial"] for row in db.execute(_REVOCABLE, (gateway, serial)).fetchall()]
    for one in ended:
        db.execute(_REVOKE, (utc_us // 1_000_000, by.why, one))
        audit(db, "certificate-revoked", gateway, by, utc_us, serial=one)
    if ended:
        changed(db)
    return ended


async def certified_by(store: Store, issuing: x509.Certificate, utc_s: int) -> bool:
    """Whether a certificate that `issuing` signed is good at `utc_s`. Raises StoreError.

    Each has the name of its issuer's key inside (RFC 5280, 4.2.1.1), 20 bytes or more that nobody chose.
    """
    key = authority_key(issuing).key_identifier
    return bool(await store.read(_OF_ISSUER, (utc_s, key)))


def users(rows: Iterable[sqlite3.Row], utc_s: int) -> dict[str, str]:
    """The gateway by the name in its certificate as nats-server matches it, of the certificates that may
    use the broker at `utc_s`: not revoked, not expired, and the gateway is still provisioned.

    `rows` are those of CERTIFICATES; the same rows can be judged again later.
    """
    return {
        distinguished_name(row["gateway"], row["serial"]): row["gateway"]
        for row in rows
        if row["revoked_utc_s"] is None and row["expires_utc_s"] > utc_s and row["provisioned"]
    }


def distinguished_name(gateway: str, serial: str) -> str:
    """The certificate's subject as text (RFC 4514). Nothing in a gateway's id needs an escape."""
    return f"SERIALNUMBER={serial},CN={gateway},O={ORGANISATION}"


def check_provisioned(db: sqlite3.Connection, gateway: str) -> None:
    """Raises NotFound, EnrolmentRefused ("decommissioned")."""
    row = db.execute("SELECT provisioned FROM gateway WHERE id = ?", (gateway,)).fetchone()
    if row is None:
        raise NotFound(f"there is no gateway {gateway!r}: provision it first")
    if not row["provisioned"]:
        raise EnrolmentRefused(
            "decommissioned", f"gateway {gateway!r} is not, or no longer, provisioned: provision it first"
        )


def audit(
    db: sqlite3.Connection,
    action: str,
    gateway: str,
    by: By,
    utc_us: int,
    *,
    outcome: str = "done",
    **detail: str | int,
) -> None:
    """Write what happened to `gateway` into the audit trail."""
    entity = f"gateway/{gateway}"
    append(db, Entry(action, by.actor, entity, outcome, where=by.where, why=by.why, detail=detail), utc_us)


def changed(db: sqlite3.Connection) -> None:
    """Whom the broker lets in is another than before."""
    db.execute("UPDATE meta SET value = value + 1 WHERE key = 'registry'")


def serial_of(certificate: x509.Certificate) -> str:
    """Its serial number as the database has it: hexadecimal, lower case."""
    return f"{certificate.serial_number:x}"


def moment(utc_s: int) -> datetime:
    """UTC in seconds since 1970 as the `cryptography` package wants it."""
    return datetime.fromtimestamp(utc_s, UTC)
