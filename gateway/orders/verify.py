"""Who signed it: the issuing certificate above this box's own, which is proved to be under the root.

Or the one that took its place: the order brings it (x5chain, RFC 9360), and it counts when it is of the same
name, not older, and under a root that this box pinned. Other authorities of that root do not count.
"""

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from devices.wire import cose
from gateway.enrolment.certificates import UNREADABLE, is_authority, path
from gateway.enrolment.identity import Identity
from gateway.enrolment.roots import is_link
from gateway.errors import IdentityError, OrderRefused


def verified(data: bytes, kind: str, identity: Identity) -> bytes:
    """The payload of the signed message `data`. Raises WireError, OrderRefused.

    OrderRefused.why: `other-kind` (it was signed as something else), `other-key`, `bad-signature`.
    """
    signed = cose.read_signed(data)
    if signed.kind != kind:
        raise OrderRefused("other-kind", f"expected {kind}, got {signed.kind:.100}")
    for one in (issuer(identity), *_successor(signed.chain, identity)):
        key = one.public_key()
        if isinstance(key, ec.EllipticCurvePublicKey) and _id(key) == signed.key:
            check_signature(key, signed.signed_bytes, signed.signature)
            return signed.payload
    raise OrderRefused(
        "other-key", "expected the signature of this box's own authority, it is another's: enrol again"
    )


def _successor(chain: tuple[bytes, ...], identity: Identity) -> list[x509.Certificate]:
    """The issuing certificate that an order brings, if it is one that took the place of this box's own."""
    own = issuer(identity)
    try:
        told = [x509.load_der_x509_certificate(one) for one in chain]
        if not told or told[0].subject != own.subject or not is_authority(told[0]):
            return []
        if told[0].not_valid_before_utc < own.not_valid_before_utc:
            return []  # its key may have been replaced because it was stolen
        path(told[0], [], _anchors(told[1:], identity.roots))
    except (*UNREADABLE, IdentityError):
        return []
    return told[:1]


def _anchors(links: list[x509.Certificate], roots: tuple[x509.Certificate, ...]) -> list[x509.Certificate]:
    """Pinned roots, and those that they vouch for; the link that is nearest to a pinned one is the last."""
    anchors = list(roots)
    for link in reversed(links):
        if any(is_link(old, link) for old in anchors):
            anchors.append(link)
    return anchors


def check_signature(key: ec.EllipticCurvePublicKey, signed: bytes, signature: bytes) -> None:
    """By ES256 (RFC 9053, 2.1). Raises OrderRefused."""
    half = cose.SIGNATURE_BYTES // 2
    r, s = (int.from_bytes(part, "big") for part in (signature[:half], signature[half:]))
    try:
        key.verify(encode_dss_signature(r, s), signed, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        raise OrderRefused("bad-signature", "the signature is not that of these bytes") from None


def issuer(identity: Identity) -> x509.Certificate:
    """The certificate that signed this box's own; `identity` was checked when it was loaded."""
    return (*identity.chain[1:], *identity.roots)[0]


def _id(key: ec.EllipticCurvePublicKey) -> bytes:
    return cose.key_id(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))
