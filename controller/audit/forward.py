"""Sends the trail to a receiver of syslog over TLS (RFC 5425), from where it left off.

The protocol has no receipts. So the position in the database moves only over what the receiver's host has
acknowledged (TCP) and only if the connection stands a while later still: a receiver that ends with messages
unread resets it. What was sent after the position is sent again: an entry may come twice, none is left out.
"""

import asyncio
import fcntl
import logging
import ssl
import termios
from dataclasses import dataclass

from controller.audit.search import everything
from controller.audit.syslog import framed, message
from controller.errors import StoreError
from controller.store import Store
from controller.store.beside import Beside

BATCH = 500
"""Entries between two steps of the position."""
SETTLE_S = 1.0
"""So long the connection must stand after the last byte was acknowledged."""
LOOK_S = 1.0
"""How often it looks for new entries."""
ANSWER_S = 30.0
"""A receiver whose host acknowledges nothing for so long is given up."""
AGAIN_S = 5.0
"""Between attempts to connect."""

_POSITION = "SELECT number FROM audit_sent WHERE receiver = ?"
_MOVE = """INSERT INTO audit_sent VALUES (?, ?)
ON CONFLICT (receiver) DO UPDATE SET number = excluded.number"""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Receiver:
    """Where the trail goes: `tls` says whom it trusts."""

    host: str
    port: int
    tls: ssl.SSLContext

    @property
    def name(self) -> str:
        """Its name in the database."""
        return f"{self.host}:{self.port}"


class Forwarder:
    """Sends the entries of one store to one receiver; `host` is this controller's name."""

    def __init__(
        self,
        store: Store,
        receiver: Receiver,
        host: str,
        settle_s: float = SETTLE_S,
        again_s: float = AGAIN_S,
    ) -> None:
        self._store = store
        self._beside = Beside(store.where)
        self._receiver = receiver
        self._host = host
        self._settle_s, self._again_s = settle_s, again_s

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                await self._connected()
            except (OSError, TimeoutError, StoreError) as error:
                log.warning("the audit trail waits for its receiver %s: %s", self._receiver.name, error)
            await asyncio.sleep(self._again_s)

    async def position(self) -> int:
        """The number of the last entry that the receiver has. Raises StoreError."""
        rows = await self._store.read(_POSITION, (self._receiver.name,))
        return rows[0]["number"] if rows else 0

    async def _connected(self) -> None:
        opening = asyncio.open_connection(
            self._receiver.host,
            self._receiver.port,
            ssl=self._receiver.tls,
            server_hostname=self._receiver.host,
        )
        reader, writer = await asyncio.wait_for(opening, ANSWER_S)
        gone = asyncio.create_task(reader.read(1))  # a receiver says nothing; it ends
        try:
            await self._send_all(writer, gone)
        finally:
            gone.cancel()
            writer.transport.abort()

    async def _send_all(self, writer: asyncio.StreamWriter, gone: "asyncio.Task[bytes]") -> None:
        position = await self.position()
        while True:
            batch = await self._beside.read(lambda db, after=position: list(everything(db, after, BATCH)))
            if not batch:
                await _stands(gone, LOOK_S)
                continue
            writer.writelines(framed(message(entry, self._host)) for entry in batch)
            async with asyncio.timeout(ANSWER_S):
                await writer.drain()
                await _acknowledged(writer, gone)
            await _stands(gone, self._settle_s)
            position = batch[-1]["number"]
            row = self._receiver.name, position
            await self._store.write(lambda db, row=row: db.execute(_MOVE, row))


async def _acknowledged(writer: asyncio.StreamWriter, gone: "asyncio.Task[bytes]") -> None:
    """Wait until the other host's kernel has it all (tcp(7), SIOCOUTQ)."""
    socket, transport = writer.get_extra_info("socket"), writer.transport
    while transport.get_write_buffer_size() or any(fcntl.ioctl(socket.fileno(), termios.TIOCOUTQ, bytes(4))):
        await _stands(gone, 0.02)


async def _stands(gone: "asyncio.Task[bytes]", for_s: float) -> None:
    """Wait. Raises ConnectionError when the receiver ends the connection meanwhile."""
    if (await asyncio.wait({gone}, timeout=for_s))[0]:
        gone.result()
        raise ConnectionResetError("it ended the connection")
