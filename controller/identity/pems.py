"""Certificates and keys in PEM files (RFC 7468): read with words for what does not fit, written as text."""

from collections.abc import Callable
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from controller.errors import AuthorityError
from controller.identity.authority import PrivateKey, RootKey

Password = Callable[[], str]
"""Asks for the password of a key's file."""


def read_certificates(path: Path) -> list[x509.Certificate]:
    """All in the file; none when it is empty, or not there. Raises AuthorityError."""
    try:
        data = path.read_bytes() if path.exists() else b""
        return x509.load_pem_x509_certificates(data) if data else []
    except (OSError, ValueError) as error:
        raise AuthorityError(f"{path}: expected certificates in PEM: {error}: restore it") from error


def read_certificate(path: Path) -> x509.Certificate:
    """The only one in the file. Raises AuthorityError."""
    try:
        found = x509.load_pem_x509_certificates(path.read_bytes())
    except (OSError, ValueError) as error:
        raise AuthorityError(f"{path}: expected a certificate in PEM: {error}: put it there") from error
    if len(found) != 1:  # each would be trusted
        raise AuthorityError(f"{path}: expected one certificate, got {len(found)}: take the others out")
    return found[0]


def read_issuing_key(path: Path) -> PrivateKey:
    """The issuing key, which the controller needs without a person: P-256, no password.

    Raises AuthorityError.
    """
    try:
        path.chmod(0o600)
        key = load_pem_private_key(path.read_bytes(), None)
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise AuthorityError(f"{path}: expected a key in PEM without a password: {error}") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise AuthorityError(
            f"{path}: expected a P-256 key, got another kind: issue issuing.pem to a P-256 key"
        )
    return key


def read_root_key(path: Path, password: Password) -> RootKey:
    """A root's key; `password` is asked if the file has one. Raises AuthorityError."""
    try:
        data = path.read_bytes()
        try:
            key = load_pem_private_key(data, None)
        except TypeError:  # it is encrypted
            key = load_pem_private_key(data, password().encode())
    except (OSError, ValueError, UnsupportedAlgorithm) as error:
        raise AuthorityError(
            f"{path}: expected the root's key in PEM: {error}: bring it, and name it by --root-key"
        ) from error
    if not isinstance(key, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
        raise AuthorityError(f"{path}: expected an EC or RSA key, got a {type(key).__name__}")
    return key


def pem(*certificates: x509.Certificate) -> str:
    """Certificates, one after the other."""
    return "".join(one.public_bytes(Encoding.PEM).decode() for one in certificates)


def key_pem(key: PrivateKey) -> str:
    """A key without a password."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
