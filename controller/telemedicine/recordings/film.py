"""One stretch of a recording as a player takes it: a file of which ranges are read.

film = await asyncio.to_thread(Film, opener, found, 0)
film.size, film.read(0, 100_000)
"""

from collections.abc import Iterator

from controller.errors import Conflict
from controller.telemedicine.recordings.model import Chunk
from controller.telemedicine.recordings.seal import ADDED
from controller.telemedicine.recordings.watching import Found, Opener, Stretch
from controller.telemedicine.recordings.webm import cluster, with_duration


class Film:
    """Methods raise Conflict: it changed since it was looked at, or is too short to be shown; StoreError."""

    def __init__(self, opener: Opener, found: Found, index: int) -> None:
        self._opener = opener
        self._head, self._pieces = self._prepared(found.stretches[index], found)
        self.size = len(self._head) + sum(one.bytes - ADDED - skip for one, skip in self._pieces)

    def read(self, start: int, stop: int) -> Iterator[bytes]:
        """The bytes from `start` on and before `stop`."""
        at = len(self._head)
        if start < at:
            yield self._head[start:stop]
        for chunk, skip in self._pieces:
            size = chunk.bytes - ADDED - skip
            if at < stop and start < at + size:
                yield self._opener.open(chunk)[skip:][max(0, start - at) : stop - at]
            at += size

    def _prepared(self, stretch: Stretch, found: Found) -> tuple[bytes, list[tuple[Chunk, int]]]:
        """Its head, which says how long it is, and from which byte on of each chunk it goes on.

        A player counts from the begin of the run, after a gap, too."""
        length = stretch.span[1]
        if stretch.is_begin:
            head, rest, count = self._begin(stretch)
            return with_duration(head, length) + rest, [(one, 0) for one in stretch.chunks[count:]]
        head, _, _ = self._begin(_begin_of(found, stretch.run))
        first, *others = stretch.chunks
        return with_duration(head, length), [(first, stretch.skip), *((one, 0) for one in others)]

    def _begin(self, stretch: Stretch) -> tuple[bytes, bytes, int]:
        """The head, what follows it in the chunks in which it is, and how many these are: a browser's first
        chunk may have a single byte."""
        data = b""
        for count, chunk in enumerate(stretch.chunks, 1):
            data += self._opener.open(chunk)
            if (at := cluster(data)) is not None:
                return data[:at], data[at:], count
        raise Conflict("expected a picture in this stretch, there is none: it is too short to be shown")


def _begin_of(found: Found, run: int) -> Stretch:
    """A page writes the same head to each of its runs; that of this run if it is there."""
    for one in sorted(found.stretches, key=lambda one: one.run != run):
        if one.is_begin:
            return one
    raise Conflict("expected the begin of a run, from which a player knows what it is: all are missing")
