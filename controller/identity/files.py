"""The authority's folder, `<controller data>/ca/`: made at the first start, read at every other.

    root.pem         what gateways pin
    root.key         for the next issuing certificate and nothing else: take it away to a safe
    issuing.pem, issuing.key
    server.pem       key, certificate and chain of the servers, one file; new at 2/3 of its life
    controller.pem   the same of the controller as a client of the broker

A site's own `root.pem`, `issuing.pem` and `issuing.key`, put there before the first start, are taken.
"""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from controller.errors import AuthorityError
from controller.files import write_private
from controller.identity.authority import Authority, PrivateKey, new_authority, new_key

FOLDER = "ca"
ROOT, ROOT_KEY = "root.pem", "root.key"
ISSUING, ISSUING_KEY = "issuing.pem", "issuing.key"
SERVER, CONTROLLER = "server.pem", "controller.pem"
_NEEDED = (ROOT, ISSUING, ISSUING_KEY)


@dataclass(frozen=True, slots=True)
class Lives:
    """For how long certificates are given."""

    gateway: timedelta = timedelta(days=30)
    server: timedelta = timedelta(days=90)
    controller: timedelta = timedelta(days=90)


def open_authority(folder: Path, now: datetime) -> Authority:
    """The authority in `folder`; a new one where there is none. Raises AuthorityError."""
    held = [name for name in _NEEDED if (folder / name).exists()]
    if not held:
        _make(folder, now)
    elif missing := [name for name in _NEEDED if name not in held]:
        raise AuthorityError(
            f"{folder}: expected {', '.join(_NEEDED)}, there is no {', '.join(missing)}: put it there, "
            "or restore the folder from its backup"
        )
    return _load(folder, now)


def keep_server(
    folder: Path, authority: Authority, names: Iterable[str], now: datetime, life: timedelta
) -> bool:
    """See that `server.pem` is good for these host names and addresses; True: it is a new one."""
    key = new_key()
    return _keep(folder / SERVER, authority, key, authority.server(names, key.public_key(), now, life), now)


def keep_controller(folder: Path, authority: Authority, name: str, now: datetime, life: timedelta) -> bool:
    """See that `controller.pem` is good, the certificate of the client `name`; True: it is a new one."""
    key = new_key()
    return _keep(
        folder / CONTROLLER, authority, key, authority.client(name, key.public_key(), now, life), now
    )


def _make(folder: Path, now: datetime) -> None:
    """All of it or, after a power cut, nothing."""
    authority, root_key = new_authority(now)
    beside = folder.with_name(folder.name + ".new")
    for name, text in (
        (ROOT, _pem(authority.root)),
        (ROOT_KEY, _key_pem(root_key)),
        (ISSUING, _pem(authority.issuing)),
        (ISSUING_KEY, _key_pem(authority.key)),
    ):
        write_private(beside / name, text)
    try:
        beside.replace(folder)
    except OSError as error:
        raise AuthorityError(
            f"{folder}: expected no such folder or an empty one, or {', '.join(_NEEDED)} in it "
            f"({error.strerror}): restore it from its backup, or move away what is in it"
        ) from error
    _sync(folder.parent)


def _load(folder: Path, now: datetime) -> Authority:
    root, issuing = _certificate(folder / ROOT), _certificate(folder / ISSUING)
    key = _private_key(folder / ISSUING_KEY)
    _check_authority(folder / ROOT, root, root, now)
    _check_authority(folder / ISSUING, issuing, root, now)
    if _constraints(root).path_length == 0:
        raise AuthorityError(
            f"{folder / ROOT}: expected a path length of 1 or none, got 0: give another root"
        )
    if key.public_key() != issuing.public_key():
        raise AuthorityError(
            f"{folder / ISSUING_KEY}: expected the key of {ISSUING}, got another: put the right one there"
        )
    return Authority(root, issuing, key)


def _certificate(path: Path) -> x509.Certificate:
    try:
        found = x509.load_pem_x509_certificates(path.read_bytes())
    except (OSError, ValueError) as error:
        raise AuthorityError(f"{path}: expected a certificate in PEM: {error}: put it there") from error
    if len(found) != 1:  # each would be trusted
        raise AuthorityError(f"{path}: expected one certificate, got {len(found)}: take the others out")
    return found[0]


def _private_key(path: Path) -> PrivateKey:
    try:
        path.chmod(0o600)
        key = load_pem_private_key(path.read_bytes(), None)
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise AuthorityError(f"{path}: expected a key in PEM without a password: {error}") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise AuthorityError(
            f"{path}: expected a P-256 key, got another kind: issue {ISSUING} to a P-256 key"
        )
    return key


def _check_authority(path: Path, one: x509.Certificate, root: x509.Certificate, now: datetime) -> None:
    try:
        one.verify_directly_issued_by(root)
    except (ValueError, TypeError, InvalidSignature) as error:
        raise AuthorityError(f"{path}: expected a certificate signed by {ROOT}: give that one") from error
    if not _constraints(one).ca or not _may_sign(one):
        raise AuthorityError(f"{path}: expected a certificate authority (CA, keyCertSign): give such a one")
    # One that has not begun proves that the host's clock is behind, and a board has to start all the same.
    if now >= one.not_valid_after_utc:
        span = f"{one.not_valid_before_utc:%Y-%m-%d} to {one.not_valid_after_utc:%Y-%m-%d}"
        raise AuthorityError(
            f"{path}: it holds from {span}, now is {now:%Y-%m-%d}: renew it, or set the clock"
        )


def _constraints(one: x509.Certificate) -> x509.BasicConstraints:
    try:
        return one.extensions.get_extension_for_class(x509.BasicConstraints).value
    except x509.ExtensionNotFound:
        return x509.BasicConstraints(ca=False, path_length=None)


def _may_sign(one: x509.Certificate) -> bool:
    try:
        return one.extensions.get_extension_for_class(x509.KeyUsage).value.key_cert_sign
    except x509.ExtensionNotFound:
        return True  # RFC 5280, 4.2.1.3: every usage


def _keep(path: Path, authority: Authority, key: PrivateKey, fresh: x509.Certificate, now: datetime) -> bool:
    held = _held(path)
    if held is not None and _promises(held) == _promises(fresh) and not is_due(held, now):
        return False
    write_private(path, _key_pem(key) + _pem(fresh) + _pem(authority.issuing))
    return True


def is_due(certificate: x509.Certificate, now: datetime) -> bool:
    """Whether 2/3 of its life are over (or it has not begun)."""
    begins, ends = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    return not begins <= now < begins + (ends - begins) * 2 / 3


def _held(path: Path) -> x509.Certificate | None:
    try:
        return x509.load_pem_x509_certificate(path.read_bytes())
    except (FileNotFoundError, ValueError):
        return None


def _promises(one: x509.Certificate) -> list[x509.ExtensionType]:
    """What does not change when it is renewed: its issuer's key, its names, its use."""
    lasting = x509.AuthorityKeyIdentifier, x509.SubjectAlternativeName, x509.ExtendedKeyUsage
    return [extension.value for extension in one.extensions if isinstance(extension.value, lasting)]


def _pem(one: x509.Certificate) -> str:
    return one.public_bytes(Encoding.PEM).decode()


def _key_pem(key: PrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
