"""This box's identity, and the folder that keeps it: `<data>/identity/`, readable by its owner only.

root.pem         the root that was pinned; before it its successor, once it vouched for that (roots.py)
controller.json  where the controller is: {"est": "https://…", "mqtt": "mqtts://…"}; of several brokers the
                 others are "brokers": ["mqtts://…"]
identity.pem     private key, certificate and issuing chain in one file, so that they change together
waiting.pem      a key for which a certificate has been asked and not yet come

`identity.pem` is written last: if it is there, the identity is whole.
"""

import json
import logging
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from cryptography import x509
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from gateway.enrolment import files, tls
from gateway.enrolment.certificates import UNREADABLE, PrivateKey, chosen, name_of, new_key
from gateway.errors import IdentityError, NotEnrolled

_RENEW_AT, _JITTER = 2 / 3, 0.1
"""Part of the lifetime after which a certificate is renewed, and by how much of that it is earlier or later:
gateways that were enrolled together do not come back together."""
_WARN_AT = 5 / 6

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Identity:
    """Who this box is to the controller, and who the controller is to it."""

    key: PrivateKey
    chain: tuple[x509.Certificate, ...]
    """The box's own certificate, then those between it and the root."""
    roots: tuple[x509.Certificate, ...]
    """Those that are trusted, the newest first."""
    est: str
    """The registration authority, https://HOST:PORT."""
    mqtt: str
    """The broker, mqtts://HOST:PORT."""
    brokers: tuple[str, ...] = ()
    """Further ones, each as good as `mqtt`."""

    @property
    def certificate(self) -> x509.Certificate:
        """The box's own."""
        return self.chain[0]

    @property
    def gateway(self) -> str:
        """The gateway's id."""
        return name_of(self.certificate)

    @property
    def begins_s(self) -> float:
        """From when it is good: UTC, seconds since 1970."""
        return self.certificate.not_valid_before_utc.timestamp()

    @property
    def ends_s(self) -> float:
        """Until when it is good: UTC, seconds since 1970."""
        return self.certificate.not_valid_after_utc.timestamp()

    @property
    def until(self) -> str:
        """The same for people."""
        return f"{self.certificate.not_valid_after_utc:%Y-%m-%d %H:%M} UTC"

    def renewal_after_s(self, random: Random) -> float:
        """Seconds of its life after which it is to be renewed; another number at each call."""
        return (self.ends_s - self.begins_s) * _RENEW_AT * (1 + random.uniform(-_JITTER, _JITTER))

    @property
    def warn_at_s(self) -> float:
        """When a person should know that it was not renewed: UTC, seconds since 1970."""
        return self.begins_s + (self.ends_s - self.begins_s) * _WARN_AT


@dataclass(frozen=True, slots=True)
class IdentityFolder:
    """See the module. Methods raise IdentityError for what cannot be used, OSError when the disk refuses."""

    path: Path

    @property
    def _identity(self) -> Path:
        return self.path / "identity.pem"

    @property
    def _root(self) -> Path:
        return self.path / "root.pem"

    @property
    def _controller(self) -> Path:
        return self.path / "controller.json"

    @property
    def _waiting(self) -> Path:
        return self.path / "waiting.pem"

    def load(self) -> Identity:
        """The identity, checked. Raises NotEnrolled when there is none."""
        held = files.read_private(self._identity)
        if held is None:
            raise NotEnrolled(
                f"{self.path}: this gateway is not enrolled: ask for a claim on the controller, "
                "then `wardlink gateway enrol`"
            )
        try:
            roots = tuple(x509.load_pem_x509_certificates(files.read(self._root) or b""))
            certificates = x509.load_pem_x509_certificates(held)
            chain = chosen(certificates, _key(held), name_of(certificates[0]), *roots)
            addresses = _addresses(files.read(self._controller) or b"")
        except (*UNREADABLE, IdentityError) as error:
            raise IdentityError(f"{self.path}: damaged: {error}: enrol again, with --replace") from error
        return Identity(_key(held), chain, roots, *addresses)

    def context(self, *, check_time: bool = True) -> ssl.SSLContext:
        """For a connection to the controller: shows this box's certificate. `check_time`: see tls.pinned."""
        context = tls.pinned(*self.load().roots, check_time=check_time)
        context.load_cert_chain(self._identity)
        return context

    def waiting_key(self) -> PrivateKey:
        """The key to ask a certificate for: the one that an earlier try began with, or a new one.

        It is on the disk before anyone hears of it: who asks again after a lost answer must have the same.
        """
        try:
            held = files.read_private(self._waiting)
            key = _key(held) if held else None
        except (*UNREADABLE, IdentityError) as error:
            log.warning("%s cannot be used, a new key takes its place: %s", self._waiting, error)
            key = None
        if key is not None and _pem(key) not in (files.read(self._identity) or b""):
            return key
        key = new_key()
        files.make_folder(self.path)
        files.write_whole(self._waiting, _pem(key))
        return key

    def pin(self, roots: Sequence[x509.Certificate]) -> None:
        """Trust these from now on: one of them is that of the present identity."""
        files.write_whole(self._root, _certificates(roots))

    def install(self, new: Identity) -> None:
        """Keep `new` in place of what was there; a crash leaves the old one, none, or the new one, whole.

        None, only if it is of another controller than the old one.
        """
        files.make_folder(self.path)
        further = {"brokers": new.brokers} if new.brokers else {}
        controller = json.dumps({"est": new.est, "mqtt": new.mqtt, **further}).encode()
        beside = {self._root: _certificates(new.roots), self._controller: controller}
        if any(path.exists() and files.read(path) != data for path, data in beside.items()):
            files.remove(self._identity)
        for path, data in beside.items():
            if files.read(path) != data:
                files.write_whole(path, data)
        files.write_whole(self._identity, _pem(new.key) + _certificates(new.chain))
        files.remove(self._waiting)


def _key(data: bytes) -> PrivateKey:
    try:
        key = load_pem_private_key(data, None)
    except TypeError as error:  # it is encrypted
        raise IdentityError(str(error)) from error
    if not isinstance(key, PrivateKey):
        raise IdentityError(f"expected a P-256 key, got a {type(key).__name__}")
    return key


def _addresses(data: bytes) -> tuple[str, str, tuple[str, ...]]:
    match json.loads(data):
        case {"est": str(est), "mqtt": str(mqtt), **further}:
            return est, mqtt, tuple(map(str, further.get("brokers", ())))
        case _:
            raise IdentityError("controller.json: expected est and mqtt")


def _pem(key: PrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _certificates(certificates: Sequence[x509.Certificate]) -> bytes:
    return b"".join(one.public_bytes(Encoding.PEM) for one in certificates)
