"""A backlog fills a narrow link and no more: whoever has no priority there waits little behind it."""

import heapq
from collections import deque

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.model.observation import Instant
from devices.wire.flights import BlockRef
from devices.wire.pace import Pace
from devices.wire.stream import SECOND, RoundTrip, Sender

A, B = b"a" * 8, b"b" * 8
BLOCK, LIVE = 3_000, 200


class Link:
    """`bits_per_s`, a queue without an end, `trip_s` until a receipt is back: in virtual time."""

    def __init__(self, sender: Sender, bits_per_s: float, trip_s: float) -> None:
        self.sender, self.rate, self.trip_ns = sender, bits_per_s / 8 / SECOND, int(trip_s * SECOND)
        self.now = self.free = 0
        self.carried = self.counts_from = 0
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
            self.carried += self._size(ref) * (self.now >= self.counts_from)
            heapq.heappush(self.arriving, (self.free + self.trip_ns, ref.journal, ref.number))
            self.queues.append((self.free - self.now) / SECOND)

    @staticmethod
    def _size(ref: BlockRef) -> int:
        return BLOCK if ref.journal == A else LIVE


def drained(
    pace: Pace | None, bits_per_s: float, trip_s: float, seconds: float, window: int = 64, start_s: float = 0
) -> Link:
    sender = Sender(pace=pace, window=window)
    sender.recovered(A, [(0, 99_999)])
    sender.online()
    link = Link(sender, bits_per_s, trip_s)
    link.counts_from = int(start_s * SECOND)
    link.run(start_s + seconds)
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


@settings(max_examples=30)
@given(st.floats(0.08, 1.2), st.floats(4.8, 6.0).map(lambda power: 10**power))
def test_a_backlog_uses_80_per_cent_of_every_link_and_delays_others_little(
    trip_s: float, rate: float
) -> None:
    """From 64 kbit/s to 1 Mbit/s, 40 to 600 ms each way; a block is 375 ms long at 64 kbit/s."""
    link = drained(Pace(), rate, trip_s, 60, window=256, start_s=20 * trip_s)
    assert link.carried > 0.8 * rate / 8 * 60
    waits, block_s = sorted(link.queues), BLOCK * 8 / rate
    assert waits[int(0.99 * len(waits))] < 0.05 + 0.2 * trip_s + 2.5 * block_s
    assert max(waits) < 0.1 + 0.35 * trip_s + 3 * block_s


@pytest.mark.parametrize(("mbit_s", "trip_s"), [(10, 0.08), (10, 0.3), (10, 0.6), (100, 0.04)])
def test_over_a_wide_link_a_window_of_blocks_is_filled_and_no_queue(mbit_s: int, trip_s: float) -> None:
    window, seconds = 256, 5.0
    link = drained(Pace(), mbit_s * 1e6, trip_s, seconds, window, start_s=30 * trip_s)
    most = min(mbit_s * 1e6 / 8, (window - 16) * BLOCK / trip_s)
    assert link.carried > 0.8 * most * seconds
    waits = sorted(link.queues)
    assert waits[int(0.99 * len(waits))] < 0.05 + 0.2 * trip_s


def test_blocks_of_a_backlog_that_begins_leave_one_by_one_over_the_round_trip() -> None:
    sender = Sender(pace=Pace(bytes=5 * BLOCK))
    sender.recovered(A, [(0, 99)])
    sender.online()
    sender.to_send(Instant(0))
    sender.receipted(A, [(0, 0)], Instant(SECOND))
    burst = len(sender.to_send(Instant(SECOND)))
    sender.departed({BlockRef(A, n): BLOCK for n in range(9)}, Instant(SECOND))
    assert burst == 1
    timer = sender.next_timer()
    assert timer is not None
    assert SECOND < timer < 1.5 * SECOND
    assert not sender.to_send(Instant(timer - 1))
    assert len(sender.to_send(timer)) == 1


def test_small_live_blocks_do_not_make_the_backlog_s_seem_small() -> None:
    """Else a pause would be taken for room for a dozen of them, each ten times as large."""
    link = drained(Pace(), 64_000, 0.6, 60)
    assert max(link.queues) < 1.2


