"""Numbered events for those who watch, with a memory short enough to bound and long enough to resume.

subscription = stream.subscribe(last_event_id)     # None when what it missed is no longer remembered
async for event in subscription: ...               # ends when the reader is too slow: it may resume
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

REMEMBERED = 2048
"""Events that a reader may resume over."""
BEHIND = 4096
"""Events that may wait for one reader; with one more it is cut off."""


@dataclass(frozen=True, slots=True)
class Event:
    """What a Server-Sent Event carries. `id` is `<session>-<n>`; `data` is ready for JSON."""

    id: str
    kind: str
    data: dict[str, Any]


class Subscription:
    """One reader's place in the stream: iterate it. It ends when closed, or when the reader is too slow."""

    def __init__(self, missed: list[Event], leave: Callable[["Subscription"], None]) -> None:
        self._waiting: deque[Event] = deque(missed)
        self._news = asyncio.Event()
        self._leave = leave
        self.closed = False

    def push(self, event: Event) -> None:
        """The stream has `event`."""
        self._waiting.append(event)
        if len(self._waiting) > BEHIND:
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
        self._past: deque[Event] = deque(maxlen=REMEMBERED)
        self._subscriptions: set[Subscription] = set()

    def publish(self, kind: str, data: dict[str, Any]) -> Event:
        """Number an event, remember it and hand it to everyone."""
        event = self.numbered(kind, data)
        self._past.append(event)
        for subscription in list(self._subscriptions):
            subscription.push(event)
        return event

    def numbered(self, kind: str, data: dict[str, Any]) -> Event:
        """An event with the next number that only its maker gets (a snapshot for one reader)."""
        self._number += 1
        return Event(f"{self.session}-{self._number}", kind, data)

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
        missed = [event for event in self._past if _number(event) > int(number)]
        oldest = _number(self._past[0]) if self._past else self._number + 1
        return missed if oldest <= int(number) + 1 else None


def _number(event: Event) -> int:
    return int(event.id.rpartition("-")[2])
