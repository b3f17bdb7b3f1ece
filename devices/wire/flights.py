"""What is under way: sent, and without a receipt. Whatever is asked often costs the same for 4 as for 400.

flights.take_off(ref, Flight(now, now, due, tries=1, size=3000))
flights.overdue(now)            those whose receipt should have come
flights.landed(journal, ranges) those that a receipt names
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

from devices.model.observation import Instant
from devices.wire.ranges import Range


@dataclass(frozen=True, slots=True)
class BlockRef:
    """One block of a lane: journal and number."""

    journal: bytes
    number: int


@dataclass(frozen=True, slots=True)
class Flight:
    """`due`: when it is to be sent again; `size`: bytes, or what is usual until the block has been read."""

    first: Instant
    """When it was sent for the first time on this connection, and for the last time."""
    sent: Instant
    due: Instant
    tries: int
    size: int
    live: bool = False
    on_path: bool = True
    """False: the next hop has it. It fills no queue of the path any more, and has no receipt yet."""
    has_left: bool = False
    """False: it is still being read; `size` is a guess."""
    company: int = 0
    """Bytes that were on the path as it left, its own among them."""


@dataclass(slots=True)
class Flights:
    """By block, in the order of sending. `size` is the bytes under way, `on_path` those of them that the next
    hop does not have yet, `left` of those what has left, `live_on_path` what was new."""

    size: int = 0
    on_path: int = 0
    left: int = 0
    live_on_path: int = 0
    _by_ref: dict[BlockRef, Flight] = field(default_factory=dict[BlockRef, Flight])
    _earliest: float = math.inf
    """No receipt is due before this."""

    def __len__(self) -> int:
        return len(self._by_ref)

    def __iter__(self) -> Iterator[BlockRef]:
        return iter(self._by_ref)

    def get(self, ref: BlockRef) -> Flight | None:
        """The block's flight, while it is under way."""
        return self._by_ref.get(ref)

    def take_off(self, ref: BlockRef, flight: Flight) -> None:
        """The block is under way; a flight that it had is replaced."""
        if ref in self._by_ref:
            self._count(self._by_ref[ref], -1)
        self._by_ref[ref] = flight
        self._count(flight, 1)
        self._earliest = min(self._earliest, flight.due)

    def pop(self, ref: BlockRef) -> Flight:
        """The block is not under way any more. Raises KeyError."""
        flight = self._by_ref.pop(ref)
        self._count(flight, -1)
        return flight

    def clear(self) -> None:
        """Nothing is under way."""
        self._by_ref.clear()
        self.size = self.on_path = self.left = self.live_on_path = 0
        self._earliest = math.inf

    def overdue(self, now: Instant) -> list[BlockRef]:
        """Those whose receipt is due."""
        if now < self._earliest:
            return []
        self._earliest = min((flight.due for flight in self._by_ref.values()), default=math.inf)
        return [ref for ref, flight in self._by_ref.items() if flight.due <= now]

    def next_due(self) -> Instant | None:
        """When to ask for `overdue` again: no later than the first is due."""
        return Instant(int(self._earliest)) if self._by_ref else None

    def landed(self, journal: bytes, ranges: list[Range]) -> list[BlockRef]:
        """Those of `journal` with a number in `ranges`."""
        if sum(last - first + 1 for first, last in ranges) <= len(self._by_ref):
            named = (BlockRef(journal, n) for first, last in ranges for n in range(first, last + 1))
            return [ref for ref in named if ref in self._by_ref]
        return [ref for ref in self._by_ref if ref.journal == journal and inside(ref.number, ranges)]

    def _count(self, flight: Flight, sign: int) -> None:
        self.size += sign * flight.size
        self.on_path += sign * flight.size * flight.on_path
        self.left += sign * flight.size * (flight.has_left and flight.on_path)
        self.live_on_path += sign * flight.size * (flight.live and flight.on_path)


def inside(number: int, ranges: list[Range]) -> bool:
    """Whether `number` is in one of `ranges`."""
    return any(first <= number <= last for first, last in ranges)
