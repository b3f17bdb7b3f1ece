"""The journal: a block counts as accepted once it is here, and stays until it has a receipt.

journal = Journal.open(folder, id, quota_bytes, clock)
journal.backlog(lane)                       what is to be sent already, oldest first
done = journal.commit(batches, clock)       done.blocks are on disk; done.gaps were given up
journal.read(lane, id, numbers)             blocks to send again
journal.forget(lane, id, ranges)            receipted

Everything here waits for the disk and is not thread-safe: call it from one thread of its own.
"""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from errno import EDQUOT, ENOSPC
from pathlib import Path

from devices.model.identity import DeviceId
from devices.model.observation import Instant, Waveform
from devices.wire.block import BlockClock, Lane, seal
from devices.wire.ranges import Range
from devices.wire.records import Gap, Group, Opened
from gateway.errors import JournalError
from gateway.journal.files import JournalFiles, gap
from gateway.journal.gaps import Gaps
from gateway.journal.lock import take_lock
from gateway.journal.reader import Reader
from gateway.journal.recovery import Recovered, recover
from gateway.journal.reserve import Reserve
from gateway.journal.segment import DONE, Segment

Batch = tuple[Lane, Sequence[Group]]
"""The records of one block to be."""

_SHED_ORDER = (Lane.WAVE, Lane.BULK, Lane.VITAL)
_SEGMENT_BYTES = 4_000_000
_RESERVE_BYTES = 1_000_000
_FULL = (ENOSPC, EDQUOT)


@dataclass(frozen=True, slots=True)
class Block:
    """A sealed block of this start's journal."""

    lane: Lane
    number: int
    data: bytes
    waves: frozenset[tuple[DeviceId | None, str]] = frozenset()
    """Device and metric of each waveform in it."""


@dataclass(slots=True)
class Committed:
    """What one commit did: `blocks` are accepted, `gaps` are given up for good."""

    blocks: list[Block] = field(default_factory=list[Block])
    gaps: list[Gap] = field(default_factory=list[Gap])
    error: OSError | None = None
    """The last thing that the disk refused."""


