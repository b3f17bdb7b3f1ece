"""A running controller's identity: its authority, its own certificates, and whom its broker lets in."""

import logging
import socket
import ssl
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.x509.oid import NameOID

from controller.brokers import AnyBroker
from controller.clock import Clock
from controller.errors import AuthorityError
from controller.identity.authority import BACKDATED
from controller.identity.certificates import CERTIFICATES, certified_by, moment, users
from controller.identity.est import est_context, renew_est_context
from controller.identity.files import (
    CONTROLLER,
    SERVER,
    Lives,
    keep_controller,
    keep_server,
    open_authority,
)
from controller.identity.lifetimes import Life, lives
from controller.identity.sites import door_context, keep_site
from controller.identity.takeover import ISSUING, NEXT, keep_issuers
from controller.registry import CONTROLLER as NAME
from controller.store import Store

LOOK_S = 3600
"""How often it is seen whether a certificate of its own is due."""

log = logging.getLogger(__name__)


class SiteIdentity:
    """Opened with everything that is needed to serve. Raises AuthorityError."""

    def __init__(
        self,
        folder: Path,
        hosts: tuple[str, ...],
        clock: Clock,
        own_lives: Lives | None = None,
        *,
        site: str = "",
    ) -> None:
        self.folder = folder
        self._site = site
        """As partners know it; "": there are none."""
        self.lives = own_lives or Lives()
        self._hosts = tuple(dict.fromkeys((*hosts, "localhost", "127.0.0.1", socket.gethostname())))
        self._clock = clock
        self.authority = open_authority(folder, moment(clock.utc_us() // 1_000_000))
        """Stays the same object when another takes its place."""
        self._seen = self._stamp()
        self._looked_us = self._narrowed_us = 0
        self._keep()
        self.tls = est_context(folder)
        """Of the registration authority."""
        self.web = _for_browsers(folder)
        """Of the pages, where they do not stay on this machine."""
        self.partners = door_context(folder)
        """Of the listener for partner sites."""

    def refresh(self, broker: AnyBroker) -> None:
        """Every so often: follow an authority that took the place of this one, and renew what is due."""
        followed = self._stamp() != self._seen and self._follow()
        is_due = self._clock.now_us() - self._looked_us > LOOK_S * 1_000_000
        if (followed or is_due) and (self._keep() or followed):
            renew_est_context(self.tls, self.folder)
            self.web.load_cert_chain(self.folder / SERVER)
            self.partners.load_cert_chain(self.folder / SERVER)
            broker.reload()

    async def admit(self, store: Store, broker: AnyBroker) -> None:
        """Let exactly those into the broker who have a good certificate now. Raises StoreError."""
        await self._narrow(store, broker)
        utc_s = self._clock.utc_us() // 1_000_000
        gateways = users(await store.read(CERTIFICATES, (utc_s,)), utc_s)
        controller = x509.load_pem_x509_certificate((self.folder / CONTROLLER).read_bytes())
        broker.configure(distinguished(controller), gateways)

    def ends(self) -> list[Life]:
        """How long everything holds. Raises AuthorityError."""
        return lives(self.folder, self.authority)

    def _stamp(self) -> tuple[object, ...]:
        """Another one: somebody has put a successor there, or begun to."""
        path = self.folder / ISSUING
        found = path.stat() if path.exists() else None
        return found and (found.st_ino, found.st_mtime_ns), (self.folder / NEXT).exists()

    def _follow(self) -> bool:
        before = self.authority.issuing
        try:
            self.authority.follow(open_authority(self.folder, moment(self._clock.utc_us() // 1_000_000)))
        except AuthorityError as error:
            log.error("the authority stays as it was: %s", error)
        self._seen, self._narrowed_us = self._stamp(), 0
        if followed := self.authority.issuing != before:
            until = self.authority.issuing.not_valid_after_utc
            log.info("another issuing certificate signs from now on, until %s", f"{until:%Y-%m-%d}")
        return followed

    async def _narrow(self, store: Store, broker: AnyBroker) -> None:
        """The broker takes the clients of a former issuing certificate until the last of these has ended."""
        now_us = self._clock.now_us()
        if now_us - self._narrowed_us <= LOOK_S * 1_000_000:
            return
        self._narrowed_us = now_us
        utc_s = self._clock.utc_us() // 1_000_000
        former = self.authority.held.former
        living = [one for one in former if await certified_by(store, one, utc_s)]
        if keep_issuers(self.folder, [self.authority.issuing, *living]):
            broker.reload()

    def _keep(self) -> bool:
        self._looked_us = self._clock.now_us()
        now, lasting = self._now(), self.lives
        new = keep_server(self.folder, self.authority, self._hosts, now, lasting.server)
        if self._site:
            keep_site(self.folder, self.authority, self._site, now)
        return keep_controller(self.folder, self.authority, NAME, now, lasting.controller) or new

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
