"""The journal's thread: what waits for the disk waits here, never in the event loop.

keeper = Keeper(journal, gather, clock, committed)
await keeper.run()        until cancelled; then whatever still waits is committed
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from devices.model.histogram import Histogram
from devices.model.observation import Instant, later
from devices.wire.block import Lane
from devices.wire.ranges import Range
from devices.wire.records import Gap
from gateway.clock import Clock
from gateway.errors import NotKept
from gateway.gather import Batch, Gather
from gateway.journal.journal import Block, Committed, Journal
from gateway.journal.room import Room, room

if TYPE_CHECKING:
    from gateway.tracing.tracer import Tracer

RETRY_S = 1.0
"""After how many seconds the disk is asked again to take what it did not."""

_R = TypeVar("_R")

log = logging.getLogger(__name__)


def _one_thread() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, "journal")


@dataclass(slots=True)
class Keeper:
    """Takes from `gather` what is due, commits it as a group, and tells `committed` what became of it."""

    journal: Journal
    gather: Gather
    clock: Clock
    committed: Callable[[Committed], None]
    errors: int = 0
    """What the disk refused."""
    took: Histogram = field(default_factory=Histogram)
    """Seconds that commits took, until they were on disk."""
    tracer: "Tracer | None" = None
    """Told what is traced, if anything is."""
    shed: Counter[tuple[int, str]] = field(default_factory=Counter[tuple[int, str]])
    """Blocks given up, by lane and reason."""
    _thread: ThreadPoolExecutor = field(default_factory=_one_thread)
    _wake: asyncio.Event = field(default_factory=asyncio.Event)
    _until: Instant | None = None
    """What `run` waits for; None: for anything."""
    _retry: Instant | None = None
    _waiting: list[asyncio.Future[None]] = field(default_factory=list[asyncio.Future[None]])
    """Who wants to know when what waits now is on disk."""

    async def kept(self) -> None:
        """Commit at once, and wait until all that was put in before is on disk. Raises NotKept."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(done)
        self._wake.set()
        await done

    def put_in(self) -> None:
        """Something was put into `gather`."""
        due = self._due()
        if due is not None and (self._until is None or due < self._until):
            self._wake.set()

    async def run(self) -> None:
        """Commit until cancelled, then commit the rest."""
        try:
            while True:
                await self._wait()
                waiting, self._waiting = self._waiting, []
                take = self.gather.take_all if waiting else self.gather.take
                await _to_its_end(self._commit(take(self.clock.now()), waiting))
        finally:
            await self._commit(self.gather.take_all(self.clock.now()), self._waiting)

    async def close(self) -> None:
        """After `run`: let another process have the journal."""
        await self._call(self.journal.close)
        self._thread.shutdown()

    async def read(
        self, lane: Lane, journal: bytes, numbers: Sequence[int]
    ) -> tuple[dict[int, bytes], list[Gap]]:
        """See `Journal.read`."""
        found, gaps = await self._call(self.journal.read, lane, journal, numbers, self.clock.now())
        if gaps:
            self._count(gaps)
            self._retry = self.clock.now()
            self._wake.set()
        return found, gaps

    async def forget(self, lane: Lane, journal: bytes, ranges: Sequence[Range]) -> None:
        """These have a receipt."""
        try:
            await self._call(self.journal.forget, lane, journal, ranges)
        except OSError as error:
            self._failed(error)

    async def turn_over(self) -> None:
        """See `JournalFiles.turn_over`. Raises OSError."""
        await self._call(self.journal.files.turn_over)

    async def answers(self) -> None:
        """Comes back when its thread does: not while the disk hangs."""
        await self._call(lambda: None)

    async def room(self) -> Room:
        """How full it is. Raises OSError."""
        return await self._call(room, self.journal)

    async def _wait(self) -> None:
        """Until something is due."""
        while (due := self._due()) is None or due > self.clock.now():
            self._until = due
            self._wake.clear()
            seconds = None if due is None else (due - self.clock.now()) / 1e9
            try:
                async with asyncio.timeout(seconds):
                    await self._wake.wait()
            except TimeoutError:
                continue

    def _due(self) -> Instant | None:
        if self._waiting:
            return Instant(0)
        return min((due for due in (self.gather.due(), self._retry) if due is not None), default=None)

    async def _commit(self, batches: Sequence[Batch], waiting: Sequence[asyncio.Future[None]]) -> None:
        began = self.clock.now()
        try:
            done = await self._call(self.journal.commit, batches, self.clock.block_clock())
            self.took.observe((self.clock.now() - began) / 1e9)
            _answer(waiting, self.journal.id, batches, done)
        finally:
            for future in waiting:
                if not future.done():
                    future.set_exception(NotKept("the journal failed: see the gateway's log"))
        if done.error:
            self._failed(done.error)
        self._retry = later(self.clock.now(), RETRY_S) if self.journal.owes else None
        self._count(done.gaps)
        if self.tracer is not None:
            self.tracer.committed(self.journal.id, done.blocks, self.clock.now())
        self.committed(done)

    async def _call(self, function: Callable[..., _R], *arguments: Any) -> _R:
        return await asyncio.get_running_loop().run_in_executor(self._thread, function, *arguments)

    def _count(self, gaps: Sequence[Gap]) -> None:
        for one in gaps:
            self.shed[one.lane, one.why] += sum(last - first + 1 for first, last in one.ranges)

    def _failed(self, error: OSError) -> None:
        self.errors += 1
        log.error("the journal's disk: %s", error)


async def _to_its_end(work: Coroutine[Any, Any, None]) -> None:
    """Do all of `work`, even if this is cancelled meanwhile: what it has taken is nowhere else."""
    task = asyncio.ensure_future(work)
    try:
        await asyncio.shield(task)
    finally:
        await task


def _answer(
    waiting: Sequence[asyncio.Future[None]], journal: bytes, batches: Sequence[Batch], done: Committed
) -> None:
    """Tell those who wait. Of the lanes that may be given up, every block must be on disk for good."""
    wanted = sum(lane != Lane.ALERT for lane, _ in batches)
    kept = [
        block for block in done.blocks if block.lane != Lane.ALERT and not _given_up(journal, block, done)
    ]
    for future in waiting:
        if future.done():
            continue
        if len(kept) < wanted:
            future.set_exception(NotKept(f"the journal refused a block: {done.error or 'its quota is used'}"))
        else:
            future.set_result(None)


def _given_up(journal: bytes, block: Block, done: Committed) -> bool:
    """Whether `block` was shed in the same commit that took it."""
    return any(
        first <= block.number <= last
        for gap in done.gaps
        if gap.journal == journal and gap.lane == block.lane
        for first, last in gap.ranges
    )
