"""Sender and receiver of blocks as pure state machines: every accepted block arrives exactly once.

The sender remembers what has no receipt; the receiver what it has for good. Loss, duplication,
reordering and restarts in between change nothing but the time it takes.

    sender.accepted(journal, number)        the block is on disk: from here nothing is lost
    for ref in sender.to_send(now): ...     publish it
    sender.delivered(ref, sent, now)        the next hop has it: nothing is proved, but the path is free
    sender.receipted(journal, ranges)       the journal may forget these
"""

import math
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from devices.model.observation import Instant
from devices.wire.flights import BlockRef, Flight, Flights, inside
from devices.wire.pace import Pace
from devices.wire.ranges import Range, Ranges
from devices.wire.share import LIVE, NOTHING, SECOND_CHOICE, Share, backlog
from devices.wire.trip import SECOND as SECOND  # noqa: PLC0414 - asked for here
from devices.wire.trip import RoundTrip

_FRESHEST, _FRESHEST_NARROW = 8, 3
"""New blocks that may wait for their turn; what is older than these joins the backlog."""
_USUAL_BYTES = 4096
_MOST_BYTES = 4_000_000
"""Bytes without a receipt, at the most: the receiver has to keep them in memory until it stores them."""


@dataclass(slots=True)
class Sender:
    """One lane of one gateway.

    At most `window` blocks are under way. Live blocks go first; the backlog (whatever was not sent
    when it was new) fills at most `window - reserve`, so that there is always room for what is new.
    With a `pace` neither has more bytes on the path to the next hop than it carries; with a `share` lesser
    lanes of a narrow path have what the others leave.
    """

    window: int = 64
    reserve: int = 16
    trip: RoundTrip = field(default_factory=RoundTrip)
    pace: Pace | None = None
    share: Share | None = None
    lane: int = 0
    _usual: int = _USUAL_BYTES
    """Bytes of a block of the backlog; live ones may be much smaller."""
    _usual_live: int = _USUAL_BYTES
    _online: bool = False
    _pending: dict[bytes, Ranges] = field(default_factory=dict[bytes, Ranges])
    """Not receipted, in flight or not, by journal, oldest journal first."""
    _waiting: dict[bytes, Ranges] = field(default_factory=dict[bytes, Ranges])
    """Pending and neither live nor in flight: the backlog."""
    _live: deque[BlockRef] = field(default_factory=deque[BlockRef])
    _second: deque[BlockRef] = field(default_factory=deque[BlockRef])
    """New, and sent after what else is new."""
    _flights: Flights = field(default_factory=Flights)

    def accepted(self, journal: bytes, number: int, *, second: bool = False) -> None:
        """A new block is on disk; one of `second` choice goes after the others."""
        self._pending.setdefault(journal, Ranges()).add(number, number)
        if self._online:
            new = self._second if second else self._live
            new.append(BlockRef(journal, number))
            if len(new) > self._freshest:
                self._wait(new.popleft())
        else:
            self._wait(BlockRef(journal, number))

    @property
    def _freshest(self) -> int:
        if self.pace is None:
            return self.window
        return _FRESHEST_NARROW if self.share is not None and self.share.holds_back else _FRESHEST

    def recovered(self, journal: bytes, ranges: Iterable[Range]) -> None:
        """Blocks found on disk at the start, oldest journal first."""
        for first, last in ranges:
            self._pending.setdefault(journal, Ranges()).add(first, last)
            self._waiting.setdefault(journal, Ranges()).add(first, last)

    def online(self) -> None:
        """The receiver can be reached: sending may begin."""
        self._online = True

    def offline(self) -> None:
        """The connection is gone: whatever was under way is sent again after `online`."""
        self._online = False
        for ref in (*self._flights, *self._live, *self._second):
            self._wait(ref)
        for gone in (self._flights, self._live, self._second):
            gone.clear()
        if self.pace is not None:
            self.pace.begin()

    def to_send(self, now: Instant) -> list[BlockRef]:
        """What to publish now, in this order; each counts as under way from here."""
        if not self._online:
            return []
        again = self._flights.overdue(now)
        for ref in again:
            flight = self._flights.pop(ref)
            self._take_off(ref, now, flight.tries + 1, flight.live, flight.first)
        if again and self.pace is not None:
            self.pace.overdue()
        live = self._take_live(now)
        return live + again + self._take_backlog(now)

    def _take_live(self, now: Instant) -> list[BlockRef]:
        taken: list[BlockRef] = []
        for rank, new in ((LIVE, self._live), (SECOND_CHOICE, self._second)):
            while new and self._may_take_live() and self._allows(rank + self.lane):
                taken.append(new.popleft())
                self._take_off(taken[-1], now, 1, live=True)
        return taken

    def _may_take_live(self) -> bool:
        return len(self._flights) < self.window and self._flights.live_on_path < self._most

    def _allows(self, rank: int) -> bool:
        return self.share is None or self.share.allows(self.lane, rank)

    def _take_backlog(self, now: Instant) -> list[BlockRef]:
        taken: list[BlockRef] = []
        while self._has_room() and (self.pace is None or self.pace.next <= now):
            ref = self._next_waiting()
            if ref is None:
                break
            taken.append(ref)
            self._take_off(ref, now, 1)
            if self.pace is not None:
                self.pace.sent(self._usual, now)
        return taken

    def _has_room(self) -> bool:
        """Whether a block of the backlog may be under way, too."""
        flights = self._flights
        may_wait = len(flights) < self.window - self.reserve and flights.size < _MOST_BYTES
        return may_wait and flights.on_path < self._most and self._allows(backlog(self.lane))

    def departed(self, sizes: Mapping[BlockRef, int], now: Instant) -> None:
        """These have been read, which may have taken time, and go out now with so many bytes."""
        for ref, size in sizes.items():
            if (flight := self._flights.get(ref)) is not None:
                self._learn(size, flight.live)
                due = Instant(now + flight.due - flight.sent)
                first = now if flight.tries == 1 else flight.first
                said = {"first": first, "sent": now, "due": due, "size": size}
                company = self._flights.on_path
                self._flights.take_off(ref, replace(flight, **said, has_left=True, company=company))

    def _learn(self, size: int, live: bool) -> None:
        if live:
            self._usual_live = (7 * self._usual_live + size) // 8
        else:
            self._usual = (7 * self._usual + size) // 8

    def delivered(self, ref: BlockRef, sent: Instant, now: Instant) -> None:
        """The next hop (a broker) has the block, which left at `sent`: what it tells is how free the path is.

        A receipt would tell less: it has waited for a database, too, which no alert has to wait for.
        """
        flight = self._flights.get(ref)
        if flight is not None and flight.on_path:
            self._paced(now - sent, flight)
            self._flights.take_off(ref, replace(flight, on_path=False))

    def receipted(self, journal: bytes, ranges: Iterable[Range], now: Instant | None) -> list[Range]:
        """The receiver has `ranges` for good. Returns those that were pending: they may be forgotten.

        `now` is None where nobody sent a receipt.
        """
        done = [part for first, last in ranges for part in self._forget(journal, first, last)]
        for ref in self._flights.landed(journal, done):
            flight = self._flights.pop(ref)
            if now is not None:
                self.trip.measured(now - flight.first)
                if flight.on_path:
                    self._paced(now - flight.first, flight)
        for new in (self._live, self._second) if done else ():
            for ref in [r for r in new if r.journal == journal and inside(r.number, done)]:
                new.remove(ref)
        return done

    def _paced(self, trip: int, flight: Flight) -> None:
        # A small block is quicker than a large one on the same path: it says nothing of the queue.
        if self.pace is not None and flight.size >= self._usual / 2:
            self.pace.measured(trip, flight.size, flight.company)

    @property
    def _most(self) -> float:
        """Another block may go while less than so many bytes are on the path."""
        return math.inf if self.pace is None else self.pace.bytes

    def shed(self, journal: bytes, first: int, last: int) -> None:
        """`first`..`last` were given up (and a gap record says so)."""
        self.receipted(journal, [(first, last)], None)

    def next_timer(self) -> Instant | None:
        """When a block may have to be sent, again or after the pace's pause, or None."""
        due = self._flights.next_due()
        if self.pace is None or not self._online or not self._has_room() or not any(self._waiting.values()):
            return due
        return self.pace.next if due is None else min(due, self.pace.next)

    def pending(self) -> int:
        """Blocks without a receipt."""
        return sum(len(ranges) for ranges in self._pending.values())

    def later(self) -> int:
        """Blocks of the backlog: they go after what is new."""
        return sum(len(ranges) for ranges in self._waiting.values())

    @property
    def on_path(self) -> int:
        """Bytes that the next hop does not have yet."""
        return self._flights.on_path

    @property
    def left(self) -> int:
        """Those of them that have left: the others are being read."""
        return self._flights.left

    @property
    def most_urgent(self) -> int:
        """The least rank (see `share`) of what it could send now."""
        under_way = len(self._flights)
        if not self._online or under_way >= self.window:
            return NOTHING
        if self._live or self._second:
            return (LIVE if self._live else SECOND_CHOICE) + self.lane
        has_backlog = under_way < self.window - self.reserve and any(self._waiting.values())
        return backlog(self.lane) if has_backlog else NOTHING

    def oldest(self) -> BlockRef | None:
        """The oldest block without a receipt."""
        for journal, ranges in self._pending.items():
            if (number := ranges.first()) is not None:
                return BlockRef(journal, number)
        return None

    def _wait(self, ref: BlockRef) -> None:
        self._waiting.setdefault(ref.journal, Ranges()).add(ref.number, ref.number)

    def _next_waiting(self) -> BlockRef | None:
        for journal in self._pending:
            ranges = self._waiting.get(journal)
            number = ranges.first() if ranges else None
            if ranges and number is not None:
                ranges.remove(number, number)
                return BlockRef(journal, number)
        return None

    def _take_off(
        self, ref: BlockRef, now: Instant, tries: int, live: bool = False, first: Instant | None = None
    ) -> None:
        due = Instant(now + self.trip.timeout(tries))
        size = self._usual_live if live else self._usual
        self._flights.take_off(ref, Flight(now if first is None else first, now, due, tries, size, live))

    def _forget(self, journal: bytes, first: int, last: int) -> list[Range]:
        pending = self._pending.get(journal)
        if pending is None:
            return []
        done = pending.within(first, last)
        pending.remove(first, last)
        if (waiting := self._waiting.get(journal)) is not None:
            waiting.remove(first, last)
        return done


@dataclass(slots=True)
class Receiver:
    """What the controller has for good of one journal and lane.

    `committed` and `quarantined` are what the ledger holds. A block is new, is committed or quarantined
    with its data in one transaction, and only then put in here.
    """

    committed: Ranges = field(default_factory=Ranges)
    quarantined: Ranges = field(default_factory=Ranges)

    def has(self, number: int) -> bool:
        """Whether the block is in the ledger already: it changes nothing and is receipted again."""
        return number in self.committed or number in self.quarantined

    def receipt(self, numbers: Iterable[int]) -> tuple[tuple[Range, ...], tuple[Range, ...]]:
        """(committed, quarantined) ranges that hold `numbers`: as wide as they are, so lost receipts mend."""
        wanted = sorted(set(numbers))
        committed = dict.fromkeys(r for n in wanted if (r := self.committed.range_of(n)))
        quarantined = dict.fromkeys(r for n in wanted if (r := self.quarantined.range_of(n)))
        return tuple(committed), tuple(quarantined)