def test_a_path_whose_delay_rises_is_not_taken_for_one_that_loses() -> None:
    """Over TCP nothing is lost on the way: what is sent twice only makes the queue longer."""
    trip = RoundTrip()
    for _ in range(50):
        trip.measured(SECOND)
    assert trip.timeout(1) >= 2 * SECOND


def test_what_was_sent_twice_in_vain_teaches_to_wait() -> None:
    """A queue of seconds that somebody else made: else each block is sent again and again for ever."""
    sender, again = Sender(), list[BlockRef]()
    sender.online()
    for number in range(40):
        at, late = Instant(number * 4 * SECOND), Instant((number * 4 + 3) * SECOND)
        sender.accepted(A, number)
        sender.to_send(at)
        again = sender.to_send(late)
        sender.receipted(A, [(number, number)], Instant(late + 1))
    assert not again


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


class Hop:
    """A next hop that has each block 10 ms after it left, and a database behind it that takes `store_s`."""

    def __init__(self, sender: Sender, store_s: float) -> None:
        self.sender, self.store_ns = sender, int(store_s * SECOND)
        self.now = Instant(0)
        self.carried = 0
        self.most = 0

    def run(self, seconds: float) -> None:
        events: list[tuple[int, int, int, BlockRef, Instant]] = []
        while self.now < seconds * SECOND:
            refs = self.sender.to_send(self.now)
            self.sender.departed(dict.fromkeys(refs, BLOCK), self.now)
            for ref in refs:
                heapq.heappush(events, (self.now + SECOND // 100, 0, ref.number, ref, self.now))
            timer = max(self.sender.next_timer() or SECOND**2, self.now + 1)
            self.now = Instant(min(timer, events[0][0] if events else timer))
            while events and events[0][0] <= self.now:
                at, stored, number, ref, sent = heapq.heappop(events)
                if stored:
                    self.carried += 1
                    self.sender.receipted(ref.journal, [(number, number)], self.now)
                else:
                    self.sender.delivered(ref, sent, self.now)
                    heapq.heappush(events, (at + self.store_ns, 1, number, ref, sent))


def through_a_hop(store_s: float) -> Hop:
    sender = Sender(pace=Pace(), window=240)
    sender.recovered(A, [(0, 99_999)])
    sender.online()
    hop = Hop(sender, store_s)
    hop.run(5)
    return hop


def test_a_database_that_takes_long_is_no_queue_on_the_path() -> None:
    quick, slow = through_a_hop(0.005), through_a_hop(0.3)
    assert quick.carried > 5_000
    # The window of 224 blocks without a receipt is what holds it up now: 0.31 s each.
    assert slow.carried > 0.8 * 224 / 0.31 * 5 - 224


def test_a_block_that_the_next_hop_has_leaves_its_place_and_is_sent_again_if_no_receipt_comes() -> None:
    sender = Sender(pace=Pace())
    sender.recovered(A, [(0, 9)])
    sender.online()
    (first,) = sender.to_send(Instant(0))
    sender.departed({first: 4096}, Instant(0))
    assert sender.to_send(Instant(1)) == []
    sender.delivered(first, Instant(0), Instant(1_000))
    later = sender.to_send(Instant(2_000_000))
    assert later[0] == BlockRef(A, 1)
    assert first in sender.to_send(Instant(40 * SECOND))


def test_what_has_no_receipt_never_exceeds_four_megabytes() -> None:
    sender = Sender(window=240)
    sender.recovered(A, [(0, 999)])
    sender.online()
    for _ in range(40):
        refs = sender.to_send(Instant(0))
        sender.departed(dict.fromkeys(refs, 100_000), Instant(0))
        for ref in refs:
            sender.delivered(ref, Instant(0), Instant(1))
    assert sender.to_send(Instant(0)) == []
    sent = sum(1 for n in range(1000) if sender._flights.get(BlockRef(A, n)))
    assert 4_000_000 <= sent * 100_000 <= 4_000_000 + 240 * 100_000
