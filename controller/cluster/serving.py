"""A member's process on its host: nats-server, and a connection to it that brings whom it is to let in.

    await serve(folder)                # until cancelled

At each start it lets in the controller and itself, and gateways once the controller has said which: it keeps
nothing, so that nothing that is kept could be too old.
"""

import asyncio
import logging
import secrets
import ssl
from pathlib import Path

import aiomqtt
from cryptography import x509

from controller.broker import Broker
from controller.cluster.access import ACCESS, IN_FORCE, InForce, digest, read_access
from controller.cluster.files import CA, MEMBER, MemberFile, read_member
from controller.errors import BrokerError
from controller.files import write_private
from controller.identity.est import NO_CHECK_TIME
from controller.identity.files import SERVER
from controller.identity.takeover import ISSUERS, ROOT
from controller.mqtt import KEEPALIVE_S, end_if_told_to, refused
from host.systemd import is_told, tell

_AGAIN_S = 0.2

log = logging.getLogger(__name__)


async def serve(folder: Path) -> None:
    """Until cancelled. Raises BrokerError, ControllerError: it cannot start."""
    member = _Serving(folder)
    member.prepare()
    async with asyncio.TaskGroup() as group:
        group.create_task(member.broker.run())
        group.create_task(member.obey())
        if is_told():
            group.create_task(tell(member.look))


class _Serving:
    def __init__(self, folder: Path) -> None:
        self.ca = folder / CA
        self.file = read_member(folder)
        where = self.file.host, self.file.port
        self.broker = Broker(folder / "broker", self.ca, *where, member=self.file.member)

        self.connected = asyncio.Event()
        """Set while nats-server serves this very process."""

    async def look(self) -> str:
        """Comes back when the broker serves: one that hangs is to be started again, and this with it."""
        await self.connected.wait()
        return ""

    def prepare(self) -> None:
        self.broker.prepare()
        if self.broker.port != self.file.port:
            raise BrokerError(f"port {self.file.port} is taken: gateways know no other: free it, start again")
        self.broker.configure(self.file.controller, {})

    async def obey(self) -> None:
        """What the controller says is in force at once."""
        said = ""
        while True:
            try:
                await self._connected(self.file)
            except (aiomqtt.MqttError, ssl.SSLError) as error:
                if said != (said := str(error)):
                    log.warning("no connection to itself: %s", error)
            await asyncio.sleep(_AGAIN_S)

    async def _connected(self, file: MemberFile) -> None:
        async with aiomqtt.Client(
            file.itself,
            file.port,
            tls_context=self._tls(),
            identifier=f"member-{secrets.token_hex(8)}",
            keepalive=KEEPALIVE_S,
        ) as client:
            if refused(await client.subscribe(ACCESS, qos=1)):
                raise aiomqtt.MqttError(f"it refuses {ACCESS} to itself")
            self.connected.set()
            try:
                async for message in client.messages:
                    end_if_told_to()
                    await self._told(client, message.payload if isinstance(message.payload, bytes) else b"")
            finally:
                self.connected.clear()

    async def _told(self, client: aiomqtt.Client, payload: bytes) -> None:
        try:
            access = read_access(payload)
        except BrokerError as error:
            log.error("%s", error)
            return
        issuers = self.ca / ISSUERS
        if issuers.read_text(encoding="ascii") != access.issuers:
            write_private(issuers, access.issuers)
            self.broker.reload()
        self.broker.configure(self.file.controller, access.gateways)
        log.info("%d gateways are let in", len(access.gateways))
        await client.publish(IN_FORCE, InForce(digest(payload), self._ends_s()).pack(), qos=0)

    def _ends_s(self) -> int:
        held = (x509.load_pem_x509_certificate((self.ca / name).read_bytes()) for name in (SERVER, MEMBER))
        return int(min(one.not_valid_after_utc for one in held).timestamp())

    def _tls(self) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=str(self.ca / ROOT))
        context.verify_flags |= NO_CHECK_TIME
        context.load_cert_chain(self.ca / MEMBER)
        return context
