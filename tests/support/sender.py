"""A gateway for tests of the controller: makes blocks, sends them by MQTT, collects receipts."""

import asyncio
import secrets
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from decimal import Decimal

import aiomqtt

from devices.model.identity import DeviceId, LocationId
from devices.model.observation import Instant, Quality, Reading
from devices.wire import topics
from devices.wire.block import BlockClock, Lane, Sync, seal
from devices.wire.cose import read_signed
from devices.wire.messages import Receipt, read_receipt
from devices.wire.orders import Command, read_command
from devices.wire.ranges import Ranges
from devices.wire.records import AnyRecord, Group

DEADLINE_S = 30


def reading(value: int, at_us: int, metric: str = "hr") -> Reading:
    """`value` of `metric` at a monotonic time."""
    return Reading(metric, Instant(at_us * 1000), Decimal(value), None, Quality.GOOD)


class Sender:
    """One gateway's one journal. Blocks are kept until they are receipted."""

    def __init__(self, gateway: str = "ward-a", device: str = "ox-1", bed: str | None = None) -> None:
        self.gateway = gateway
        self.device = DeviceId(device)
        self.bed = None if bed is None else LocationId(bed)
        self.journal = secrets.token_bytes(8)
        self.boot = secrets.token_bytes(16)
        self.utc_us: int | None = None
        self.next = [0, 0, 0, 0]
        self.pending: dict[tuple[int, int], bytes] = {}
        self.committed: dict[int, Ranges] = {lane: Ranges() for lane in Lane}
        self.quarantined: dict[int, Ranges] = {lane: Ranges() for lane in Lane}
        self.receipts: list[Receipt] = []
        self.commands: list[Command] = []

    def block(
        self, *records: AnyRecord, lane: Lane = Lane.VITAL, mono_us: int = 10_000_000, journal: bytes = b""
    ) -> bytes:
        """The next block of `lane`, kept as pending."""
        number = self.next[lane]
        self.next[lane] += 1
        sync = Sync.UNSET if self.utc_us is None else Sync.NETWORK
        utc_us = None if self.utc_us is None else self.utc_us + mono_us
        clock = BlockClock(self.boot, mono_us, utc_us, sync, None)
        group = Group(self.device, self.bed, records or [reading(70 + number % 20, mono_us)])
        payload = seal(journal or self.journal, lane, number, clock, [group])
        self.pending[lane, number] = payload
        return payload

    @asynccontextmanager
    async def connected(self, port: int, tls: ssl.SSLContext) -> AsyncIterator["Connection"]:
        """A connection of this gateway; receipts and commands are taken in while it lasts."""
        async with aiomqtt.Client(
            "127.0.0.1",
            port,
            tls_context=tls,
            identifier=f"{secrets.token_hex(8)}",
        ) as client:
            await client.subscribe(topics.down(self.gateway, "#"), qos=1)
            task = asyncio.create_task(self._listen(client))
            try:
                yield Connection(self, client)
            finally:
                task.cancel()
                with suppress(asyncio.CancelledError, aiomqtt.MqttError):
                    await task

    async def _listen(self, client: aiomqtt.Client) -> None:
        async for message in client.messages:
            assert isinstance(message.payload, bytes)
            if str(message.topic).endswith("/receipt"):
                self._receipted(read_receipt(message.payload))
            elif str(message.topic).endswith("/command"):
                self.commands.append(read_command(read_signed(message.payload).payload))

    def _receipted(self, receipt: Receipt) -> None:
        self.receipts.append(receipt)
        if receipt.journal != self.journal:
            return
        for held, ranges in (
            (self.committed, receipt.committed),
            (self.quarantined, receipt.quarantined),
        ):
            for first, last in ranges:
                held[receipt.lane].add(first, last)
                for lane, number in list(self.pending):
                    if lane == receipt.lane and first <= number <= last:
                        del self.pending[lane, number]


class Connection:
    """What a connected sender can do."""

    def __init__(self, sender: Sender, client: aiomqtt.Client) -> None:
        self._sender = sender
        self._client = client

    async def publish(self, what: str, payload: bytes, gateway: str = "") -> None:
        """Publish on an `up` topic, QoS 1."""
        await self._client.publish(topics.up(gateway or self._sender.gateway, what), payload, qos=1)

    async def send_pending(self) -> None:
        """Publish every block without a receipt, again or not."""
        for (lane, _), payload in list(self._sender.pending.items()):
            await self.publish(topics.LANES[lane], payload)

    async def drain(self, every_s: float = 0.5) -> None:
        """Send until everything is receipted."""
        async with asyncio.timeout(DEADLINE_S):
            while self._sender.pending:
                await self.send_pending()
                with suppress(TimeoutError):
                    await until(lambda: not self._sender.pending, every_s)


async def until(condition: Callable[[], bool], within_s: float = DEADLINE_S) -> None:
    """Wait until `condition()` holds. Raises TimeoutError."""
    async with asyncio.timeout(within_s):
        while not condition():  # noqa: ASYNC110 - the condition is the other process's
            await asyncio.sleep(0.01)
