"""The authority's folder, `<controller data>/ca/`: made at the first start, read at every other.

    root.pem         what gateways pin
    root.key         for the next issuing certificate and nothing else: take it away to a safe
    issuing.pem, issuing.key
    server.pem       key, certificate and chain of the servers, one file; new at 2/3 of its life
    controller.pem   the same of the controller as a client of the broker
    retired/, …      what was before (takeover.py)

A site's own `root.pem`, `issuing.pem` and `issuing.key`, put there before the first start, are taken.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature

from controller.errors import AuthorityError
from controller.files import sync, write_private
from controller.identity.authority import Authority, PrivateKey, check_clock, new_authority, new_key
from controller.identity.pems import key_pem, pem, read_certificate, read_certificates, read_issuing_key
from controller.identity.takeover import (
    ISSUERS,
    ISSUING,
    ISSUING_KEY,
    NEXT,
    ROOT,
    ROOT_KEY,
    finish,
    keep_issuers,
    living_links,
    locked,
    retired_issuing,
)

FOLDER = "ca"
SERVER, CONTROLLER = "server.pem", "controller.pem"
_NEEDED = (ROOT, ISSUING, ISSUING_KEY)


@dataclass(frozen=True, slots=True)
class Lives:
    """For how long certificates are given."""

    gateway: timedelta = timedelta(days=30)
    server: timedelta = timedelta(days=90)
    controller: timedelta = timedelta(days=90)


def open_authority(folder: Path, now: datetime) -> Authority:
    """The authority in `folder`; a new one where there is none. Raises AuthorityError, ClockNotSet."""
    if not any((folder / name).exists() for name in (*_NEEDED, NEXT)):
        check_clock(now)
        _make(folder, now)
    authority = held_authority(folder, now)
    for name, one in ((ROOT, authority.root), (ISSUING, authority.issuing)):
        # One that has not begun proves that the host's clock is behind: a board has to start all the same.
        if now >= one.not_valid_after_utc:
            span = f"{one.not_valid_before_utc:%Y-%m-%d} to {one.not_valid_after_utc:%Y-%m-%d}"
            raise AuthorityError(
                f"{folder / name}: it holds from {span}, now is {now:%Y-%m-%d}: set the clock, or "
                "`wardlink controller authority renew`"
            )
    return authority


def held_authority(folder: Path, now: datetime) -> Authority:
    """The same, ended or not, where there is one. Raises AuthorityError."""
    if not folder.is_dir():
        raise AuthorityError(f"{folder}: there is no authority yet: start the controller once")
    with locked(folder):
        finish(folder)
        if missing := [name for name in _NEEDED if not (folder / name).exists()]:
            raise AuthorityError(
                f"{folder}: expected {', '.join(_NEEDED)}, there is no {', '.join(missing)}: put it there, "
                "or restore the folder from its backup"
            )
        authority = _load(folder, now)
        if authority.issuing not in read_certificates(folder / ISSUERS):
            keep_issuers(folder, [authority.issuing, *authority.held.former])
    return authority


def keep_server(
    folder: Path, authority: Authority, names: Iterable[str], now: datetime, life: timedelta
) -> bool:
    """See that `server.pem` is good for these host names and addresses; True: it is a new one."""
    key = new_key()
    return keep(folder / SERVER, authority, key, authority.server(names, key.public_key(), now, life), now)


def keep_controller(folder: Path, authority: Authority, name: str, now: datetime, life: timedelta) -> bool:
    """See that `controller.pem` is good, the certificate of the client `name`; True: it is a new one."""
    key = new_key()
    return keep(
        folder / CONTROLLER, authority, key, authority.controller(name, key.public_key(), now, life), now
    )


def _make(folder: Path, now: datetime) -> None:
    """All of it or, after a power cut, nothing."""
    authority, root_key = new_authority(now)
    beside = folder.with_name(folder.name + ".new")
    for name, text in (
        (ROOT, pem(authority.root)),
        (ROOT_KEY, key_pem(root_key)),
        (ISSUING, pem(authority.issuing)),
        (ISSUING_KEY, key_pem(authority.key)),
    ):
        write_private(beside / name, text)
    try:
        beside.replace(folder)
    except OSError as error:
        raise AuthorityError(
            f"{folder}: expected no such folder or an empty one, or {', '.join(_NEEDED)} in it "
            f"({error.strerror}): restore it from its backup, or move away what is in it"
        ) from error
    sync(folder.parent)


def _load(folder: Path, now: datetime) -> Authority:
    root, issuing = read_certificate(folder / ROOT), read_certificate(folder / ISSUING)
    key = read_issuing_key(folder / ISSUING_KEY)
    _check_authority(folder / ROOT, root, root)
    _check_authority(folder / ISSUING, issuing, root)
    if _constraints(root).path_length == 0:
        raise AuthorityError(
            f"{folder / ROOT}: expected a path length of 1 or none, got 0: give another root"
        )
    if key.public_key() != issuing.public_key():
        raise AuthorityError(
            f"{folder / ISSUING_KEY}: expected the key of {ISSUING}, got another: put the right one there"
        )
    former = [one for one in retired_issuing(folder) if one != issuing]
    return Authority(root, issuing, key, former, living_links(folder, now))


def _check_authority(path: Path, one: x509.Certificate, root: x509.Certificate) -> None:
    try:
        one.verify_directly_issued_by(root)
    except (ValueError, TypeError, InvalidSignature) as error:
        raise AuthorityError(f"{path}: expected a certificate signed by {ROOT}: give that one") from error
    if not _constraints(one).ca or not _may_sign(one):
        raise AuthorityError(f"{path}: expected a certificate authority (CA, keyCertSign): give such a one")


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


def keep(path: Path, authority: Authority, key: PrivateKey, fresh: x509.Certificate, now: datetime) -> bool:
    """See that the file at `path` has a certificate like `fresh` that is not due; True: it is `fresh` now."""
    held = _held(path)
    if held is not None and _promises(held) == _promises(fresh) and not is_due(held, now):
        return False
    write_private(path, key_pem(key) + pem(fresh, *authority.above))
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


def _promises(one: x509.Certificate) -> list[x509.ExtensionType | x509.Name]:
    """What does not change when it is renewed: its subject, its issuer's key, its names, its use."""
    lasting = x509.AuthorityKeyIdentifier, x509.SubjectAlternativeName, x509.ExtendedKeyUsage
    return [one.subject, *(found.value for found in one.extensions if isinstance(found.value, lasting))]
