"""Certificates for simulated gateways, without a claim: straight from the authority's folder.

folder = await given(store, data / "ca", "ward-a", data / "ward-a" / "identity", "mqtts://127.0.0.1:8883")
folder.context()                   # TLS that shows it
"""

import sqlite3
import ssl
import time
from datetime import datetime
from pathlib import Path

from cryptography import x509

from controller.broker import Broker
from controller.identity.authority import Authority, PrivateKey, new_key
from controller.identity.certificates import issue, moment
from controller.identity.files import (
    CONTROLLER,
    FOLDER,
    ROOT,
    Lives,
    keep_controller,
    keep_server,
    open_authority,
)
from controller.identity.site import distinguished
from controller.registry import CONTROLLER as NAME
from controller.store import Store
from gateway.enrolment.identity import Identity, IdentityFolder

EST = "https://127.0.0.1:8443"
"""Where they would renew."""


def now() -> datetime:
    """UTC."""
    return moment(int(time.time()))


async def given(store: Store, ca: Path, gateway: str, where: Path, mqtt: str) -> IdentityFolder:
    """`gateway`, which the registry knows, has a certificate for the broker at `mqtt` from now on."""
    authority = open_authority(ca, now())
    return await store.write(lambda db: issued(db, authority, gateway, where, mqtt))


def issued(
    db: sqlite3.Connection, authority: Authority, gateway: str, where: Path, mqtt: str
) -> IdentityFolder:
    """The same inside a transaction."""
    key, utc_s = new_key(), int(now().timestamp())
    certificate = issue(db, authority, gateway, key.public_key(), utc_s, life=Lives().gateway)
    return _kept(authority, key, certificate, where, mqtt)


def made(authority: Authority, gateway: str, where: Path, mqtt: str, at: datetime) -> x509.Certificate:
    """The same where there is no database: whoever configures the broker lets the certificate in."""
    key = new_key()
    certificate = authority.client(gateway, key.public_key(), at, Lives().gateway)
    _kept(authority, key, certificate, where, mqtt)
    return certificate


def _kept(
    authority: Authority, key: PrivateKey, certificate: x509.Certificate, where: Path, mqtt: str
) -> IdentityFolder:
    where.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder = IdentityFolder(where)
    folder.install(Identity(key, (certificate, authority.issuing), (authority.root,), EST, mqtt))
    return folder


def lone_broker(
    folder: Path, *gateways: str, port: int = 0, ca: Path | None = None
) -> tuple[Broker, dict[str, ssl.SSLContext]]:
    """A broker without a controller, prepared and configured, and TLS for each client of it.

    Clients are "controller" and the gateways. Everything is below `folder`, also `ca` and `identities`.
    """
    ca, at = ca or folder / FOLDER, now()
    authority = open_authority(ca, at)
    keep_server(ca, authority, ("127.0.0.1",), at, Lives().server)
    keep_controller(ca, authority, NAME, at, Lives().controller)
    broker = Broker(folder, ca, "127.0.0.1", port)
    broker.prepare()
    users: dict[str, str] = {}
    contexts = {NAME: of_controller(ca)}
    for gateway in gateways:
        where = folder / "identities" / gateway
        users[distinguished(made(authority, gateway, where, broker.url, at))] = gateway
        contexts[gateway] = IdentityFolder(where).context()
    broker.configure(distinguished(x509.load_pem_x509_certificate((ca / CONTROLLER).read_bytes())), users)
    return broker, contexts


def of_controller(ca: Path) -> ssl.SSLContext:
    """TLS of the controller's own connection to its broker."""
    context = ssl.create_default_context(cafile=str(ca / ROOT))
    context.load_cert_chain(ca / CONTROLLER)
    return context
