"""The uplink: every accepted block to the controller, for ever, until it has a receipt.

Each lane has its own connection (`lane`); that of the alerts also carries the gateway's birth and
state up, and receipts, commands and the controller's state down. Nothing is sent while no controller
says that it is there.
"""

import asyncio
import logging
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random

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
from gateway.choice import WaveChoice
from gateway.clock import Clock
from gateway.condition import Condition
from gateway.discovery import Locator
from gateway.enrolment.identity import IdentityFolder
from gateway.errors import Refused, Unreachable
from gateway.heads import HeadFile
from gateway.journal.journal import Committed
from gateway.journal.keeper import Keeper
from gateway.lane import LaneUplink
from gateway.links.backoff import Backoff
from gateway.mqtt import Connection, Will, connected
from gateway.orders.orders import Orders
from gateway.shares import Shares

_GOODBYE_S = 2.0
"""A broker that is gone, too, does not hold up a gateway that stops."""
_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.2, 5.0

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Uplink:
    """All lanes of one gateway. `counts` gives the numbers of its health."""

    birth: Birth
    gateway: str
    keeper: Keeper
    clock: Clock
    locator: Locator
    identity: IdentityFolder
    counts: Callable[[], Mapping[str, int]]
    random: Random
    refused: Callable[[], None]
    """Called when the broker does not take the certificate."""
    heads: HeadFile
    orders: Orders
    choice: WaveChoice = field(default_factory=WaveChoice)
    lanes: dict[Lane, LaneUplink] = field(init=False)
    condition: Condition = field(init=False)
    shares: Shares = field(init=False)
    quarantined: int = 0
    unreadable: int = 0
    """Messages from the controller that could not be read."""
    connections: int = 0
    _ending: bool = False
    _session: bytes | None = None
    _controller: bool = False
    _news: asyncio.Event = field(default_factory=asyncio.Event)
    """A receipt came, or the controller went."""
    _remarked: asyncio.Event = field(default_factory=asyncio.Event)
    """Set for the connections that were made before the lanes were marked anew."""

    def __post_init__(self) -> None:
        self.lanes = {lane: LaneUplink(lane, self.gateway, self.keeper, self.clock) for lane in Lane}
        for lane, uplink in self.lanes.items():
            for journal, ranges in self.keeper.journal.backlog(lane):
                uplink.recovered(journal, ranges)
        parts = self.keeper, self.clock, self.lanes, self.choice
        self.condition = Condition(*parts, self._all_counts)
        self.shares = Shares(self.lanes, self.choice)

    def committed(self, done: Committed) -> None:
        """The journal took blocks, and gave some up."""
        for block in done.blocks:
            second = self.choice.holds_second(block.waves)
            self.lanes[block.lane].accepted(self.birth.journal, block, second=second)
        for gap in done.gaps:
            self.lanes[Lane(gap.lane)].lost(gap)

    def end(self) -> None:
        """Connect no more; `run` is cancelled next.

        A connection that breaks in the moment of the cancellation takes its place in Python's TaskGroup: the
        lane would connect again, and nobody would end it.
        """
        self._ending = True

    async def run(self) -> None:
        """Until cancelled."""
        async with asyncio.TaskGroup() as group:
            for lane in Lane:
                group.create_task(self._keep_connected(lane))

    def remark(self) -> None:
        """The lanes are marked otherwise now: every connection begins again."""
        old, self._remarked = self._remarked, asyncio.Event()
        old.set()

    async def drained(self) -> None:
        """Wait until every block has its receipt, or nobody is there to give one."""
        while self._controller and any(lane.sender.pending() for lane in self.lanes.values()):
            self._news.clear()
            await self._news.wait()

    async def receipted(self, lane: Lane) -> None:
        """Wait until every block of `lane` has its receipt, whether or not anybody is there yet."""
        while self.lanes[lane].sender.pending():
            self._news.clear()
            await self._news.wait()

    @property
    def is_online(self) -> bool:
        """Whether a controller is there that gives receipts."""
        return self._controller

    async def _keep_connected(self, lane: Lane) -> None:
        backoff, said = Backoff(_FIRST_WAIT_S, _LONGEST_WAIT_S), ""
        while not self._ending:
            began, remarked = self.clock.now(), self._remarked
            try:
                await self._connect(lane, backoff)
            except* (Unreachable, Refused) as errors:
                if not remarked.is_set():  # else it was ended from here, and its address is as good as ever
                    self.locator.failed(lane)
                if errors.split(Refused)[0] is not None:
                    self.refused()
                if said != (said := _first(errors)):
                    log.warning("%s: %s", topics.LANES[lane], said)
            # What got no answer has waited already and burdens nobody: the network may be back.
            took_s = (self.clock.now() - began) / 1e9
            wait_s = max(_FIRST_WAIT_S, backoff.failed() - took_s)
            await asyncio.sleep(wait_s * self.random.uniform(0.5, 1))

    async def _connect(self, lane: Lane, backoff: Backoff) -> None:
        url = await self.locator.locate(lane)
        client_id = f"{self.gateway}-{self.random.getrandbits(64):016x}"
        will = Will(self._topic("state"), self.condition.last()) if lane == Lane.ALERT else None
        config = self.locator.config
        how, remarked = {"dscp": config.lanes.of(lane).dscp, "mptcp": config.mptcp}, self._remarked
        async with connected(url, await self._tls(), client_id=client_id, will=will, **how) as connection:
            log.info("%s: connected to %s", topics.LANES[lane], url)
            backoff.reset()
            self.connections += 1
            async with asyncio.TaskGroup() as group:
                group.create_task(connection.watch())
                group.create_task(_until(remarked))
                group.create_task(self.lanes[lane].pump(connection, self.shares.of(url)))
                if lane == Lane.ALERT:
                    group.create_task(self._control(connection))

    async def _tls(self) -> ssl.SSLContext:
        """Made for each connection: the certificate may be a newer one, the clock set by now."""
        is_set = self.clock.block_clock().utc_us is not None
        return await asyncio.to_thread(lambda: self.identity.context(check_time=is_set))

    def _topic(self, what: str) -> str:
        return topics.up(self.gateway, what)

    # the alert lane's connection

    async def _control(self, connection: Connection) -> None:
        await connection.subscribe(topics.down(self.gateway, "#"))
        await connection.subscribe(topics.CONTROLLER_STATE)
        await self._ask_for_heads(connection)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._tell_state(connection))
                async for topic, payload in connection.messages():
                    await self._told(connection, topic, payload)
        finally:
            self._controller_is(False)
            await self._say_goodbye(connection)

    async def _ask_for_heads(self, connection: Connection) -> None:
        """The broker of an older controller refuses it: that keeps no reading back."""
        try:
            await connection.subscribe(topics.AUDIT_HEAD)
        except Unreachable as error:
            log.warning("heads of the audit trail are not kept: %s", error)

    async def _tell_state(self, connection: Connection) -> None:
        told: Birth | None = None
        while True:
            if told is not self.birth:  # other devices are served than before
                told = self.birth
                await self._tell_birth(connection)
            await asyncio.sleep(self.condition.pause_s(await self._publish_state(connection)))

    async def _publish_state(self, connection: Connection) -> int:
        """Returns its bytes."""
        state, alerts = await self.condition.now(), self.lanes[Lane.ALERT]
        await alerts.beside(len(state), connection.publish(self._topic("state"), state, retain=True))
        return len(state)

    async def _tell_birth(self, connection: Connection) -> None:
        await connection.publish(self._topic("birth"), pack_message(self.birth))

    async def _say_goodbye(self, connection: Connection) -> None:
        """The broker sends no will when a connection is closed as it should be."""
        try:
            async with asyncio.timeout(_GOODBYE_S):
                await connection.publish(self._topic("state"), self.condition.last(), retain=True)
        except (Unreachable, TimeoutError) as error:
            log.debug("not said goodbye: %s", error)

    async def _told(self, connection: Connection, topic: str, payload: bytes) -> None:
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
        if state.online and (not self._controller or state.session != self._session):
            await self._tell_birth(connection)
            # Before any block, so that blocks of an earlier boot are not taken for new ones.
            await self._publish_state(connection)
            self._session = state.session
            self._controller_is(True)
        elif not state.online:
            self._controller_is(False)

    def _controller_is(self, online: bool) -> None:
        self._controller = online
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

    def _all_counts(self) -> dict[str, int]:
        own = {
            "blocks-quarantined": self.quarantined,
            "connections": self.connections,
            "messages-unreadable": self.unreadable,
        }
        return {**own, **self.orders.counts(), **self.counts()}


async def _until(remarked: asyncio.Event) -> None:
    """Raises Unreachable."""
    await remarked.wait()
    raise Unreachable("the lanes are marked otherwise from now on")


def _first(errors: BaseExceptionGroup[BaseException]) -> str:
    error = errors.exceptions[0]
    return _first(error) if isinstance(error, BaseExceptionGroup) else str(error)
