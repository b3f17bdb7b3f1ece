"""Whatever the network and the two ends do, each accepted block ends in the ledger exactly once."""

import random

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from devices.model.observation import Instant
from devices.wire.pace import Pace
from devices.wire.ranges import Ranges
from devices.wire.stream import SECOND, BlockRef, Receiver, RoundTrip, Sender

Receipt = tuple[bytes, tuple[tuple[int, int], ...]]


class Wire(RuleBasedStateMachine):
    """A gateway with a disk, a network that does as it likes, a controller with a disk."""

    @initialize()
    def start(self) -> None:
        self.now = Instant(0)
        self.disk: dict[bytes, Ranges] = {}
        """What the gateway's journal holds, by journal."""
        self.accepted: set[BlockRef] = set()
        self.ledger: dict[bytes, Ranges] = {}
        """What the controller has committed."""
        self.commits: list[BlockRef] = []
        self.up: list[BlockRef] = []
        self.down: list[Receipt] = []
        self.starts = 0
        self.start_gateway()
        self.start_controller()

    def start_gateway(self) -> None:
        self.starts += 1
        self.journal, self.number = self.starts.to_bytes(8, "big"), 0
        self.sender = Sender(window=8, reserve=3, pace=Pace())
        for journal, ranges in self.disk.items():
            self.sender.recovered(journal, ranges)
        self.sender.online()

    def start_controller(self) -> None:
        self.receivers = {
            journal: Receiver(committed=Ranges(ranges)) for journal, ranges in self.ledger.items()
        }

    @rule(blocks=st.integers(1, 12))
    def accept(self, blocks: int) -> None:
        for _ in range(blocks):
            self.disk.setdefault(self.journal, Ranges()).add(self.number, self.number)
            self.accepted.add(BlockRef(self.journal, self.number))
            self.sender.accepted(self.journal, self.number)
            self.number += 1

    @rule()
    def send(self) -> None:
        going = self.sender.to_send(self.now)
        self.sender.departed({ref: 100 + 1000 * (ref.number % 5) for ref in going}, self.now)
        self.up += going

    @rule(seconds=st.integers(1, 40))
    def wait(self, seconds: int) -> None:
        self.now = Instant(self.now + seconds * SECOND)

    @rule(data=st.data(), copies=st.integers(0, 2))
    def network_delivers_any_message_none_once_or_twice(self, data: st.DataObject, copies: int) -> None:
        if self.up:
            ref = self.up.pop(data.draw(st.integers(0, len(self.up) - 1)))
            for _ in range(copies):
                self.controller_receives(ref)

    @rule(data=st.data(), copies=st.integers(0, 2))
    def network_delivers_any_receipt_none_once_or_twice(self, data: st.DataObject, copies: int) -> None:
        if self.down:
            journal, ranges = self.down.pop(data.draw(st.integers(0, len(self.down) - 1)))
            for _ in range(copies):
                self.gateway_receives(journal, ranges)

    @rule()
    def connection_breaks(self) -> None:
        self.sender.offline()
        self.up.clear()
        self.sender.online()

    @rule()
    def gateway_is_offline_for_a_while(self) -> None:
        self.sender.offline()
        self.accept(3)
        assert self.sender.to_send(self.now) == []
        self.sender.online()

    @rule()
    def gateway_dies(self) -> None:
        self.start_gateway()

    @rule()
    def controller_dies(self) -> None:
        self.start_controller()

    @rule(data=st.data())
    def controller_dies_after_commit_and_before_receipt(self, data: st.DataObject) -> None:
        if self.up:
            self.controller_receives(self.up.pop(data.draw(st.integers(0, len(self.up) - 1))))
            self.down.clear()
            self.start_controller()

    def controller_receives(self, ref: BlockRef) -> None:
        receiver = self.receivers.setdefault(ref.journal, Receiver())
        if not receiver.has(ref.number):
            self.commits.append(ref)
            self.ledger.setdefault(ref.journal, Ranges()).add(ref.number, ref.number)
            receiver.committed.add(ref.number, ref.number)
        self.down.append((ref.journal, receiver.receipt([ref.number])[0]))

    def gateway_receives(self, journal: bytes, ranges: tuple[tuple[int, int], ...]) -> None:
        for first, last in self.sender.receipted(journal, ranges, self.now):
            self.disk[journal].remove(first, last)

    @invariant()
    def nothing_is_committed_twice(self) -> None:
        assert len(self.commits) == len(set(self.commits))

    @invariant()
    def nothing_is_invented(self) -> None:
        assert set(self.commits) <= self.accepted

    @invariant()
    def what_the_gateway_forgot_is_committed(self) -> None:
        forgotten = {ref for ref in self.accepted if ref.number not in self.disk[ref.journal]}
        assert forgotten <= set(self.commits)

    @invariant()
    def sender_and_disk_agree(self) -> None:
        assert self.sender.pending() == sum(len(ranges) for ranges in self.disk.values())

    def teardown(self) -> None:
        """A quiet network brings everything home."""
        if not hasattr(self, "sender"):
            return
        for _ in range(1000):
            if not self.sender.pending():
                break
            self.send()
            while self.up:
                self.controller_receives(self.up.pop(0))
            while self.down:
                self.gateway_receives(*self.down.pop(0))
            self.now = self.sender.next_timer() or self.now
        assert set(self.commits) == self.accepted
        self.nothing_is_committed_twice()


