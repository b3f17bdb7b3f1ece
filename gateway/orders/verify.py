"""Who signed it: the issuing certificate above this box's own, which is proved to be under the root."""

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from devices.wire import cose
from gateway.enrolment.identity import Identity
from gateway.errors import OrderRefused


def verified(data: bytes, kind: str, identity: Identity) -> bytes:
    """The payload of the signed message `data`. Raises WireError, OrderRefused.

    OrderRefused.why: `other-kind` (it was signed as something else), `other-key`, `bad-signature`.
    """
    signed = cose.read_signed(data)
    if signed.kind != kind:
        raise OrderRefused("other-kind", f"expected {kind}, got {signed.kind:.100}")
    key = issuer(identity).public_key()
    if not isinstance(key, ec.EllipticCurvePublicKey) or _id(key) != signed.key:
        raise OrderRefused(
            "other-key", "expected the signature of this box's own authority, it is another's: enrol again"
        )
    check_signature(key, signed.signed_bytes, signed.signature)
    return signed.payload


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
    return (*identity.chain[1:], identity.root)[0]


def _id(key: ec.EllipticCurvePublicKey) -> bytes:
    return cose.key_id(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))
