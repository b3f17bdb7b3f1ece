"""What has arrived and waits to be stored: the most urgent first, and never more than there is room for.

    inbox.put(arrived)                # how many messages had to be turned away for it
    batch = inbox.take(256, 500_000)

A controller that is slower than its gateways has a backlog of its own here, and an alert does not wait behind
it. What is turned away has no receipt, so its sender has it still, and sends it again.
"""

from collections import deque

from controller.ingest import Arrived
from devices.wire import topics

OVERHEAD = 512
"""Bytes that a message takes beside its payload."""
_LAST = len(topics.LANES) - 1


class Inbox:
    """A queue for each lane. `bytes` is what they hold; `room` is what they may."""

    def __init__(self, room: int) -> None:
        self.room = room
        self.bytes = 0
        self._lanes = tuple(deque[Arrived]() for _ in topics.LANES)

    def __bool__(self) -> bool:
        return any(self._lanes)

    def put(self, arrived: Arrived) -> int:
        """Take a message in. Returns how many of the least urgent, newest first, went to make room."""
        self._lanes[_urgency(arrived.topic)].append(arrived)
        self.bytes += _size(arrived)
        turned_away = 0
        while self.bytes > self.room:
            least = next(lane for lane in reversed(self._lanes) if lane)
            self.bytes -= _size(least.pop())
            turned_away += 1
        return turned_away

    def take(self, messages: int, size: int) -> list[Arrived]:
        """The most urgent, oldest first: at most so many `messages`, or fewer that have `size` bytes."""
        batch: list[Arrived] = []
        taken = 0
        while len(batch) < messages and taken < size and self:
            batch.append(next(lane for lane in self._lanes if lane).popleft())
            taken += len(batch[-1].payload)
            self.bytes -= _size(batch[-1])
        return batch


def _size(arrived: Arrived) -> int:
    return OVERHEAD + len(arrived.payload)


def _urgency(topic: str) -> int:
    """The lane by whose turn a message goes: births and states are small, and go with the alerts."""
    address = topics.parse_up(topic)
    if address is None:
        return _LAST
    _, what = address
    if what in topics.LANES:
        return topics.LANES.index(what)
    return 0 if what in ("birth", "state") else _LAST
