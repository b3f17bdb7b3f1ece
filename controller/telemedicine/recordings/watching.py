"""What of a recording can be played: stretches without a gap, and what is missing, with its time.

    found = await asyncio.to_thread(look, opener, chunks)      # every chunk is read, and opened

The chain is verified each time: what is missing, or not as its page sealed it, is not played, but said. After
a gap a player can go on from the next whole picture alone (webm.py): the gap is said to last until there.
All times are those that stand in the film itself, and follow from no clock of who sealed or sent it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from controller.telemedicine.recordings.model import FIRST, Chunk, Recording
from controller.telemedicine.recordings.seal import BadBox, Place, digest, opened
from controller.telemedicine.recordings.vault import Vault
from controller.telemedicine.recordings.webm import cluster, last_moment, resumption

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
        box = self.vault.get(self.recording.number, chunk)
        return opened(self.key, Place(self.recording.number, *where), box or b"")

    def fault(self, chunk: Chunk) -> Fault | None:
        """What is wrong with it. Raises StoreError."""
        box = self.vault.get(self.recording.number, chunk)
        if box is None:
            return "missing"
        try:
            self.open(chunk)
        except BadBox:
            return "altered"
        return None if digest(box) == chunk.digest else "altered"


@dataclass(frozen=True, slots=True)
class Stretch:
    """Chunks of one run that follow each other. Times are the film's own."""

    run: int
    chunks: tuple[Chunk, ...]
    is_begin: bool
    """Whether it begins with its run."""
    from_ms: int
    to_ms: int
    skip: int = 0
    """Bytes of the first chunk that come before that."""

    @property
    def span(self) -> tuple[int, int]:
        """From when to when, as a player counts."""
        return self.from_ms, self.to_ms


@dataclass(frozen=True, slots=True)
class Gap:
    """What cannot be shown of a run. Times are the film's own; at a run's end, its page's."""

    run: int
    from_ms: int
    to_ms: int
    why: Fault


@dataclass(frozen=True, slots=True)
class Found:
    """What there is of a recording."""

    stretches: tuple[Stretch, ...]
    gaps: tuple[Gap, ...]
    begins: Mapping[int, int]
    """By run: how long after it began its film did, in ms."""
    is_cut: bool
    """Whether its end is not the one with which it was closed: nobody knows how much is missing."""


@dataclass(frozen=True, slots=True)
class _OfRun:
    """The chunks of a run. `is_whole`: none is lost before the first of them."""

    chunks: list[Chunk]
    is_whole: bool

    @property
    def begin_ms(self) -> int:
        """When its film begins, counted from its begin."""
        return self.chunks[0].from_ms if self.is_whole else 0


def look(opener: Opener, chunks: list[Chunk]) -> Found:
    """Reads all of it. Raises StoreError, BadBox: it changes meanwhile."""
    faults: dict[int, Fault] = {one.n: fault for one in chunks if (fault := opener.fault(one))}
    stretches, gaps, begins, last = list[Stretch](), list[Gap](), dict[int, int](), 0
    for run, held in groupby(chunks, lambda one: one.run):
        rows = list(held)
        of_run = _OfRun(rows, rows[0].n == last + 1)
        found = list(_stretches(opener, of_run, faults))
        stretches += found
        gaps += _gaps(of_run, found, faults)
        begins[run], last = of_run.begin_ms, rows[-1].n
    return Found(tuple(stretches), tuple(gaps), begins, _is_cut(opener.recording, chunks))


def _stretches(opener: Opener, of_run: _OfRun, faults: Mapping[int, Fault]) -> Iterator[Stretch]:
    for held in _grouped([one for one in of_run.chunks if one.n not in faults]):
        is_begin = of_run.is_whole and held[0] is of_run.chunks[0]
        if (stretch := _stretch(opener, held, is_begin=is_begin)) is not None:
            yield stretch


def _gaps(of_run: _OfRun, found: list[Stretch], faults: Mapping[int, Fault]) -> Iterator[Gap]:
    """What lies before, between and after the stretches, and why: as of the first chunk not played."""
    at_ms, after = 0, of_run.chunks[0].n
    for one in found:
        if one.from_ms > at_ms or not (of_run.is_whole or one is not found[0]):
            yield Gap(one.run, at_ms, one.from_ms, _why(faults, after, one.chunks[0].n))
        at_ms, after = one.to_ms, one.chunks[-1].n + 1
    last = of_run.chunks[-1]
    if after <= last.n:
        yield Gap(last.run, at_ms, max(at_ms, last.to_ms - of_run.begin_ms), _why(faults, after, last.n + 1))


def _why(faults: Mapping[int, Fault], after: int, before: int) -> Fault:
    for n in range(after, before):
        if n in faults:
            return faults[n]
    return "missing"


def _stretch(opener: Opener, held: list[Chunk], *, is_begin: bool) -> Stretch | None:
    """None: there is no whole picture from which a player could go on."""
    begin = b""
    for index, chunk in enumerate(held):
        data = opener.open(chunk)
        begin += data if is_begin else b""
        if is_begin and cluster(begin) is not None:
            return Stretch(chunk.run, tuple(held), is_begin, from_ms=0, to_ms=_end_ms(opener, held))
        if not is_begin and (found := resumption(data)) is not None:
            (at, from_ms), rest = found, held[index:]
            return Stretch(chunk.run, tuple(rest), is_begin, from_ms, _end_ms(opener, rest), skip=at)
    return None


def _end_ms(opener: Opener, held: list[Chunk]) -> int:
    """Of when its last picture or sound is: there is a cluster in it."""
    data = b""
    for chunk in reversed(held):
        data = opener.open(chunk) + data
        if (end_ms := last_moment(data)) is not None:
            return end_ms
    raise BadBox("a recording changed while it was looked through: open it again")


def _grouped(good: list[Chunk]) -> Iterator[list[Chunk]]:
    held: list[Chunk] = []
    for chunk in good:
        if held and (chunk.n != held[-1].n + 1 or chunk.run != held[-1].run):
            yield held
            held = []
        held.append(chunk)
    if held:
        yield held


def _is_cut(recording: Recording, chunks: list[Chunk]) -> bool:
    if recording.chunks is None:
        return False
    count, head = (chunks[-1].n, chunks[-1].digest) if chunks else (0, FIRST)
    return (count, head) != (recording.chunks, recording.head)
