"""Numbered events for those who watch, with a memory short enough to bound and long enough to resume.

subscription = stream.subscribe(first)             # after `since(last_event_id)`, or a snapshot
async for event in subscription: ...               # ends when the reader is too slow: it may resume
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

import orjson

REMEMBERED, REMEMBERED_BYTES = 512, 16_000_000
"""Events that a reader may be behind, or resume over (half a minute of a busy ward: after that a snapshot is
shorter, and newer), and bytes of their data. All readers share them: many slow ones hold no more than one."""


@dataclass(frozen=True, slots=True)
class Event:
    """What a Server-Sent Event carries. `data` is JSON, made once for all readers."""

    session: str
    number: int
    kind: str
    data: bytes
    server_ms: int = 0
    """When it was made, by the controller's time scale."""

    @property
    def id(self) -> str:
        """`<session>-<number>`."""
        return f"{self.session}-{self.number}"


class Subscription:
    """One reader's place in the stream: iterate it. It ends when closed, or when the reader is too slow."""

    def __init__(self, missed: list[Event], leave: Callable[["Subscription"], None]) -> None:
        self._waiting: deque[Event] = deque(missed)
        self._news = asyncio.Event()
        self._leave = leave
        self.closed = False
        self.is_too_slow = False

    def push(self, event: Event, forgotten: int) -> None:
        """The stream has `event`, and remembers none up to the number `forgotten`."""
        self._waiting.append(event)
        if self._waiting[0].number <= forgotten:
            self.is_too_slow = True
            self._waiting.clear()
            self.close()
        self._news.set()

    def close(self) -> None:
        """No more events: the iteration ends after those that wait."""
        self.closed = True
        self._leave(self)
        self._news.set()

    async def __aiter__(self) -> AsyncIterator[Event]:
        try:
            while True:
                while self._waiting:
                    yield self._waiting.popleft()
                if self.closed:
                    return
                self._news.clear()
                await self._news.wait()
        finally:
            self._leave(self)


class EventStream:
    """The events of one session, each sent to every subscription."""

    def __init__(self, session: str) -> None:
        self.session = session
        self._number = 0
        self._past: deque[Event] = deque()
        self._bytes = 0
        self._forgotten = 0
        """The number of the newest event that is no longer remembered."""
        self._subscriptions: set[Subscription] = set()

    @property
    def has_readers(self) -> bool:
        """Whether anybody reads it now."""
        return bool(self._subscriptions)

    def publish(self, kind: str, data: dict[str, Any]) -> Event:
        """Number an event, remember it and hand it to everyone."""
        event = self.numbered(kind, data)
        self._remember(event)
        for subscription in list(self._subscriptions):
            subscription.push(event, self._forgotten)
        return event

    def _remember(self, event: Event) -> None:
        self._past.append(event)
        self._bytes += len(event.data)
        while len(self._past) > 1 and (len(self._past) > REMEMBERED or self._bytes > REMEMBERED_BYTES):
            oldest = self._past.popleft()
            self._bytes -= len(oldest.data)
            self._forgotten = oldest.number

    def numbered(self, kind: str, data: dict[str, Any]) -> Event:
        """An event with the next number that only its maker gets (a snapshot for one reader)."""
        self._number += 1
        return Event(self.session, self._number, kind, orjson.dumps(data), data.get("server_ms", 0))

    def subscribe(self, first: list[Event]) -> Subscription:
        """A subscription that begins with `first`."""
        subscription = Subscription(first, self._subscriptions.discard)
        self._subscriptions.add(subscription)
        return subscription

    def since(self, last_event_id: str | None) -> list[Event] | None:
        """The events after `last_event_id`; None when they are not all remembered."""
        session, _, number = (last_event_id or "").rpartition("-")
        if session != self.session or not number.isdecimal() or int(number) > self._number:
            return None
        if int(number) < self._forgotten:
            return None
        return [event for event in self._past if event.number > int(number)]
