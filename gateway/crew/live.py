"""Events for the pages that are open: made once for all, and never more waiting than a page may be behind.

    live = Live(snapshot)
    live.publish("values", {"now_ms": …, "values": […]})
    async for text in live.reader(): ...          a snapshot first; another one whenever the page was too slow

Events are those of Server-Sent Events (WHATWG HTML, 9.2). Each has `now_ms`, and replaces what the page has:
`values` and `waves` bring what is new, all others the whole of their part of the snapshot.
"""

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Callable
from typing import Any

Json = dict[str, Any]

MOST_WAITING, MOST_BYTES = 256, 1_000_000
"""Events that wait for one page, and bytes of them: half a minute of a vehicle's waveforms."""


class Reader:
    """One page: iterate it. It ends when closed."""

    def __init__(self, live: "Live") -> None:
        self._live = live
        self._waiting: deque[bytes] = deque()
        self._bytes = 0
        self._news = asyncio.Event()
        self._is_behind = True
        self.closed = False

    @property
    def waiting_bytes(self) -> int:
        """Of the events that wait."""
        return self._bytes

    def push(self, text: bytes) -> None:
        """There is an event. Whoever is too far behind gets all that is true then instead."""
        if self._is_behind:
            return
        self._waiting.append(text)
        self._bytes += len(text)
        if len(self._waiting) > MOST_WAITING or self._bytes > MOST_BYTES:
            self.start_over()
        self._news.set()

    def start_over(self) -> None:
        """The next event is a snapshot."""
        self._waiting.clear()
        self._bytes, self._is_behind = 0, True
        self._news.set()

    def close(self) -> None:
        """No more events."""
        self.closed = True
        self._live.leave(self)
        self._news.set()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while not self.closed:
            if self._is_behind:
                self._is_behind = False
                yield self._live.snapshot()
            elif self._waiting:
                text = self._waiting.popleft()
                self._bytes -= len(text)
                yield text
            else:
                self._news.clear()
                await self._news.wait()


class Live:
    """`whole` gives the snapshot's data."""

    def __init__(self, whole: Callable[[], Json]) -> None:
        self._whole = whole
        self._readers: set[Reader] = set()

    @property
    def readers(self) -> int:
        """How many pages are open."""
        return len(self._readers)

    def reader(self) -> Reader:
        """One more."""
        made = Reader(self)
        self._readers.add(made)
        return made

    def leave(self, reader: Reader) -> None:
        """One less."""
        self._readers.discard(reader)

    def close(self) -> None:
        """All end."""
        for reader in list(self._readers):
            reader.close()

    def start_over(self) -> None:
        """All get a snapshot next."""
        for reader in self._readers:
            reader.start_over()

    def publish(self, kind: str, data: Json) -> None:
        """To all."""
        if self._readers:
            text = as_text(kind, data)
            for reader in list(self._readers):
                reader.push(text)

    def snapshot(self) -> bytes:
        """Everything, as an event."""
        return as_text("snapshot", self._whole())


def as_text(kind: str, data: Json) -> bytes:
    """The event as it stands in the stream."""
    return f"event: {kind}\ndata: {json.dumps(data, separators=(',', ':'))}\n\n".encode()
