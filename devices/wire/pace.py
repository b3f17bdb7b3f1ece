"""How much of a lane may be under way: what fills the path, and a tenth of a second of queue more.

After LEDBAT (RFC 6817): a receipt that takes longer than the quickest one has waited in a queue, which an
alert has to wait in, too, if the network does not know that it is one. Without this a backlog fills the queue
of a narrow link for seconds, and the connection's own time limits take it for a dead one.

    pace = Pace()
    pace.bytes                                  # another block may go while less is under way
    pace.measured(trip, size, under_way)        # a receipt came
"""

from collections import deque
from dataclasses import dataclass, field

from devices.model.observation import Instant

_START_BYTES = _LEAST_BYTES = 4096
_MOST_BYTES = 4_000_000
_TARGET_NS, _TARGET_SHARE = 30_000_000, 0.15
"""The queue that is aimed at: so many ns, or this share of the quickest trip if that is more."""
_FILTER = 2
"""The quickest of so many receipts counts: one that a busy disk or a lost packet held up means nothing."""
_LEAST_STEP = 2048.0
_AHEAD = 2.0
"""How much faster than the path has shown blocks may leave: less than all at once, or each round trip would
begin with a queue of its own making."""
_BURST_NS = 30_000_000
"""What should have left so long ago may leave now: no timer is exact."""
_AT_ONCE = Instant(0)
_FALL = -4.0
"""At the worst half of it goes in one round trip: four steps of an eighth."""


@dataclass(slots=True)
class Pace:
    """One path: begins small, grows by half each round trip until a queue shows, and follows it then."""

    bytes: float = _START_BYTES
    next: Instant = _AT_ONCE
    """When another block may leave."""
    _quickest: int | None = None
    _recent: deque[int] = field(default_factory=lambda: deque[int](maxlen=_FILTER))
    _starting: bool = True

    def begin(self) -> None:
        """A new connection, perhaps over another path."""
        self.bytes, self._quickest, self._starting = _START_BYTES, None, True
        self.next = _AT_ONCE
        self._recent.clear()

    def sent(self, size: int, now: Instant) -> None:
        """A block of `size` bytes leaves: the next one after a pause."""
        if self._starting and self._quickest is not None:
            pause = int(size / self.bytes * self._quickest / _AHEAD)
            self.next = Instant(max(self.next, now - _BURST_NS) + pause)

    def measured(self, trip: int, size: int, under_way: int) -> None:
        """A block of `size` bytes had its receipt after `trip` ns, when `under_way` bytes were under way."""
        self._quickest = trip if self._quickest is None else min(trip, self._quickest)
        self._recent.append(trip)
        target = max(_TARGET_NS, self._quickest * _TARGET_SHARE)
        room = 1 - (min(self._recent) - self._quickest) / target
        if room > 0 and under_way < self.bytes / 2:
            return  # it was not put to the test
        if self._starting and trip - self._quickest < target / 2:
            self._set(self.bytes + size / 2)
        elif self._starting:
            self._starting = False
            self._set(self.bytes / 2)  # what shows now was sent a round trip ago, when it was half as much
        else:
            step = max(_LEAST_STEP, self.bytes / 8)
            self._set(self.bytes + max(room, _FALL) * step * min(1.0, size / self.bytes))

    def overdue(self) -> None:
        """A receipt did not come in time."""
        self._starting = False
        self._set(self.bytes / 2)

    def _set(self, wanted: float) -> None:
        self.bytes = min(max(wanted, _LEAST_BYTES), _MOST_BYTES)
