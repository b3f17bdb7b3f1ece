"""What an earlier start left on disk: blocks still to be sent, and what of it is damaged.

found = recover(folder, now)
found.files.pending(lane)   still to be sent
found.gaps                  numbers that will never come, and why
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from devices.model.observation import Instant
from devices.wire.block import Lane
from devices.wire.ranges import Range, Ranges
from devices.wire.records import Gap
from gateway.journal.files import JournalFiles, gap
from gateway.journal.frames import Scan, numbers_in, scan
from gateway.journal.segment import EMPTIED, OPEN, SHED, Segment


@dataclass(frozen=True, slots=True)
class Recovered:
    """One earlier journal. `damaged_bytes`: how many bytes of it could not be read."""

    files: JournalFiles
    gaps: list[Gap]
    damaged_bytes: int


def recover(folder: Path, now: Instant) -> Recovered:
    """Read the whole journal in `folder`. Raises OSError."""
    files = JournalFiles.found_in(folder)
    gaps: list[Gap] = []
    damaged = 0
    for lane in Lane:
        for segment, following in _with_next(files.lanes[lane]):
            lost, bytes_lost = _recover(files, segment, following, now)
            gaps += lost
            damaged += bytes_lost
    return Recovered(files, gaps, damaged)


def _with_next(segments: list[Segment]) -> Iterator[tuple[Segment, Segment | None]]:
    return zip(segments, [*segments[1:], None], strict=False)


def _recover(
    files: JournalFiles, segment: Segment, following: Segment | None, now: Instant
) -> tuple[list[Gap], int]:
    if segment.kind in EMPTIED:
        whole = (segment.first, segment.last)
        shed = segment.kind in SHED
        return (
            [gap(files.id, segment.lane, (whole,), why=segment.kind, at=now, blocks={})] if shed else []
        ), 0
    data = segment.read()
    held = scan(data)
    numbers = _numbers(held)
    if segment.kind == OPEN:
        segment.last = following.first - 1 if following else _end_of_open(data, held, segment, numbers)
    segment.size = len(data)
    segment.pending = Ranges(numbers.within(segment.first, segment.last))
    missing = numbers.missing(segment.first, segment.last) if segment.last >= segment.first else []
    blocks = {found.number: data[found.start : found.end] for found in held.frames}
    lost = sum(end - start for start, end in held.damaged)
    gaps = (
        [gap(files.id, segment.lane, tuple(missing), why="damaged", at=now, blocks=blocks)] if missing else []
    )
    return gaps, lost


def _numbers(held: Scan) -> Ranges:
    pairs: list[Range] = [(found.number, found.number) for found in held.frames]
    return Ranges(pairs)


def _end_of_open(data: bytes, held: Scan, segment: Segment, numbers: Ranges) -> int:
    """The last number of a file that its writer never closed.

    What is torn off at the end was never accepted. A damaged end was a block, and may have been more:
    as many as still have a readable header.
    """
    last = max((last for _, last in numbers), default=segment.first - 1)
    if held.damaged and held.damaged[-1][1] == len(data):
        return max([last + 1, *numbers_in(data, held.damaged[-1])])
    return last
