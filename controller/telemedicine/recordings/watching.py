"""What of a recording can be played: stretches without a gap, and what is missing, with its time.

    found = await asyncio.to_thread(look, opener, chunks)      # every chunk is read, and opened

The chain is verified each time: what is missing, or not as its page sealed it, is not played, but said. After
a gap a player can go on from the next whole picture alone (webm.py): the gap is said to last until there.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from controller.telemedicine.recordings.model import FIRST, Chunk, Recording
from controller.telemedicine.recordings.seal import BadBox, Place, digest, opened
from controller.telemedicine.recordings.vault import Vault
from controller.telemedicine.recordings.webm import cluster, resumption

Fault = Literal["missing", "altered"]


@dataclass(frozen=True, slots=True)
class Opener:
    """Opens the chunks of one recording; for another thread."""

    vault: Vault
    recording: Recording
    key: bytes

    def open(self, chunk: Chunk) -> bytes:
        """What is in it. Raises BadBox: it is not there, or altered; StoreError."""
        where = chunk.n, chunk.run, chunk.from_ms, chunk.to_ms, chunk.before
        box = self.vault.get(self.recording.number, chunk.n)
        return opened(self.key, Place(self.recording.number, *where), box or b"")

    def fault(self, chunk: Chunk) -> Fault | None:
        """What is wrong with it. Raises StoreError."""
        box = self.vault.get(self.recording.number, chunk.n)
        if box is None:
            return "missing"
        try:
            self.open(chunk)
        except BadBox:
            return "altered"
        return None if digest(box) == chunk.digest else "altered"


@dataclass(frozen=True, slots=True)
class Stretch:
    """Chunks of one run that follow each other."""

    run: int
    chunks: tuple[Chunk, ...]
    is_begin: bool
    """Whether it begins with its run."""
    from_ms: int
    """Counted from the begin of its run."""
    skip: int = 0
    """Bytes of the first chunk that come before that."""

    @property
    def span(self) -> tuple[int, int]:
        """From when to when, counted from the begin of its run, in ms."""
        return self.from_ms, self.chunks[-1].to_ms


@dataclass(frozen=True, slots=True)
class Gap:
    """What cannot be shown of a run."""

    run: int
    from_ms: int
    to_ms: int
    why: Fault


@dataclass(frozen=True, slots=True)
class Found:
    """What there is of a recording."""

    stretches: tuple[Stretch, ...]
    gaps: tuple[Gap, ...]
    is_cut: bool
    """Whether its end is not the one with which it was closed: nobody knows how much is missing."""


def look(opener: Opener, chunks: list[Chunk]) -> Found:
    """Reads all of it. Raises StoreError, BadBox: it changes meanwhile."""
    faults: dict[int, Fault] = {one.n: fault for one in chunks if (fault := opener.fault(one))}
    stretches = list[Stretch]()
    gaps = [Gap(one.run, one.from_ms, one.to_ms, faults[one.n]) for one in chunks if one.n in faults]
    gaps += _lost(chunks)
    for held in _grouped([one for one in chunks if one.n not in faults]):
        stretch = _stretch(opener, held)
        begin_ms, until_ms = held[0].from_ms, stretch.from_ms if stretch else held[-1].to_ms
        if until_ms > begin_ms:
            gaps.append(Gap(held[0].run, begin_ms, until_ms, faults.get(held[0].n - 1, "missing")))
        if stretch:
            stretches.append(stretch)
    return Found(tuple(stretches), _joined(gaps), _is_cut(opener.recording, chunks))


def _stretch(opener: Opener, held: list[Chunk]) -> Stretch | None:
    """None: there is no whole picture from which a player could go on."""
    is_begin, begin = held[0].from_ms == 0, b""
    for index, chunk in enumerate(held):
        data = opener.open(chunk)
        begin += data if is_begin else b""
        if is_begin and cluster(begin) is not None:
            return Stretch(chunk.run, tuple(held), is_begin, from_ms=0)
        if not is_begin and (found := resumption(data)) is not None:
            at, moment_ms = found
            from_ms = min(max(moment_ms, chunk.from_ms), chunk.to_ms)
            return Stretch(chunk.run, tuple(held[index:]), is_begin, from_ms, skip=at)
    return None


def _grouped(good: list[Chunk]) -> Iterator[list[Chunk]]:
    held: list[Chunk] = []
    for chunk in good:
        if held and (chunk.n != held[-1].n + 1 or chunk.run != held[-1].run):
            yield held
            held = []
        held.append(chunk)
    if held:
        yield held


def _joined(gaps: list[Gap]) -> tuple[Gap, ...]:
    joined: list[Gap] = []
    for gap in sorted(gaps, key=lambda one: (one.run, one.from_ms)):
        before = joined[-1] if joined else None
        if before and (before.run, before.why, before.to_ms) == (gap.run, gap.why, gap.from_ms):
            joined[-1] = Gap(gap.run, before.from_ms, gap.to_ms, gap.why)
        else:
            joined.append(gap)
    return tuple(joined)


def _lost(chunks: list[Chunk]) -> list[Gap]:
    """Of which not even the row is there."""
    lost = [(a, b) for a, b in pairwise(chunks) if b.n != a.n + 1]
    return [Gap(b.run, a.to_ms if a.run == b.run else 0, b.from_ms, "missing") for a, b in lost]


def _is_cut(recording: Recording, chunks: list[Chunk]) -> bool:
    if recording.chunks is None:
        return False
    count, head = (chunks[-1].n, chunks[-1].digest) if chunks else (0, FIRST)
    return (count, head) != (recording.chunks, recording.head)
