"""A running controller's identity: its authority, its own certificates, and whom its broker lets in."""

import socket
import ssl
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.x509.oid import NameOID

from controller.broker import Broker
from controller.clock import Clock
from controller.identity.authority import BACKDATED
from controller.identity.certificates import CERTIFICATES, moment, users
from controller.identity.est import est_context
from controller.identity.files import (
    CONTROLLER,
    SERVER,
    Lives,
    keep_controller,
    keep_server,
    open_authority,
)
from controller.registry import CONTROLLER as NAME
from controller.store import Store

LOOK_S = 3600
"""How often it is seen whether a certificate of its own is due."""


class SiteIdentity:
    """Opened with everything that is needed to serve. Raises AuthorityError."""

    def __init__(
        self, folder: Path, hosts: tuple[str, ...], clock: Clock, lives: Lives | None = None
    ) -> None:
        self.folder = folder
        self.lives = lives or Lives()
        self._hosts = tuple(dict.fromkeys((*hosts, "localhost", "127.0.0.1", socket.gethostname())))
        self._clock = clock
        self.authority = open_authority(folder, moment(clock.utc_us() // 1_000_000))
        self._looked_us = 0
        self._keep()
        self.tls = est_context(folder)
        """Of the registration authority."""
        self.web = _for_browsers(folder)
        """Of the pages, where they do not stay on this machine."""

    def refresh(self, broker: Broker) -> None:
        """Every so often: new certificates for the servers and the controller when theirs are due."""
        if self._clock.now_us() - self._looked_us > LOOK_S * 1_000_000 and self._keep():
            for context in (self.tls, self.web):
                context.load_cert_chain(self.folder / SERVER)
            broker.reload()

    async def admit(self, store: Store, broker: Broker) -> None:
        """Let exactly those into the broker who have a good certificate now. Raises StoreError."""
        utc_s = self._clock.utc_us() // 1_000_000
        gateways = users(await store.read(CERTIFICATES, (utc_s,)), utc_s)
        controller = x509.load_pem_x509_certificate((self.folder / CONTROLLER).read_bytes())
        broker.configure(distinguished(controller), gateways)

    def _keep(self) -> bool:
        self._looked_us = self._clock.now_us()
        now, lives = self._now(), self.lives
        new = keep_server(self.folder, self.authority, self._hosts, now, lives.server)
        return keep_controller(self.folder, self.authority, NAME, now, lives.controller) or new

    def _now(self) -> datetime:
        """UTC; no earlier than the authority, lest a host whose clock is not set yet makes certificates that
        nobody takes.
        """
        begins = self.authority.issuing.not_valid_before_utc + BACKDATED
        return max(moment(self._clock.utc_us() // 1_000_000), begins)


def _for_browsers(folder: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(folder / SERVER)
    return context


def distinguished(certificate: x509.Certificate) -> str:
    """The name by which the broker knows who shows `certificate`."""
    return certificate.subject.rfc4514_string({NameOID.SERIAL_NUMBER: "SERIALNUMBER"})
