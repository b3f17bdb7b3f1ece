"""The files of one journal: which block lies where, and which files may go."""

import re
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from devices.errors import WireError
from devices.model.observation import Instant
from devices.wire.block import Lane, open_block, records_of
from devices.wire.ranges import Range, Ranges
from devices.wire.records import Gap
from gateway.journal.segment import OPEN, SHED, Segment, parse, sync_folder

_NAME = re.compile("[0-9a-f]{16}")
_BORN = "born"
"""An empty file whose time is the journal's beginning: the folder's own changes with what is in it."""
UNKNOWN_BOOT = bytes(16)
"""The boot of a gap whose time is not known: nothing of its blocks can be read any more."""
_RETIRE_BYTES = 262_144
"""An open file that is larger, and receipted whole, is closed so that it can go."""


def _no_segments() -> dict[Lane, list[Segment]]:
    return {lane: [] for lane in Lane}


@dataclass(slots=True)
class JournalFiles:
    """One journal's folder, each lane's segments in order.

    The last segment of a lane stays, whatever was receipted: it tells the next start where the lane
    ended.
    """

    id: bytes
    folder: Path
    lanes: dict[Lane, list[Segment]] = field(default_factory=_no_segments)

    @classmethod
    def found_in(cls, folder: Path) -> "JournalFiles":
        """What the names of files in `folder` say; the folder is named after the journal."""
        files = cls(bytes.fromhex(folder.name), folder)
        for segment in sorted(filter(None, map(parse, folder.iterdir())), key=lambda s: s.first):
            files.lanes[segment.lane].append(segment)
        return files

    @classmethod
    def named(cls, parent: Path, journal: bytes) -> "JournalFiles":
        """A new journal, before anything of it is on disk."""
        return cls(journal, parent / journal.hex())

    def create(self) -> None:
        """Make it durable, though empty; again after a failure, if need be. Raises OSError."""
        self.folder.mkdir(exist_ok=True)
        (self.folder / _BORN).touch()
        sync_folder(self.folder)
        sync_folder(self.folder.parent)

    @staticmethod
    def folders_in(parent: Path) -> list[Path]:
        """The folders of the journals in `parent`, oldest first."""
        folders = [path for path in parent.iterdir() if _NAME.fullmatch(path.name)]
        return sorted(folders, key=_born)

    def ends(self) -> tuple[int, ...]:
        """The next number of each lane."""
        return tuple(self.lanes[lane][-1].last + 1 if self.lanes[lane] else 0 for lane in Lane)

    def segments(self) -> Iterator[Segment]:
        """Every segment of every lane."""
        return (segment for lane in self.lanes.values() for segment in lane)

    def holding(self, lane: Lane, number: int) -> Segment | None:
        """The segment that holds a pending block."""
        return next((s for s in self.lanes[lane] if number in s.pending), None)

    def pending(self, lane: Lane) -> list[Range]:
        """Blocks of `lane` without a receipt."""
        return list(Ranges(pair for segment in self.lanes[lane] for pair in segment.pending))

    def forget(self, lane: Lane, ranges: Iterable[Range]) -> None:
        """These have a receipt. Raises OSError when a file that is no longer needed cannot go."""
        wanted = list(ranges)
        for segment in self.lanes[lane]:
            for first, last in wanted:
                segment.pending.remove(first, last)
        self.sweep(lane)

    def sweep(self, lane: Lane) -> None:
        """Remove files without a pending block, but for the last one. Raises OSError."""
        segments = self.lanes[lane]
        done = [s for s in segments[:-1] if s.kind not in SHED and not s.pending]
        for segment in done:
            segment.path.unlink(missing_ok=True)
            segments.remove(segment)
        if segments and segments[-1].kind == OPEN and not segments[-1].pending:
            self._retire(lane, segments[-1])

    def _retire(self, lane: Lane, segment: Segment) -> None:
        if segment.size >= _RETIRE_BYTES and segment.is_being_written:
            self.open_segment(lane, segment.last + 1, limit=0)

    def open_segment(self, lane: Lane, number: int, limit: int) -> Segment:
        """The segment for block `number`: a new one when the last has `limit` bytes. Raises OSError."""
        segments = self.lanes[lane]
        if segments and segments[-1].is_being_written:
            if segments[-1].size < limit:
                return segments[-1]
            segments[-1].close()
        segments.append(Segment.create(self.folder, lane, number))
        self.sweep(lane)
        return segments[-1]

    def turn_over(self) -> None:
        """Begin a new file for each lane: what is receipted of the old ones goes, the rest with its receipt.

        Raises OSError.
        """
        for lane, segments in self.lanes.items():
            if segments and segments[-1].is_being_written and segments[-1].size:
                self.open_segment(lane, segments[-1].last + 1, limit=0)

    def is_done(self) -> bool:
        """Whether no block is pending."""
        return not any(segment.pending for segment in self.segments())

    def drop_shed(self) -> None:
        """The gap records of shed segments are on disk: their empty files may go. Raises OSError."""
        for segments in self.lanes.values():
            for segment in [s for s in segments[:-1] if s.kind in SHED]:
                segment.path.unlink(missing_ok=True)
                segments.remove(segment)

    def remove(self) -> None:
        """Delete the whole journal. Raises OSError."""
        shutil.rmtree(self.folder)


def _born(folder: Path) -> int:
    mark = folder / _BORN
    return (mark if mark.exists() else folder).stat().st_mtime_ns


def gap(
    journal: bytes, lane: Lane, lost: tuple[Range, ...], *, why: str, at: Instant, blocks: dict[int, bytes]
) -> Gap:
    """The record that says that `lost` will never come.

    `blocks` are those at and around them that can be read: they tell the time that the gap covers.
    """
    boot, start, end = _span(blocks, lost[0][0], lost[-1][1])
    return Gap(at, journal, lane, lost, boot, start, end, why)


def _span(blocks: dict[int, bytes], first: int, last: int) -> tuple[bytes, Instant, Instant]:
    """(boot, from, to) of the blocks `first`..`last`, by those of them, or beside them, that are there."""
    if not blocks:
        return UNKNOWN_BOOT, Instant(0), Instant(0)
    before = max((n for n in blocks if n <= first), default=min(blocks))
    after = min((n for n in blocks if n >= last), default=max(blocks))
    boot, start, _ = _times(blocks[before])
    return boot, start, _times(blocks[after])[2]


def _times(block: bytes) -> tuple[bytes, Instant, Instant]:
    """(boot, oldest record, sealed at)."""
    try:
        header, records = open_block(block)
        groups = records_of(header, records)
    except WireError:
        return UNKNOWN_BOOT, Instant(0), Instant(0)
    sealed = header.clock.instant
    oldest = min((record.at for group in groups for record in group.records), default=sealed)
    return header.clock.boot, Instant(max(0, min(oldest, sealed))), sealed
