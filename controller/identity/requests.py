"""Reads a request for a certificate (PKCS #10, RFC 2986) as EST carries it; takes the key, nothing else."""

import base64

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from controller.errors import EnrolmentRefused
from controller.identity.authority import PublicKey

LARGEST = 16 * 1024
"""Bytes of a request's body."""


def requested_key(body: bytes, gateway: str) -> PublicKey:
    """The key that `gateway` asks a certificate for: P-256, and its holder has signed the request with it.

    `body` is DER in base64, with line breaks or without (RFC 8951, 3). What the request says of subject,
    usage or authority is not taken over; a common name, if there is one, has to be the gateway's.
    Raises EnrolmentRefused: "bad-encoding", "bad-key", "bad-possession", "foreign-name".
    """
    request = _read(body)
    key = _key(request)
    _check_possession(request)
    _check_name(request, gateway)
    return key


def _read(body: bytes) -> x509.CertificateSigningRequest:
    try:
        return x509.load_der_x509_csr(base64.b64decode(b"".join(body.split()), validate=True))
    except (ValueError, x509.InvalidVersion):
        raise EnrolmentRefused(
            "bad-encoding",
            "expected a PKCS #10 request, DER in base64; got something else: see RFC 7030, 4.2.1",
        ) from None


def _key(request: x509.CertificateSigningRequest) -> PublicKey:
    try:
        key = request.public_key()
    except (ValueError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise EnrolmentRefused("bad-key", "expected a P-256 key, got another kind: make one and ask again")
    return key


def _check_possession(request: x509.CertificateSigningRequest) -> None:
    try:
        held = request.is_signature_valid
    except (ValueError, UnsupportedAlgorithm):
        held = False
    if not held:
        raise EnrolmentRefused(
            "bad-possession", "expected a request that is signed with its own key, it is not: sign it again"
        )


def _check_name(request: x509.CertificateSigningRequest, gateway: str) -> None:
    try:
        names = [one.value for one in request.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
    except ValueError:
        names = [""]
    if names and names != [gateway]:
        raise EnrolmentRefused(
            "foreign-name", f"expected the common name {gateway!r} or none, got another: correct the request"
        )
