"""The least controller there can be: takes blocks, keeps a ledger, sends receipts."""

import asyncio
import os
import time
from collections import Counter
from dataclasses import dataclass, field

import aiomqtt
import pycddl

from devices.wire import topics
from devices.wire.block import BlockHeader, Lane, open_block, plain_records, records_of
from devices.wire.contract import cddl
from devices.wire.messages import (
    Birth,
    ControllerState,
    GatewayState,
    Message,
    Receipt,
    pack_message,
    read_birth,
    read_gateway_state,
)
from devices.wire.orders import Command
from devices.wire.records import AnyRecord, Gap, Group, Opened
from devices.wire.stream import Receiver
from tests.support.broker_process import BrokerProcess

Place = tuple[bytes, Lane]
SCHEMAS = {rule: pycddl.Schema(cddl(rule)) for rule in ("block", "records", "birth", "gateway-state")}
"""Whatever a gateway sends has to be as the contract says."""


@dataclass
class Peer:
    """Its ledger outlives its connection; a new `session` each time it connects, as after a restart."""

    broker: BrokerProcess
    receipts: bool = True
    ledger: dict[Place, Receiver] = field(default_factory=dict)
    blocks: dict[tuple[bytes, Lane, int], tuple[BlockHeader, list[Group]]] = field(default_factory=dict)
    arrived: Counter[tuple[bytes, Lane, int]] = field(default_factory=Counter)
    births: list[Birth] = field(default_factory=list)
    states: list[GatewayState] = field(default_factory=list)
    order: list[Lane] = field(default_factory=list)
    _client: aiomqtt.Client | None = None
    _task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> "Peer":
        self._task = asyncio.create_task(self._stay())
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.leave()

    async def leave(self) -> None:
        """Vanish: the will says that the controller is away."""
        assert self._task is not None
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _stay(self) -> None:
        task = asyncio.current_task()
        while task and not task.cancelling():
            try:
                await self._connect()
            except aiomqtt.MqttError:
                await asyncio.sleep(0.1)

    async def _connect(self) -> None:
        session = os.urandom(8)
        here = pack_message(ControllerState(True, session, 0))
        gone = pack_message(ControllerState(False, session, 0))
        will = aiomqtt.Will(topics.CONTROLLER_STATE, gone, 1, True)
        tls = self.broker.tls["controller"]
        async with aiomqtt.Client(
            "127.0.0.1", self.broker.port, identifier=session.hex(), will=will, tls_context=tls
        ) as client:
            await client.subscribe(topics.ALL_UP, qos=1)
            await client.publish(topics.CONTROLLER_STATE, here, qos=1, retain=True)
            self._client = client
            try:
                async for message in client.messages:
                    if (task := asyncio.current_task()) and task.cancelling():
                        return  # aiomqtt's waiting can lose a cancellation in Python 3.11
                    await self._take(str(message.topic), bytes(message.payload), bool(message.retain))
            finally:
                self._client = None
                await client.publish(topics.CONTROLLER_STATE, gone, qos=1, retain=True, timeout=2)

    async def _take(self, topic: str, payload: bytes, retained: bool) -> None:
        gateway, what = topics.parse_up(topic) or ("", "")
        if what == "birth":
            SCHEMAS["birth"].validate_cbor(payload)
            self.births.append(read_birth(payload))
        elif what == "state":
            SCHEMAS["gateway-state"].validate_cbor(payload)
            if not retained:
                self.states.append(read_gateway_state(payload))
        else:
            await self._block(gateway, payload)

    async def _block(self, gateway: str, payload: bytes) -> None:
        SCHEMAS["block"].validate_cbor(payload)
        header, records = open_block(payload)
        SCHEMAS["records"].validate_cbor(plain_records(header, records))
        key = (header.journal, header.lane, header.number)
        self.arrived[key] += 1
        self.order.append(header.lane)
        receiver = self.ledger.setdefault((header.journal, header.lane), Receiver())
        if not receiver.has(header.number):
            assert key not in self.blocks
            self.blocks[key] = header, records_of(header, records)
            receiver.committed.add(header.number, header.number)
        if self.receipts:
            committed = receiver.receipt([header.number])[0]
            await self.tell(gateway, "receipt", Receipt(header.journal, header.lane, committed))

    async def tell(self, gateway: str, what: str, message: Message) -> None:
        """Publish to the gateway."""
        await self.publish(gateway, what, pack_message(message))

    async def publish(self, gateway: str, what: str, payload: bytes, *, retain: bool = False) -> None:
        """Publish these bytes to the gateway."""
        assert self._client is not None
        await self._client.publish(topics.down(gateway, what), payload, qos=0, retain=retain)

    async def command(self, gateway: str, name: str, /, **arguments: str | int) -> Command:
        """Publish a signed command that is good for a minute."""
        utc_us = time.time_ns() // 1000
        made = Command(os.urandom(16), name, arguments, gateway, "anna", utc_us, utc_us + 60_000_000)
        await self.publish(gateway, "command", self.broker.signer.command(made))
        return made

    def records(self) -> list[AnyRecord]:
        """Every record that was committed."""
        return [r for _, groups in self.blocks.values() for group in groups for r in group.records]

    def missing(self) -> dict[Place, list[tuple[int, int]]]:
        """Numbers that should be there, up to the ends that later journals tell, less declared gaps."""
        ends: dict[Place, int] = {}
        for record in self.records():
            if isinstance(record, Opened):
                for journal, produced in record.ended.items():
                    ends |= {(journal, Lane(n)): end for n, end in enumerate(produced)}
        missing = {}
        for place in {*ends, *self.ledger}:
            held = self.ledger.get(place, Receiver()).committed
            last = max([ends.get(place, 0) - 1, *(last for _, last in held)])
            gaps = held.missing(0, last) if last >= 0 else []
            if lost := [pair for pair in gaps if not self._declared(place, pair)]:
                missing[place] = lost
        return missing

    def _declared(self, place: Place, pair: tuple[int, int]) -> bool:
        shed = [
            r
            for gap in self.records()
            if isinstance(gap, Gap) and (gap.journal, Lane(gap.lane)) == place
            for r in gap.ranges
        ]
        return all(any(first <= n <= last for first, last in shed) for n in range(pair[0], pair[1] + 1))