@dataclass(slots=True)
class Journal:
    """All journals in `folder`: the one of this start, and earlier ones until they are receipted."""

    folder: Path
    files: JournalFiles
    quota: int
    earlier: list[Recovered]
    _lock: int
    _reserve: Reserve
    _next: list[int] = field(default_factory=lambda: [0] * len(Lane))
    _owed: list[Block] = field(default_factory=list[Block])
    """Sealed alert blocks that the disk has not taken yet."""
    _gaps: Gaps = field(default_factory=Gaps)
    _reader: Reader = field(default_factory=Reader)
    _opened_is_known: bool = False
    """Whether the controller has been told where the earlier journals ended."""

    @classmethod
    def open(cls, folder: Path, journal: bytes, quota: int, clock: BlockClock) -> "Journal":
        """Begin `journal` (8 random bytes), with `quota` bytes on disk for all. Raises JournalError."""
        try:
            folder.mkdir(parents=True, exist_ok=True)
            lock = take_lock(folder)
            reserve = Reserve(folder / "reserve", min(_RESERVE_BYTES, quota // 8))
            reserve.give_up()
            earlier = [recover(path, clock.instant) for path in JournalFiles.folders_in(folder)]
            opened = cls(folder, JournalFiles.named(folder, journal), quota, earlier, lock, reserve)
            opened._create(clock.instant)
        except OSError as error:
            raise JournalError(
                f"{folder}: the journal cannot be opened ({error.strerror}): check rights and space there"
            ) from error
        opened._begin(clock)
        return opened

    def _create(self, now: Instant) -> None:
        """Make this start's folder; on a full disk, after shedding what is in the way. Raises OSError."""
        try:
            self.files.create()
        except OSError as error:
            if error.errno not in _FULL or not self._shed_one("disk-full", now, Committed()):
                raise
            self._create(now)

    def _begin(self, clock: BlockClock) -> None:
        ended = {found.files.id: found.files.ends() for found in self.earlier}
        gaps = [record for found in self.earlier for record in found.gaps]
        self.commit([(Lane.ALERT, [Group(None, None, [Opened(clock.instant, ended), *gaps])])], clock)

    def close(self) -> None:
        """Let another process have the folder. Raises OSError."""
        for segment in self.files.segments():
            segment.close()
        os.close(self._lock)

    @property
    def id(self) -> bytes:
        """This start's journal."""
        return self.files.id

    @property
    def produced(self) -> tuple[int, ...]:
        """The next number of each lane of this start's journal. A number that a crash may still take back
        is not in it: the controller would miss its block for ever."""
        return self.files.ends()

    @property
    def owes(self) -> bool:
        """Whether something waits for the disk: commit again, if only with nothing."""
        return bool(self._owed or self._gaps)

    def size(self) -> int:
        """Bytes on disk."""
        return sum(segment.size for files in self._all() for segment in files.segments())

    def backlog(self, lane: Lane) -> list[tuple[bytes, list[Range]]]:
        """(journal, numbers) of all blocks that have no receipt, oldest journal first."""
        return [(files.id, pending) for files in self._all() if (pending := files.pending(lane))]

    def _all(self) -> Iterator[JournalFiles]:
        """Oldest first: earlier journals, then this one."""
        yield from (found.files for found in self.earlier)
        yield self.files

    # writing

    def commit(self, batches: Sequence[Batch], clock: BlockClock) -> Committed:
        """Seal each batch into a block and put it on disk, alerts first.

        What the disk does not take is given up, and comes back in `gaps`; alerts are kept and tried
        again by the next commit.
        """
        done = Committed()
        blocks = self._owed + [self._seal(lane, groups, clock) for lane, groups in batches]
        self._owed = []
        for lane in Lane:
            self._write(lane, [block for block in blocks if block.lane == lane], clock, done)
        while self.size() > self.quota and self._shed_one("quota", clock.instant, done):
            continue
        self._tell_gaps(clock, done)
        return done

    def _seal(self, lane: Lane, groups: Sequence[Group], clock: BlockClock) -> Block:
        number = self._next[lane]
        self._next[lane] += 1
        return Block(lane, number, seal(self.id, lane, number, clock, groups), _waves(groups))

    def _write(self, lane: Lane, blocks: list[Block], clock: BlockClock, done: Committed) -> None:
        """Twice if need be: the second time in a new file, after making room."""
        if not blocks:
            return
        try:
            self._append(lane, blocks)
        except OSError as error:
            done.error = error
            if not self._retry(lane, blocks, clock, done):
                self._refuse(lane, blocks, clock, done)
                return
        done.blocks += blocks

    def _retry(self, lane: Lane, blocks: list[Block], clock: BlockClock, done: Committed) -> bool:
        try:
            self._reserve.give_up()
            self._shed_one("disk-full", clock.instant, done)
            self._append(lane, blocks)
        except OSError as error:
            done.error = error
            return False
        return True

    def _append(self, lane: Lane, blocks: list[Block]) -> None:
        limit = min(_SEGMENT_BYTES, self.quota // 32)
        segment = self.files.open_segment(lane, blocks[0].number, limit)
        try:
            segment.append({block.number: block.data for block in blocks})
        except OSError:
            segment.close()
            raise

    def _refuse(self, lane: Lane, blocks: list[Block], clock: BlockClock, done: Committed) -> None:
        if lane == Lane.ALERT:
            self._owed += blocks
            return
        full = done.error is not None and done.error.errno in _FULL
        lost = ((blocks[0].number, blocks[-1].number),)
        data = {block.number: block.data for block in blocks}
        why = "disk-full" if full else "disk-error"
        self._lose(gap(self.id, lane, lost, why=why, at=clock.instant, blocks=data), done)

    # giving up

    def _shed_one(self, why: str, now: Instant, done: Committed) -> bool:
        """Give up the oldest segment of the least lane. False when there is none, or the disk fails."""
        place = next(
            ((f, s) for lane in _SHED_ORDER for f in self._all() for s in f.lanes[lane] if s.size), None
        )
        if place is None:
            return False
        try:
            self._shed(*place, why, now, done)
        except OSError as error:
            done.error = error
            return False
        return True

    def _shed(self, files: JournalFiles, segment: Segment, why: str, now: Instant, done: Committed) -> None:
        lost = tuple(segment.pending)
        record = gap(files.id, segment.lane, lost, why=why, at=now, blocks=segment.blocks()) if lost else None
        segment.empty(why if record else DONE)
        if record:
            self._lose(record, done)

    def _lose(self, record: Gap, done: Committed) -> None:
        self._gaps.add(record)
        done.gaps.append(record)

    def _tell_gaps(self, clock: BlockClock, done: Committed) -> None:
        """Write down what was given up; only then may the empty files of shed segments go."""
        if self._gaps and not self._owed:
            told = self._seal(Lane.ALERT, [Group(None, None, self._gaps.take())], clock)
            self._write(Lane.ALERT, [told], clock, done)
        if self.owes:
            return
        try:
            for files in self._all():
                files.drop_shed()
            self._reserve.take()
        except OSError as error:
            done.error = error

    # reading and forgetting

    def read(
        self, lane: Lane, journal: bytes, numbers: Sequence[int], now: Instant
    ) -> tuple[dict[int, bytes], list[Gap]]:
        """The blocks by number, and what turned out to be damaged (the next commit writes that down).

        A block in neither has had its receipt.
        """
        found: dict[int, bytes] = {}
        done = Committed()
        files = next((files for files in self._all() if files.id == journal), None)
        for number in numbers:
            segment = files.holding(lane, number) if files else None
            if files is None or segment is None:
                continue
            block = self._read_one(segment, number)
            if block is None:
                segment.pending.remove(number, number)
                lost = ((number, number),)
                self._lose(gap(journal, lane, lost, why="damaged", at=now, blocks=segment.blocks()), done)
            else:
                found[number] = block
        return found, done.gaps

    def _read_one(self, segment: Segment, number: int) -> bytes | None:
        try:
            return self._reader.read(segment, number)
        except OSError:
            return None

    def forget(self, lane: Lane, journal: bytes, ranges: Sequence[Range]) -> None:
        """These have a receipt: files that hold nothing else go. Raises OSError."""
        for files in self._all():
            if files.id == journal:
                files.forget(lane, ranges)
        if journal == self.id and lane == Lane.ALERT and any(first == 0 for first, _ in ranges):
            self._opened_is_known = True
        # What was shed is told by the names of files until its gap is on disk.
        may_go = self._opened_is_known and not self.owes
        finished = [found for found in self.earlier if may_go and found.files.is_done()]
        for found in finished:
            found.files.remove()
            self.earlier.remove(found)


def _waves(groups: Sequence[Group]) -> frozenset[tuple[DeviceId | None, str]]:
    return frozenset((one.device, r.metric) for one in groups for r in one.records if isinstance(r, Waveform))
