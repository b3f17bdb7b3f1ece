"""A certificate in place of another: the old one's key is the proof, also when it has expired.

A vehicle that was parked for weeks comes back with an expired certificate; as long as nobody revoked it and
its end is not half a year ago, it renews by itself.
"""

import sqlite3
from dataclasses import dataclass
from datetime import timedelta

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from controller.errors import EnrolmentRefused
from controller.identity.authority import Authority, PublicKey, name_of
from controller.identity.certificates import By, audit, issue, moment, serial_of
from controller.identity.requests import requested_key

RENEWABLE = timedelta(days=180)
"""For so long after its end a certificate can be renewed."""
MOST_A_DAY = 24
"""Certificates that a gateway gets in 24 hours, so that a mad one does not fill the database."""

_FIND = "SELECT gateway, der, issued_utc_s, revoked_utc_s FROM certificate WHERE serial = ?"
_NEWER = """SELECT der FROM certificate WHERE gateway = ? AND issued_utc_s > ? AND expires_utc_s > ?
AND revoked_utc_s IS NULL ORDER BY issued_utc_s"""
_COUNT = "SELECT count(*) FROM certificate WHERE gateway = ? AND issued_utc_s > ?"


@dataclass(frozen=True, slots=True)
class Renewal:
    """A gateway asks for its next certificate, over a connection that it made with `certificate`."""

    certificate: x509.Certificate
    body: bytes
    """The request as it came (controller/identity/requests.py)."""
    where: str
    """The address it came from."""


def renew(
    db: sqlite3.Connection, authority: Authority, renewal: Renewal, utc_us: int, life: timedelta
) -> x509.Certificate | EnrolmentRefused:
    """The next certificate, or why there is none. Either is in the audit trail.

    The same new key again gives the same certificate again. A refusal is returned, so that its entry is
    committed. Raises AuthorityError.
    """
    gateway = name_of(renewal.certificate)
    by = By(f"gateway:{gateway}", renewal.where)
    old = serial_of(renewal.certificate)
    try:
        certificate = _renewed(db, authority, renewal, utc_us // 1_000_000, life)
    except EnrolmentRefused as refused:
        audit(db, "certificate-renewed", gateway, by, utc_us, outcome="refused", code=refused.code, old=old)
        return refused
    audit(db, "certificate-renewed", gateway, by, utc_us, serial=serial_of(certificate), old=old)
    return certificate


def _renewed(
    db: sqlite3.Connection, authority: Authority, renewal: Renewal, utc_s: int, life: timedelta
) -> x509.Certificate:
    held = _checked(db, renewal.certificate, utc_s)
    gateway: str = held["gateway"]
    key = requested_key(renewal.body, gateway)
    if (given := _given_already(db, held, key, utc_s)) is not None:
        return given
    if db.execute(_COUNT, (gateway, utc_s - 86_400)).fetchone()[0] >= MOST_A_DAY:
        raise EnrolmentRefused("too-many", f"expected at most {MOST_A_DAY} certificates a day: ask tomorrow")
    return issue(db, authority, gateway, key, utc_s, life=life)


def _checked(db: sqlite3.Connection, certificate: x509.Certificate, utc_s: int) -> sqlite3.Row:
    held = db.execute(_FIND, (serial_of(certificate),)).fetchone()
    if held is None or held["der"] != certificate.public_bytes(Encoding.DER):
        raise _refused("unknown-certificate", "this authority did not give the certificate to a gateway")
    if held["revoked_utc_s"] is not None:
        raise _refused("revoked", "the certificate is revoked")
    if moment(utc_s) < certificate.not_valid_before_utc:
        raise _refused("not-yet-valid", "the certificate has not begun; one of the clocks is wrong")
    if moment(utc_s) > certificate.not_valid_after_utc + RENEWABLE:
        raise _refused("too-old", f"the certificate ended more than {RENEWABLE.days} days ago")
    return held


def _given_already(
    db: sqlite3.Connection, held: sqlite3.Row, key: PublicKey, utc_s: int
) -> x509.Certificate | None:
    """What an earlier request for the same key got, in case its reply was lost."""
    rows = db.execute(_NEWER, (held["gateway"], held["issued_utc_s"], utc_s)).fetchall()
    newer = [x509.load_der_x509_certificate(row["der"]) for row in rows]
    return next((one for one in newer if one.public_key() == key), None)


def _refused(code: str, what: str) -> EnrolmentRefused:
    return EnrolmentRefused(code, f"{what}: ask the engineer for a new claim")
