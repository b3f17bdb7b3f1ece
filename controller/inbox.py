"""What has arrived and waits to be stored: the most urgent first, and never more than there is room for.

    inbox.put(arrived)                # how many messages had to be turned away for it
    batch = inbox.take(256, 500_000)

A controller that is slower than its gateways has a backlog of its own here, and an alert does not wait behind
it. What is turned away has no receipt, so its sender has it still, and sends it again. What waits for long is
sent again, too: copies of what waits are not taken in, or they would fill the place.
"""

from collections import OrderedDict

from controller.ingest import Arrived
from devices.wire import topics
from devices.wire.block import Lane

OVERHEAD = 512
"""Bytes that a message takes beside its payload."""
_LAST = len(topics.LANES) - 1
_ALERT = f"/{topics.LANES[Lane.ALERT]}"


class Inbox:
    """A queue for each lane, by message without its time. `bytes` is what they hold; `room` what they may."""

    def __init__(self, room: int) -> None:
        self.room = room
        self.bytes = 0
        self._lanes = tuple(OrderedDict[tuple[str, bytes, bool, int], Arrived]() for _ in topics.LANES)
        self._alerts = 0

    def __bool__(self) -> bool:
        return any(self._lanes)

    def __len__(self) -> int:
        return sum(map(len, self._lanes))

    @property
    def has_alert(self) -> bool:
        """Whether a block of the alert lane waits."""
        return self._alerts > 0

    def put(self, arrived: Arrived) -> int:
        """Take a message in. Returns how many of the least urgent, newest first, went to make room."""
        lane = self._lanes[_urgency(arrived.topic)]
        key = arrived.topic, arrived.payload, arrived.retained, arrived.broker
        if key in lane:
            return 0
        lane[key] = arrived
        self._count(arrived, 1)
        turned_away = 0
        while self.bytes > self.room:
            least = next(lane for lane in reversed(self._lanes) if lane)
            self._count(least.popitem()[1], -1)
            turned_away += 1
        return turned_away

    def take(self, messages: int, size: int) -> list[Arrived]:
        """The most urgent, oldest first: at most so many `messages`, or fewer that have `size` bytes."""
        batch: list[Arrived] = []
        taken = 0
        while len(batch) < messages and taken < size and self:
            batch.append(next(lane for lane in self._lanes if lane).popitem(last=False)[1])
            taken += len(batch[-1].payload)
            self._count(batch[-1], -1)
        return batch

    def _count(self, arrived: Arrived, by: int) -> None:
        self.bytes += by * _size(arrived)
        if arrived.topic.endswith(_ALERT):
            self._alerts += by


def _size(arrived: Arrived) -> int:
    return OVERHEAD + len(arrived.payload)


def _urgency(topic: str) -> int:
    """The lane by whose turn a message goes. Births and states go with the readings: when a controller comes
    back, those of a thousand gateways come at once, and no alert waits behind them."""
    address = topics.parse_up(topic)
    if address is None:
        return _LAST
    _, what = address
    if what in topics.LANES:
        return topics.LANES.index(what)
    return Lane.VITAL if what in ("birth", "state") else _LAST
