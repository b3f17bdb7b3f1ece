"""A real nats-server as the controller runs it, on a free port, and its clients."""

import asyncio
import secrets
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiomqtt
from cryptography import x509

from controller.broker import Broker
from controller.identity.authority import PrivateKey
from controller.identity.files import CONTROLLER
from controller.identity.site import distinguished
from gateway.enrolment.identity import IdentityFolder
from hil.identities import lone_broker
from tests.support.signing import pem

DEADLINE_S = 20


@dataclass(frozen=True, slots=True)
class Clients:
    """A running broker, and TLS of each of its clients: "controller", gateways."""

    broker: Broker
    tls: dict[str, ssl.SSLContext]
    folder: Path

    def client(self, name: str, tls: ssl.SSLContext | None = None, **options: Any) -> aiomqtt.Client:
        """A client that shows the certificate of `name`, or another one."""
        options = {"identifier": secrets.token_hex(8), "timeout": 5, **options}
        where = self.broker.host, self.broker.port
        return aiomqtt.Client(*where, tls_context=tls or self.tls[name], **options)

    def admit(self, *gateways: str) -> None:
        """Let these in, by the certificates that they have, and no others."""
        held = {name: IdentityFolder(self.identity(name)).load().certificate for name in gateways}
        self._configure({distinguished(one): name for name, one in held.items()})

    def admit_certificate(self, certificate: x509.Certificate, gateway: str) -> None:
        """Let in who shows this one, and nobody else."""
        self._configure({distinguished(certificate): gateway})

    def _configure(self, gateways: dict[str, str]) -> None:
        controller = x509.load_pem_x509_certificate((self.broker.ca / CONTROLLER).read_bytes())
        self.broker.configure(distinguished(controller), gateways)

    def identity(self, gateway: str) -> Path:
        """The folder with the identity of `gateway`."""
        return self.folder / "identities" / gateway

    def log(self) -> str:
        """What the broker says."""
        return (self.broker.folder / "nats.log").read_text(encoding="utf-8")


def shown(folder: Path, key: PrivateKey, chain: list[x509.Certificate]) -> ssl.SSLContext:
    """TLS of a client that trusts the broker in `folder` and shows `chain`."""
    file = folder / "shown.pem"
    file.write_bytes(pem(key, *chain))
    context = ssl.create_default_context(cafile=str(folder / "ca" / "root.pem"))
    context.load_cert_chain(file)
    return context


@asynccontextmanager
async def running_broker(folder: Path, *gateways: str, ca: Path | None = None) -> AsyncIterator[Clients]:
    """A supervised broker that lets `gateways` in, and the controller."""
    broker, tls = lone_broker(folder, *gateways, ca=ca)
    task = asyncio.create_task(broker.run())
    try:
        await listening(broker.port)
        yield Clients(broker, tls, folder)
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def listening(port: int) -> None:
    """Wait until something accepts connections at `port`."""
    async with asyncio.timeout(DEADLINE_S):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except ConnectionError:
                await asyncio.sleep(0.02)
            else:
                writer.close()
                return
