"""What goes over the alert lane's connection beside its blocks.

Up go birth and state; down come the controller's state, receipts, orders and heads of the audit trail. No
block is sent while no controller says that it is there.
"""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field

from devices.errors import WireError
from devices.wire import topics
from devices.wire.block import Lane
from devices.wire.messages import (
    Birth,
    pack_message,
    read_audit_head,
    read_controller_state,
    read_receipt,
)
from gateway.clock import Clock
from gateway.condition import STATE_EVERY_S, Condition
from gateway.errors import Unreachable
from gateway.heads import HeadFile
from gateway.journal.keeper import Keeper
from gateway.lane import LaneUplink
from gateway.mqtt import Connection
from gateway.orders.orders import Orders

_GOODBYE_S = 2.0
"""A broker that is gone, too, does not hold up a gateway that stops."""

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Control:
    """Of one gateway."""

    birth: Birth
    gateway: str
    keeper: Keeper
    clock: Clock
    lanes: Mapping[Lane, LaneUplink]
    condition: Condition
    heads: HeadFile
    orders: Orders
    quarantined: int = 0
    unreadable: int = 0
    """Messages from the controller that could not be read."""
    is_online: bool = False
    """Whether a controller is there that gives receipts."""
    has_room: asyncio.Event = field(default_factory=asyncio.Event)
    """Others may connect: on a narrow link that waits until the controller knows who sends the alerts."""
    _session: bytes | None = None
    _told: Birth | None = None
    _news: asyncio.Event = field(default_factory=asyncio.Event)
    """A receipt came, or the controller went."""

    async def run(self, connection: Connection) -> None:
        """Until it breaks. Raises Unreachable, in a group."""
        if not connection.is_slow:
            self.has_room.set()
        wanted = topics.down(self.gateway, "#"), topics.CONTROLLER_STATE
        try:
            await connection.subscribe(*wanted, optional=topics.AUDIT_HEAD)
            async with asyncio.TaskGroup() as group:
                group.create_task(self._tell_state(connection))
                async for topic, payload in connection.messages():
                    await self._heard(connection, topic, payload)
        finally:
            self.has_room.clear()
            self._controller_is(False)
            await self._say_goodbye(connection)

    async def drained(self) -> None:
        """Wait until every block has its receipt, or nobody is there to give one."""
        while self.is_online and any(lane.sender.pending() for lane in self.lanes.values()):
            self._news.clear()
            await self._news.wait()

    async def receipted(self, lane: Lane) -> None:
        """Wait until every block of `lane` has its receipt, whether or not anybody is there yet."""
        while self.lanes[lane].sender.pending():
            self._news.clear()
            await self._news.wait()

    # up

    async def _tell_state(self, connection: Connection) -> None:
        await asyncio.sleep(STATE_EVERY_S)  # who is there has been told by then, and nobody else is there
        self.has_room.set()
        while True:
            if self._told is not self.birth:  # other devices are served than before
                await self._tell_birth(connection)
            await asyncio.sleep(self.condition.pause_s(await self._publish_state(connection)))

    async def _publish_state(self, connection: Connection) -> int:
        """Returns its bytes."""
        state, alerts = await self.condition.now(), self.lanes[Lane.ALERT]
        await alerts.beside(len(state), connection.publish(self._topic("state"), state, retain=True))
        return len(state)

    async def _tell_birth(self, connection: Connection) -> None:
        self._told = self.birth
        await connection.publish(self._topic("birth"), pack_message(self.birth))

    async def _say_goodbye(self, connection: Connection) -> None:
        """The broker sends no will when a connection is closed as it should be."""
        try:
            async with asyncio.timeout(_GOODBYE_S):
                await connection.publish(self._topic("state"), self.condition.last(), retain=True)
        except (Unreachable, TimeoutError) as error:
            log.debug("not said goodbye: %s", error)

    def _topic(self, what: str) -> str:
        return topics.up(self.gateway, what)

    # down

    async def _heard(self, connection: Connection, topic: str, payload: bytes) -> None:
        """Whatever cannot be read is counted, and changes nothing."""
        try:
            if topic == topics.CONTROLLER_STATE:
                await self._controller_state(connection, payload)
            elif topic == topics.down(self.gateway, "receipt"):
                await self._receipt(payload)
            elif topic == topics.down(self.gateway, "command"):
                await self.orders.command(payload, lambda: self._tell_birth(connection))
            elif topic == topics.down(self.gateway, "config"):
                await self.orders.configure(payload)
            elif topic == topics.AUDIT_HEAD:
                await self._audit_head(payload)
        except WireError as error:
            self.unreadable += 1
            log.warning("%s cannot be read: %s", topic, error)

    async def _controller_state(self, connection: Connection, payload: bytes) -> None:
        state = read_controller_state(payload)
        if state.online and (not self.is_online or state.session != self._session):
            await self._tell_birth(connection)
            # Before any block, so that blocks of an earlier boot are not taken for new ones.
            await self._publish_state(connection)
            self._session = state.session
            self._controller_is(True)
        elif not state.online:
            self._controller_is(False)
        self.has_room.set()

    def _controller_is(self, online: bool) -> None:
        self.is_online = online
        for lane in self.lanes.values():
            lane.controller_is(online)
        self._news.set()

    async def _receipt(self, payload: bytes) -> None:
        receipt = read_receipt(payload)
        lane = self.lanes[receipt.lane]
        lane.receipted(receipt.journal, receipt.committed)
        refused = lane.receipted(receipt.journal, receipt.quarantined)
        self.quarantined += sum(last - first + 1 for first, last in refused)
        self._news.set()
        await self.keeper.forget(receipt.lane, receipt.journal, receipt.committed + receipt.quarantined)

    async def _audit_head(self, payload: bytes) -> None:
        line = read_audit_head(payload).line
        try:
            await asyncio.to_thread(self.heads.take, line, self.clock.now())
        except OSError as error:
            log.warning("%s: a head of the audit trail was not kept: %s", self.heads.folder, error)
