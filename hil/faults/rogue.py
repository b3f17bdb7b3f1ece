"""An enrolled gateway that is not to be trusted: its blocks are put together by hand, as wrong as is wanted.

It has its own certificate, and everything that anybody in the house could know of the other gateways.
"""

import asyncio
import secrets
import ssl
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import aiomqtt
import cbor2
import google_crc32c

from hil.sims.emitted import now_ns

ROGUE = "stranger"
VITAL = 1
VITAL_TOPIC = f"wl/1/{ROGUE}/up/vital"
_HEART_RATE = 1
_JOURNAL, _LANE, _COMMITTED, _QUARANTINED = 2, 3, 4, 5
_ANSWER_S = 5.0


@dataclass(slots=True)
class Rogue:
    """Its journal, the next number of its vital lane, and what it was told became of its blocks."""

    port: int
    tls: ssl.SSLContext
    journal: bytes = field(default_factory=lambda: secrets.token_bytes(8))
    boot: bytes = field(default_factory=lambda: secrets.token_bytes(16))
    next: int = 0
    told: dict[int, str] = field(default_factory=dict[int, str])
    """"committed" or "quarantined", by number of a block of its own journal's vital lane."""
    strange: list[bytes] = field(default_factory=list[bytes])
    """Receipts of other journals."""

    def take_number(self) -> int:
        """A number for a block that will be in the ledger."""
        self.next += 1
        return self.next - 1

    def clock(self) -> dict[int, Any]:
        """The clock now, without UTC."""
        return {1: self.boot, 2: now_ns() // 1000, 3: None, 4: 0, 5: None}

    def header(self, number: int, changes: Mapping[int, Any] | None = None) -> dict[int, Any]:
        """A good header, but for `changes`; None takes an item away."""
        good = {1: 1, 2: self.journal, 3: VITAL, 4: number, 5: self.clock(), **(changes or {})}
        return {key: value for key, value in good.items() if value is not None}

    def block(self, header: bytes | dict[int, Any], records: bytes) -> bytes:
        """A block whose checksum is right, whatever is in it."""
        head = header if isinstance(header, bytes) else cbor2.dumps(header)
        return cbor2.dumps([head, records, google_crc32c.value(head + records)])

    def good(self, number: int) -> bytes:
        """A block that nobody can complain of."""
        return self.block(self.header(number), group([[0, _HEART_RATE, -1000, 60 + number % 40, 0, 0]]))

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[aiomqtt.Client]:
        """A connection that takes receipts in. Raises aiomqtt.MqttError."""
        async with self.client() as client:
            await client.subscribe(f"wl/1/{ROGUE}/down/#", qos=1)
            listener = asyncio.create_task(self._listen(client))
            try:
                yield client
            finally:
                listener.cancel()
                with suppress(asyncio.CancelledError, aiomqtt.MqttError):
                    await listener

    def client(self) -> aiomqtt.Client:
        """A client with the rogue's certificate."""
        name = secrets.token_hex(8)
        return aiomqtt.Client(
            *("127.0.0.1", self.port),
            tls_context=self.tls,
            identifier=name,
            timeout=_ANSWER_S,
        )

    async def _listen(self, client: aiomqtt.Client) -> None:
        async for message in client.messages:
            if str(message.topic).endswith("/receipt") and isinstance(message.payload, bytes):
                self._receipted(cbor2.loads(message.payload))

    def _receipted(self, receipt: Mapping[int, Any]) -> None:
        if receipt[_JOURNAL] != self.journal or receipt[_LANE] != VITAL:
            self.strange.append(receipt[_JOURNAL])
            return
        for key, fate in ((_COMMITTED, "committed"), (_QUARANTINED, "quarantined")):
            for first, last in receipt[key]:
                self.told |= dict.fromkeys(range(first, last + 1), fate)


def group(records: Sequence[object], device: object = f"{ROGUE}-1", location: object = None) -> bytes:
    """The packed records of one device."""
    return cbor2.dumps([{1: device, 2: location, 3: records}])
