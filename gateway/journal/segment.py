"""Segments: the files of a journal. A file's name says which blocks it is for, whatever its bytes say.

vital-000000000120.open                  the blocks from 120 on; the last of its lane
vital-000000000120-000000000187.closed   the blocks 120 to 187
wave-000000000000-000000000044.quota     the blocks 0 to 44, shed for that reason; the file is empty
wave-000000000045-000000000066.done      the blocks 45 to 66, receipted and emptied
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from devices.wire.block import Lane
from devices.wire.ranges import Ranges
from devices.wire.topics import LANES
from gateway.journal.frames import frame, scan

OPEN, CLOSED = "open", "closed"
DONE = "done"
SHED = ("quota", "disk-full")
EMPTIED = (*SHED, DONE)


def sync_folder(folder: Path) -> None:
    """Make the names in `folder` durable."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@dataclass(slots=True)
class Segment:
    """One file: blocks `first`..`last` of one lane, of which `pending` have no receipt."""

    path: Path
    lane: Lane
    first: int
    last: int
    """`first - 1` when it is empty."""
    kind: str
    size: int = 0
    """Bytes of whole frames."""
    pending: Ranges = field(default_factory=Ranges)
    _file: int | None = None

    @classmethod
    def create(cls, folder: Path, lane: Lane, first: int) -> "Segment":
        """A new, open, durable, empty file. Raises OSError."""
        path = folder / f"{LANES[lane]}-{first:012}.{OPEN}"
        handle = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
        try:
            sync_folder(folder)
        except OSError:
            os.close(handle)
            raise
        return cls(path, lane, first, first - 1, OPEN, _file=handle)

    @property
    def is_being_written(self) -> bool:
        """Whether it takes more blocks."""
        return self._file is not None

    def append(self, blocks: Mapping[int, bytes]) -> None:
        """Write the blocks, which follow `last`, and wait until the disk has them.

        Raises OSError: then none is accepted, and the file is not to be written again.
        """
        assert self._file is not None
        data = b"".join(frame(number, block) for number, block in blocks.items())
        rest = memoryview(data)
        while rest:
            rest = rest[os.pwrite(self._file, rest, self.size + len(data) - len(rest)) :]
        os.fdatasync(self._file)
        self.size += len(data)
        self.last = max(blocks)
        self.pending.add(min(blocks), self.last)

    def close(self) -> None:
        """Cut off what was not accepted and say in the name where the file ends. Raises OSError."""
        if self._file is None:
            return
        handle, self._file = self._file, None
        try:
            os.ftruncate(handle, self.size)
            os.fsync(handle)
        finally:
            os.close(handle)
        self._rename(CLOSED)

    def empty(self, kind: str) -> None:
        """Free the space and keep an empty file of that `kind`, which says where it went. Raises OSError."""
        self.close()
        self._rename(kind)
        os.truncate(self.path, 0)
        self.size = 0
        self.pending = Ranges()
        sync_folder(self.path.parent)

    def _rename(self, kind: str) -> None:
        name = f"{LANES[self.lane]}-{self.first:012}-{self.last:012}.{kind}"
        self.path = self.path.rename(self.path.with_name(name))
        self.kind = kind

    def read(self) -> bytes:
        """All its bytes. Raises OSError."""
        return self.path.read_bytes()

    def blocks(self) -> dict[int, bytes]:
        """Every block that can be read, by number. Raises OSError."""
        data = self.read()
        return {found.number: data[found.start : found.end] for found in scan(data).frames}


def parse(path: Path) -> Segment | None:
    """The segment that `path` names, its `last` as far as the name says; None for any other file."""
    lane, _, numbers = path.stem.partition("-")
    parts, kind = numbers.split("-"), path.suffix[1:]
    if lane not in LANES or not all(part.isdigit() for part in parts):
        return None
    if (kind == OPEN and len(parts) == 1) or (kind in (CLOSED, *EMPTIED) and len(parts) == 2):
        first = int(parts[0])
        return Segment(path, Lane(LANES.index(lane)), first, int(parts[1]) if parts[1:] else first - 1, kind)
    return None
