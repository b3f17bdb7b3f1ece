"""A backlog fills a narrow link and no more: whoever has no priority there waits little behind it."""

import heapq
from collections import deque

import pytest

from devices.model.observation import Instant
from devices.wire.pace import Pace
from devices.wire.stream import SECOND, BlockRef, Sender

A, B = b"a" * 8, b"b" * 8
BLOCK, LIVE = 3_000, 200


class Link:
    """`bits_per_s`, a queue without an end, `trip_s` until a receipt is back: in virtual time."""

    def __init__(self, sender: Sender, bits_per_s: float, trip_s: float) -> None:
        self.sender, self.rate, self.trip_ns = sender, bits_per_s / 8 / SECOND, int(trip_s * SECOND)
        self.now = self.free = 0
        self.carried = 0
        self.queues: list[float] = []
        """Seconds that a packet of somebody else would have had to wait, each time that something went."""
        self.arriving: list[tuple[int, bytes, int]] = []
        self.late: deque[float] = deque()

    def run(self, seconds: float, live_every_s: float = 0.1) -> None:
        end, next_live, number = int(seconds * SECOND), 0, 0
        while self.now < end:
            if self.now >= next_live:
                self.sender.accepted(B, number)
                number, next_live = number + 1, next_live + int(live_every_s * SECOND)
            self._send()
            timer = self.sender.next_timer() or end
            self.now = min([next_live, max(timer, self.now + 1), *(at for at, *_ in self.arriving[:1])])
            while self.arriving and self.arriving[0][0] <= self.now:
                _, journal, received = heapq.heappop(self.arriving)
                self.sender.receipted(journal, [(received, received)], Instant(self.now))

    def _send(self) -> None:
        refs = self.sender.to_send(Instant(self.now))
        self.sender.departed({ref: self._size(ref) for ref in refs}, Instant(self.now))
        for ref in refs:
            self.free = max(self.free, self.now) + int(self._size(ref) / self.rate)
            self.carried += self._size(ref)
            heapq.heappush(self.arriving, (self.free + self.trip_ns, ref.journal, ref.number))
            self.queues.append((self.free - self.now) / SECOND)

    @staticmethod
    def _size(ref: BlockRef) -> int:
        return BLOCK if ref.journal == A else LIVE


def drained(pace: Pace | None, bits_per_s: float, trip_s: float, seconds: float) -> Link:
    sender = Sender(pace=pace)
    sender.recovered(A, [(0, 99_999)])
    sender.online()
    link = Link(sender, bits_per_s, trip_s)
    link.run(seconds)
    return link


@pytest.mark.parametrize("trip_s", [0.04, 0.1, 0.6])
@pytest.mark.parametrize("kbit_s", [64, 256, 1000])
def test_a_backlog_uses_most_of_a_narrow_link(kbit_s: int, trip_s: float) -> None:
    link = drained(Pace(), kbit_s * 1000, trip_s, 60)
    assert link.carried > 0.8 * kbit_s * 1000 / 8 * 60


def test_behind_a_backlog_at_256_kbit_s_nobody_waits_a_quarter_of_a_second_longer() -> None:
    link = drained(Pace(), 256_000, 0.1, 60)
    waits = sorted(link.queues)
    assert waits[int(0.99 * len(waits))] < 0.35
    assert max(waits) < 0.5


def test_without_a_pace_the_queue_is_seconds_long() -> None:
    assert max(drained(None, 256_000, 0.1, 60).queues) > 3


def test_a_wide_link_carries_a_whole_window() -> None:
    link = drained(Pace(), 1e9, 0.02, 10)
    assert link.carried > 0.7 * 48 * BLOCK * 10 / 0.02


def test_a_new_connection_begins_small_again() -> None:
    pace = Pace()
    for _ in range(20):
        pace.measured(SECOND // 10, BLOCK, int(pace.bytes))
    grown = pace.bytes
    pace.begin()
    assert pace.bytes < grown / 2


def test_a_pace_that_was_not_put_to_the_test_does_not_grow() -> None:
    pace = Pace()
    for _ in range(1000):
        pace.measured(SECOND // 100, LIVE, LIVE)
    assert pace.bytes == Pace().bytes


def test_an_overdue_receipt_halves_the_pace() -> None:
    sender = Sender(pace=Pace(bytes=40_000))
    sender.recovered(A, [(0, 99)])
    sender.online()
    sender.to_send(Instant(0))
    sender.to_send(sender.next_timer() or Instant(0))
    assert sender.pace
    assert sender.pace.bytes == 20_000


def test_a_large_block_goes_although_small_ones_are_always_under_way() -> None:
    sender = Sender(pace=Pace())
    sender.recovered(A, [(0, 9)])
    sender.online()
    gone: list[BlockRef] = []
    for number in range(20):
        sender.accepted(B, number)
        for at in (2 * number, 2 * number + 1):
            refs = sender.to_send(Instant(at))
            sender.departed({ref: 60_000 if ref.journal == A else LIVE for ref in refs}, Instant(at))
            gone += refs
        if number:
            sender.receipted(B, [(number - 1, number - 1)], Instant(at))
    assert BlockRef(A, 0) in gone
    assert [ref.number for ref in gone if ref.journal == B] == list(range(20))


def test_new_blocks_that_a_narrow_link_cannot_take_join_the_backlog_and_the_newest_stay() -> None:
    sender = Sender(pace=Pace())
    sender.online()
    for number in range(40):
        sender.accepted(A, number)
    assert sender.to_send(Instant(0))[0] == BlockRef(A, 32)
    assert sender.pending() == 40
