"""The uplink: every accepted block to the controller, for ever, until it has a receipt.

Each lane has its own connection (`lane`); that of the alerts also carries what `control` says and hears. It
is the first one that is made: before a controller says there that it is there, the others send nothing.
"""

import asyncio
import logging
import ssl
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from random import Random

from devices.wire import topics
from devices.wire.block import Lane
from devices.wire.messages import Birth
from gateway.choice import WaveChoice
from gateway.clock import Clock
from gateway.company import Company, Hearing
from gateway.condition import Condition
from gateway.control import Control
from gateway.discovery import Locator
from gateway.enrolment.identity import IdentityFolder
from gateway.errors import Refused, Unreachable
from gateway.heads import HeadFile
from gateway.journal.journal import Committed
from gateway.journal.keeper import Keeper
from gateway.lane import LaneUplink
from gateway.links.backoff import Backoff
from gateway.mqtt import Connection, Will, connected, proves_itself
from gateway.orders.orders import Orders
from gateway.shares import Shares
from gateway.turns import Turns

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
    control: Control = field(init=False)
    shares: Shares = field(init=False)
    connections: int = 0
    _turns: Turns = field(default_factory=Turns)
    _ending: bool = False
    _remarked: asyncio.Event = field(default_factory=asyncio.Event)
    """Set for the connections that were made before the lanes were marked anew."""

    def __post_init__(self) -> None:
        self.lanes = {lane: LaneUplink(lane, self.gateway, self.keeper, self.clock) for lane in Lane}
        for lane, uplink in self.lanes.items():
            for journal, ranges in self.keeper.journal.backlog(lane):
                uplink.recovered(journal, ranges)
        parts = self.keeper, self.clock, self.lanes
        self.condition = Condition(*parts, self.choice, self._all_counts)
        self.control = Control(self.birth, self.gateway, *parts, self.condition, self.heads, self.orders)
        self.shares = Shares(self.lanes, self.choice)

    def reborn(self, birth: Birth) -> None:
        """Other devices are served from now on."""
        self.birth = self.control.birth = birth

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

    async def _keep_connected(self, lane: Lane) -> None:
        backoff, said = Backoff(_FIRST_WAIT_S, _LONGEST_WAIT_S), ""
        while not self._ending:
            if lane != Lane.ALERT:
                await self.control.has_room.wait()
            began, remarked = self.clock.now(), self._remarked
            try:
                await self._connect(lane, backoff)
            except* (Unreachable, Refused) as errors:
                if not remarked.is_set():  # else it was ended from here, and its address is as good as ever
                    self.locator.failed(lane)
                rotation = self.locator.rotation(lane)
                # One of several may not have been told yet who is let in.
                if errors.split(Refused)[0] is not None and (rotation is None or rotation.all_failed):
                    self.refused()
                if said != (said := _first(errors)):
                    log.warning("%s: %s", topics.LANES[lane], said)
            # What got no answer has waited already and burdens nobody: the network may be back.
            took_s = (self.clock.now() - began) / 1e9
            wait_s = max(_FIRST_WAIT_S, backoff.failed() - took_s)
            await asyncio.sleep(wait_s * self.random.uniform(0.5, 1))

    async def _connect(self, lane: Lane, backoff: Backoff) -> None:
        url, remarked = await self.locator.locate(lane), self._remarked
        path = self.locator.path(lane, url)
        async with AsyncExitStack() as stack:
            async with self._turns.turn(path, lane):
                connection = await self._opened(lane, url, stack)
            backoff.reset()
            if lane == Lane.ALERT:  # which had the path for itself
                self._turns.one_by_one = connection.is_slow
            async with asyncio.TaskGroup() as group:
                group.create_task(connection.watch())
                group.create_task(_until(remarked))
                if lane == Lane.ALERT:
                    group.create_task(self.control.run(connection))
                group.create_task(self._carry(lane, connection, path, group))

    async def _carry(self, lane: Lane, connection: Connection, path: str, group: asyncio.TaskGroup) -> None:
        """Blocks; of several brokers while the controller is at this one. Raises Unreachable, in a group."""
        rotation, is_online = self.locator.rotation(lane), lambda: self.control.is_online
        if rotation is not None and len(rotation.urls) > 1:
            hearing = Hearing()
            here = is_online if lane == Lane.ALERT else lambda: hearing.is_online
            anywhere = (lambda: True) if lane == Lane.ALERT else is_online
            company = Company(rotation, here, anywhere, self.clock.now)
            group.create_task(company.keep(self._serves))
            if lane != Lane.ALERT:
                group.create_task(hearing.listen(connection))
                await hearing.heard.wait()
        elif rotation is not None:
            rotation.worked()
        await self.lanes[lane].pump(connection, self.shares.of(path))

    async def _serves(self, url: str) -> bool:
        """Whether a broker of this gateway's controller answers there."""
        return await proves_itself(url, await self._tls())

    async def _opened(self, lane: Lane, url: str, stack: AsyncExitStack) -> Connection:
        """A connection, which `stack` closes. Raises Unreachable or Refused."""
        client_id = f"{self.gateway}-{self.random.getrandbits(64):016x}"
        state = topics.up(self.gateway, "state")
        will = Will(state, self.condition.last()) if lane == Lane.ALERT else None
        config = self.locator.config
        how = {"dscp": config.lanes.of(lane).dscp, "mptcp": config.mptcp}
        opening = connected(url, await self._tls(), client_id=client_id, will=will, **how)
        connection = await stack.enter_async_context(opening)
        log.info("%s: connected to %s", topics.LANES[lane], url)
        self.connections += 1
        return connection

    async def _tls(self) -> ssl.SSLContext:
        """Made for each connection: the certificate may be a newer one, the clock set by now."""
        is_set = self.clock.block_clock().utc_us is not None
        return await asyncio.to_thread(lambda: self.identity.context(check_time=is_set))

    def _all_counts(self) -> dict[str, int]:
        own = {
            "blocks-quarantined": self.control.quarantined,
            "connections": self.connections,
            "messages-unreadable": self.control.unreadable,
        }
        return {**own, **self.orders.counts(), **self.counts()}


async def _until(remarked: asyncio.Event) -> None:
    """Raises Unreachable."""
    await remarked.wait()
    raise Unreachable("the lanes are marked otherwise from now on")


def _first(errors: BaseExceptionGroup[BaseException]) -> str:
    error = errors.exceptions[0]
    return _first(error) if isinstance(error, BaseExceptionGroup) else str(error)
