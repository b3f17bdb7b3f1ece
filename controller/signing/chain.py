"""The certificates in a signature (x5c, RFC 7515, 4.1.6), from that of the key up to a trusted root."""

import base64
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding

from controller.errors import BadSignature

MOST = 8
"""Certificates of a chain."""
UNREADABLE = ValueError, x509.DuplicateExtension, x509.UnsupportedGeneralNameType
"""What the extensions of a certificate that somebody made up may raise."""


def told(chain: Iterable[x509.Certificate]) -> list[str]:
    """`chain` as a header has it."""
    return [base64.b64encode(one.public_bytes(Encoding.DER)).decode() for one in chain]


def chain_of(header: Mapping[str, Any]) -> list[x509.Certificate]:
    """The certificates in a header, at least one. Raises BadSignature."""
    given = header.get("x5c")
    if not isinstance(given, list) or not 0 < len(given) <= MOST:
        raise BadSignature(f"expected 1 to {MOST} certificates in the signature (x5c)", "certificate")
    try:
        return [x509.load_der_x509_certificate(base64.b64decode(one, validate=True)) for one in given]
    except (ValueError, TypeError, x509.InvalidVersion) as error:
        raise BadSignature(f"expected certificates in the signature: {error}", "certificate") from None


def key_of(one: x509.Certificate) -> ec.EllipticCurvePublicKey:
    """Its key. Raises BadSignature when it is of another kind than ES256 takes."""
    key = _public(one)
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise BadSignature(
            "expected a P-256 key in the signature's certificate, got another kind", "certificate"
        )
    return key


def root_of(
    chain: Sequence[x509.Certificate], roots: Iterable[x509.Certificate], at_s: float
) -> x509.Certificate:
    """The one of `roots` that vouches for the first of `chain`, each of which the next one issued.

    What is above the first must be an authority that held at `at_s`. Raises BadSignature.
    """
    trusted, below = list(roots), 0
    for place, one in enumerate(chain):
        for root in trusted:
            if is_issued_by(one, root) and is_authority(root, at_s, below + (place > 0 and _counts(one))):
                return root
        if place + 1 == len(chain) or not is_issued_by(one, chain[place + 1]):
            break
        below += place > 0 and _counts(one)
        if not is_authority(chain[place + 1], at_s, below):
            break
    message = "the signature is by nobody for whom this root vouches: use the root of that site"
    raise BadSignature(message, "foreign")


def is_authority(one: x509.Certificate, at_s: float, below: int = 0) -> bool:
    """Whether it may issue certificates, held at `at_s`, and lets `below` authorities stand below it."""
    try:
        basic = one.extensions.get_extension_for_class(x509.BasicConstraints).value
    except (x509.ExtensionNotFound, *UNREADABLE):
        return False
    lets = basic.path_length is None or below <= basic.path_length
    return basic.ca and lets and _may_issue(one) and holds(one, at_s)


def holds(one: x509.Certificate, at_s: float) -> bool:
    """Whether `at_s` is in its time."""
    return one.not_valid_before_utc.timestamp() <= at_s <= one.not_valid_after_utc.timestamp()


def is_issued_by(one: x509.Certificate, issuer: x509.Certificate) -> bool:
    """Whether the key of `issuer` signed it, and it says so."""
    try:
        one.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


def _counts(one: x509.Certificate) -> bool:
    """RFC 5280, 4.2.1.9: an authority's next certificate of its own name is not one more on the path."""
    return one.subject != one.issuer


def _may_issue(one: x509.Certificate) -> bool:
    try:
        return one.extensions.get_extension_for_class(x509.KeyUsage).value.key_cert_sign
    except x509.ExtensionNotFound:
        return True  # RFC 5280, 4.2.1.3: every usage


def _public(one: x509.Certificate) -> CertificatePublicKeyTypes | None:
    try:
        return one.public_key()
    except (ValueError, UnsupportedAlgorithm):
        return None
