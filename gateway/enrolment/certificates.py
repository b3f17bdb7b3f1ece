"""What a certificate must be to be this gateway's: of its key and name, for clients, under its root."""

from collections.abc import Sequence
from typing import Any

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import verification
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from gateway.errors import IdentityError

PrivateKey = ec.EllipticCurvePrivateKey
UNREADABLE = (
    ValueError,
    UnsupportedAlgorithm,
    x509.DuplicateExtension,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
)
"""What reading a certificate of foreign bytes raises; parts of it are only read when they are asked for."""


def new_key() -> PrivateKey:
    """A P-256 key."""
    return ec.generate_private_key(ec.SECP256R1())


def chosen(
    given: Sequence[x509.Certificate], key: PrivateKey, gateway: str, *roots: x509.Certificate
) -> tuple[x509.Certificate, ...]:
    """The gateway's certificate and those between it and one of `roots`, in this order. Raises IdentityError.

    `given` is in any order: PKCS#7 has a set of certificates (RFC 5652, 5.1). Only the box's clock says
    whether a certificate has expired, and that may be wrong, so what is proved is that it was once good.
    """
    try:
        return _chosen(given, key, gateway, roots)
    except UNREADABLE as error:
        raise IdentityError(f"expected certificates that can be read: {error}") from error


def _chosen(
    given: Sequence[x509.Certificate], key: PrivateKey, gateway: str, roots: Sequence[x509.Certificate]
) -> tuple[x509.Certificate, ...]:
    own = next((one for one in given if _of(one) == _public(key.public_key())), None)
    if own is None:
        raise IdentityError("expected a certificate of this box's own key, got none")
    if (name := name_of(own)) != gateway:
        raise IdentityError(f"expected a certificate of {gateway!r}, got one of {name!r:.60}")
    if not _is_for_clients(own):
        raise IdentityError(
            "expected a certificate for clients (RFC 5280, 4.2.1.12), got one for another use"
        )
    chain = path(own, [one for one in given if one != own], roots)
    return tuple(one for one in chain if one not in roots)


def name_of(certificate: x509.Certificate) -> str:
    """The one name in the subject; "" when there is none, or more."""
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(names[0].value) if len(names) == 1 else ""


def _of(certificate: x509.Certificate) -> bytes:
    return _public(certificate.public_key())


def _public(key: Any) -> bytes:
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _is_for_clients(certificate: x509.Certificate) -> bool:
    try:
        uses = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return False
    return ExtendedKeyUsageOID.CLIENT_AUTH in uses


def is_authority(one: x509.Certificate) -> bool:
    """Whether it may sign certificates (RFC 5280, 4.2.1.3 and 4.2.1.9)."""
    try:
        constraints = one.extensions.get_extension_for_class(x509.BasicConstraints).value
        usage = one.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return False
    return constraints.ca and usage.key_cert_sign


def path(
    own: x509.Certificate, others: Sequence[x509.Certificate], roots: Sequence[x509.Certificate]
) -> list[x509.Certificate]:
    """From `own` to one of `roots`, as it was good when `own` began. Raises IdentityError.

    A gateway is named by its subject and has no alternative name, hence a policy of our own.
    """
    policy, at = verification.ExtensionPolicy, own.not_valid_before_utc
    builder = verification.PolicyBuilder().store(verification.Store(list(roots))).time(at)
    builder = builder.extension_policies(ca_policy=policy.webpki_defaults_ca(), ee_policy=policy.permit_all())
    try:
        return builder.build_client_verifier().verify(own, list(others)).chain
    except verification.VerificationError as error:
        raise IdentityError(f"expected a certificate under the pinned root: {error}") from error
