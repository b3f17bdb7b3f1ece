"""One lane of the uplink: sends accepted blocks over its own connection until they have a receipt."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from devices.errors import WireError
from devices.model.observation import Instant
from devices.wire import topics
from devices.wire.block import BlockClock, Lane, open_block
from devices.wire.flights import BlockRef
from devices.wire.messages import LaneNow
from devices.wire.pace import Pace
from devices.wire.ranges import Range
from devices.wire.records import Gap
from devices.wire.share import Share
from devices.wire.stream import Sender
from gateway.clock import Clock
from gateway.journal.journal import Block
from gateway.journal.keeper import Keeper
from gateway.mqtt import Connection
from gateway.uplink_status import Later

_FRESH = 128
"""New blocks that are kept in memory until they are sent."""
_MADE = 512
"""Blocks of which it is known when they were made."""
_WINDOW = 240
"""Blocks of a lane that may be under way: 10 Mbit/s over half a second. The pace allows no more than the path
carries, and the connection takes `gateway.mqtt.IN_FLIGHT`."""


@dataclass(slots=True)
class LaneUplink:
    """`sender` decides what goes when; this fetches and publishes it."""

    lane: Lane
    gateway: str
    keeper: Keeper
    clock: Clock
    sender: Sender = field(init=False)
    sent: int = 0
    """Blocks published, again or not."""
    _connected: bool = False
    _controller: bool = False
    _wake: asyncio.Event = field(default_factory=asyncio.Event)
    _fresh: OrderedDict[BlockRef, bytes] = field(default_factory=OrderedDict[BlockRef, bytes])
    _oldest: tuple[BlockRef, BlockClock] | None = None
    _share: Share = field(default_factory=Share)
    """Of the path that it goes, with the other lanes on it."""
    _later: Later = field(default_factory=Later)
    _made: OrderedDict[int, Instant] = field(default_factory=OrderedDict[int, Instant])
    """When the newest blocks of this start were made."""
    _newest: Instant | None = None

    def __post_init__(self) -> None:
        # Alerts are few and go at once, whatever the others have under way.
        paced = {} if self.lane == Lane.ALERT else {"window": _WINDOW, "pace": Pace()}
        self.sender = Sender(lane=self.lane, **paced)

    def accepted(self, journal: bytes, block: Block, *, second: bool = False) -> None:
        """A new block is on disk; one of `second` choice goes after other new ones."""
        ref = BlockRef(journal, block.number)
        self.sender.accepted(journal, block.number, second=second)
        self._made[block.number] = self.clock.now()
        if len(self._made) > _MADE:
            self._made.popitem(last=False)
        if self._connected and self._controller:
            self._fresh[ref] = block.data
            if len(self._fresh) > _FRESH:
                self._fresh.popitem(last=False)
        self._wake.set()

    def recovered(self, journal: bytes, ranges: Iterable[Range]) -> None:
        """Blocks found on disk at the start, oldest journal first."""
        self.sender.recovered(journal, ranges)

    def receipted(self, journal: bytes, ranges: Iterable[Range]) -> list[Range]:
        """The controller has these for good. Returns those that were pending."""
        done = self.sender.receipted(journal, ranges, self.clock.now())
        if journal == self.keeper.journal.id:
            made = [self._made[last] for _, last in done if last in self._made]
            self._newest = max([*made, self._newest or Instant(0)]) or None
        self._wake.set()
        return done

    def wake(self) -> None:
        """There may be room on the path."""
        self._wake.set()

    @property
    def is_connected(self) -> bool:
        """Whether there is a connection."""
        return self._connected

    @property
    def rate(self) -> float | None:
        """Bytes a second of the path, all lanes together; None: it is wide."""
        return self._share.rate if self._share.is_narrow else None

    async def beside(self, size: int, publishing: Awaitable[None]) -> None:
        """A message that is no block goes over the same path. Raises what `publishing` raises."""
        share, sent = self._share, self.clock.now()
        share.beside(size)
        company = share.left
        try:
            await publishing
        finally:
            share.beside(-size)
        now = self.clock.now()
        share.measured(now, now - sent, size, company)

    def now(self) -> LaneNow:
        """What of it is live, and what follows; asked once a second."""
        now, later = self.clock.now(), self.sender.later()
        self._later.now(later, now)
        newest_us = None if self._newest is None else (now - self._newest) // 1000
        return LaneNow(newest_us, later, self._later.seconds)

    def lost(self, gap: Gap) -> None:
        """Given up, and written down as `gap`."""
        for first, last in gap.ranges:
            self.sender.shed(gap.journal, first, last)

    def controller_is(self, online: bool) -> None:
        """Whether anybody listens. A repeated True means a new listener: what was under way goes again."""
        self.sender.offline()
        self._controller = online
        self._update()

    def _update(self) -> None:
        if self._connected and self._controller:
            self.sender.online()
        else:
            self.sender.offline()
            self._fresh.clear()
        self._wake.set()

    async def pump(self, connection: Connection, share: Share) -> None:
        """Send over `connection` until it breaks, `share` with others. Raises Unreachable, in a group."""
        self._connected = True
        self.sender.share = self._share = share
        share.join(self.lane, self.sender, is_slow=connection.is_slow)
        self._update()
        topic = topics.up(self.gateway, topics.LANES[self.lane])
        try:
            async with asyncio.TaskGroup() as publishing:
                while True:
                    blocks = await self._load(self.sender.to_send(self.clock.now()))
                    self.sender.departed({ref: len(data) for ref, data in blocks.items()}, self.clock.now())
                    for ref, data in blocks.items():
                        publishing.create_task(self._publish(connection, topic, ref, data))
                        self.sent += 1
                    await self._wait()
        finally:
            self._connected = False
            share.leave(self.lane)
            self._update()

    async def _publish(self, connection: Connection, topic: str, ref: BlockRef, data: bytes) -> None:
        sent, company = self.clock.now(), self._share.left
        await connection.publish(topic, data)
        now = self.clock.now()
        self.sender.delivered(ref, sent, now)
        self._share.measured(now, now - sent, len(data), company)
        if self.keeper.tracer is not None:
            self.keeper.tracer.published(self.lane, ref, sent, now)
        self._wake.set()

    async def _wait(self) -> None:
        """Until a block or a receipt comes, or one has to be sent again."""
        due = self.sender.next_timer()
        seconds = None if due is None else max(0, due - self.clock.now()) / 1e9
        try:
            async with asyncio.timeout(seconds):
                await self._wake.wait()
        except TimeoutError:
            return
        self._wake.clear()

    async def _load(self, refs: Sequence[BlockRef]) -> dict[BlockRef, bytes]:
        """The blocks, in this order: new ones from memory, the others from the journal."""
        fresh = {ref: data for ref in refs if (data := self._fresh.pop(ref, None)) is not None}
        stored = [ref for ref in refs if ref not in fresh]
        for journal, some in groupby(stored, key=lambda ref: ref.journal):
            fresh |= await self._read(journal, [ref.number for ref in some])
        return {ref: fresh[ref] for ref in refs if ref in fresh}

    async def _read(self, journal: bytes, numbers: Sequence[int]) -> dict[BlockRef, bytes]:
        found, gaps = await self.keeper.read(self.lane, journal, numbers)
        for gap in gaps:
            self.lost(gap)
        return {BlockRef(journal, number): data for number, data in found.items()}

    async def oldest_age_us(self, now: BlockClock) -> int | None:
        """The age of the oldest block without a receipt; None: there is none, or nobody knows."""
        ref = self.sender.oldest()
        if ref is None:
            return None
        if self._oldest is None or self._oldest[0] != ref:
            block = (await self._read(ref.journal, [ref.number])).get(ref)
            self._oldest = None if block is None else _sealed(ref, block)
        return None if self._oldest is None else _age_us(self._oldest[1], now)


def _sealed(ref: BlockRef, block: bytes) -> tuple[BlockRef, BlockClock] | None:
    try:
        return ref, open_block(block)[0].clock
    except WireError:
        return None


def _age_us(then: BlockClock, now: BlockClock) -> int | None:
    if then.boot == now.boot:
        return max(0, now.mono_us - then.mono_us)
    if then.utc_us is None or now.utc_us is None:
        return None
    return max(0, now.utc_us - then.utc_us)