Wire.TestCase.settings = settings(max_examples=300, stateful_step_count=60, deadline=None)
TestWire = Wire.TestCase

A, B = b"a" * 8, b"b" * 8


def online(**options: int) -> Sender:
    sender = Sender(**options)
    sender.online()
    return sender


def test_live_blocks_go_before_a_backlog() -> None:
    sender = online(window=8, reserve=2)
    sender.recovered(A, [(0, 99)])
    sender.accepted(B, 0)
    assert sender.to_send(Instant(0))[0] == BlockRef(B, 0)


def test_a_backlog_leaves_room_for_what_is_new() -> None:
    sender = online(window=8, reserve=2)
    sender.recovered(A, [(0, 99)])
    assert len(sender.to_send(Instant(0))) == 6
    sender.accepted(B, 0)
    sender.accepted(B, 1)
    assert sender.to_send(Instant(1)) == [BlockRef(B, 0), BlockRef(B, 1)]


def test_a_backlog_is_sent_oldest_first() -> None:
    sender = online(window=8, reserve=0)
    sender.recovered(A, [(3, 4)])
    sender.recovered(B, [(0, 1)])
    assert sender.to_send(Instant(0)) == [BlockRef(A, 3), BlockRef(A, 4), BlockRef(B, 0), BlockRef(B, 1)]


def test_the_window_is_never_exceeded_by_live_blocks() -> None:
    sender = online(window=4, reserve=1)
    for number in range(20):
        sender.accepted(A, number)
    assert len(sender.to_send(Instant(0))) == 4
    assert sender.to_send(Instant(1)) == []


def test_nothing_is_sent_while_the_controller_is_away() -> None:
    sender = Sender()
    sender.accepted(A, 0)
    assert sender.to_send(Instant(0)) == []
    assert sender.next_timer() is None


def test_a_block_without_a_receipt_is_sent_again_when_its_time_is_up() -> None:
    sender = online()
    sender.accepted(A, 0)
    sender.to_send(Instant(0))
    due = sender.next_timer()
    assert due is not None
    assert sender.to_send(Instant(due - 1)) == []
    assert sender.to_send(due) == [BlockRef(A, 0)]


def test_resending_waits_longer_each_time_up_to_a_limit() -> None:
    trip = RoundTrip()
    trip.measured(SECOND)
    waits = [trip.timeout(tries) for tries in range(1, 9)]
    assert waits == sorted(waits)
    assert waits[1] == 2 * waits[0]
    assert waits[-1] == trip.longest


def test_a_slow_link_stretches_the_time_before_resending() -> None:
    slow, quick = RoundTrip(), RoundTrip()
    for _ in range(20):
        slow.measured(4 * SECOND)
        quick.measured(SECOND // 100)
    assert slow.timeout(1) > 4 * SECOND > quick.timeout(1) >= quick.shortest


def test_a_resent_block_measures_the_round_trip_from_its_first_sending() -> None:
    sender = online()
    sender.accepted(A, 0)
    sender.to_send(Instant(0))
    sender.to_send(sender.next_timer() or Instant(0))
    sender.receipted(A, [(0, 0)], Instant(7 * SECOND))
    assert sender.trip.smoothed == 7 * SECOND


def test_a_receipt_that_was_lost_for_minutes_is_no_round_trip_of_minutes() -> None:
    trip = RoundTrip()
    trip.measured(600 * SECOND)
    assert trip.smoothed == trip.longest


def test_a_shed_block_is_neither_sent_nor_pending() -> None:
    sender = Sender()
    sender.recovered(A, [(0, 9)])
    sender.shed(A, 0, 4)
    sender.online()
    assert sender.pending() == 5
    assert sender.oldest() == BlockRef(A, 5)
    assert BlockRef(A, 4) not in sender.to_send(Instant(0))


def test_a_shed_block_does_not_measure_the_round_trip() -> None:
    sender = online()
    sender.accepted(A, 0)
    sender.to_send(Instant(SECOND))
    sender.shed(A, 0, 0)
    assert sender.trip.smoothed is None


def test_a_receipt_for_a_journal_that_is_gone_changes_nothing() -> None:
    sender = online()
    sender.accepted(A, 0)
    assert sender.receipted(B, [(0, 0)], Instant(0)) == []
    assert sender.pending() == 1


def test_a_receipt_is_as_wide_as_what_the_ledger_holds() -> None:
    receiver = Receiver(committed=Ranges([(0, 7), (9, 9)]), quarantined=Ranges([(8, 8)]))
    assert receiver.receipt([3, 8]) == (((0, 7),), ((8, 8),))


def test_a_million_blocks_of_backlog_stay_a_few_ranges() -> None:
    sender = online(window=64, reserve=16)
    sender.recovered(A, [(0, 999_999)])
    rng = random.Random(1)
    for _ in range(50):
        sent = sender.to_send(Instant(0))
        for ref in rng.sample(sent, len(sent)):
            sender.receipted(A, [(ref.number, ref.number)], Instant(1))
    assert sender.pending() == 1_000_000 - 50 * 48
