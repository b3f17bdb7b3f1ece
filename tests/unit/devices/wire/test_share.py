"""Four lanes through one narrow link, in virtual time: what is urgent is quick, the rest follows."""

import heapq
import math
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.model.observation import Instant
from devices.wire.block import Lane
from devices.wire.flights import BlockRef
from devices.wire.pace import Pace
from devices.wire.share import (
    LONGEST_WAIT_NS,
    NARROW,
    SECOND_CHOICE,
    WIDE_AGAIN,
    Share,
    backlog,
    is_too_narrow,
    wait_ns,
)
from devices.wire.stream import SECOND, Sender

J = b"j" * 8
OVERHEAD = 110
"""Bytes that a block has beside its own on the link."""


@dataclass
class Load:
    """Blocks of `size` bytes each `every_s`."""

    lane: Lane
    every_s: float
    size: int
    second: bool = False


VEHICLE = (
    Load(Lane.ALERT, 3.0, 120),
    Load(Lane.VITAL, 1.0, 230),
    Load(Lane.WAVE, 1.0, 380),
    Load(Lane.WAVE, 1.0, 640, second=True),
)


@dataclass
class World:
    """Senders of one share before a link of `rate` bytes a second and a free round trip of `trip_s`."""

    rate: float
    share: Share | None
    trip_s: float = 0.08
    now: int = 0
    free: int = 0
    carried: int = 0
    events: list[tuple[int, int, tuple[Any, ...]]] = field(default_factory=list)
    made: dict[tuple[Lane, int], tuple[int, Load]] = field(default_factory=dict)
    delays_s: dict[tuple[Lane, bool], list[float]] = field(default_factory=dict)
    arrived: list[tuple[Lane, int]] = field(default_factory=list)
    senders: dict[Lane, Sender] = field(init=False)
    order: count = field(default_factory=count)
    backlog_size: int = 1000
    looks: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.senders = {
            lane: Sender(lane=lane, share=self.share, pace=None if lane == Lane.ALERT else Pace())
            for lane in Lane
        }
        for lane, sender in self.senders.items():
            if self.share is not None:
                self.share.join(lane, sender)
            sender.online()

    def at(self, when: int, *event: object) -> None:
        heapq.heappush(self.events, (when, next(self.order), event))

    def run(self, seconds: float, loads: tuple[Load, ...] = VEHICLE) -> "World":
        end = self.now + int(seconds * SECOND)
        for n, load in enumerate(loads):
            self.at(self.now + n * SECOND // 10, "make", load, end)
        self._pump()
        while self.events and self.events[0][0] <= end:
            self.now, _, (what, *told) = heapq.heappop(self.events)
            {"make": self._make, "answer": self._answer, "look": lambda: None}[what](*told)
            self._pump()
        self.now = end
        return self

    def _make(self, load: Load, end: int) -> None:
        number = sum(1 for lane, _ in self.made if lane == load.lane) + 100_000
        self.made[load.lane, number] = self.now, load
        self.senders[load.lane].accepted(J, number, second=load.second)
        if self.now + load.every_s * SECOND < end:
            self.at(self.now + int(load.every_s * SECOND), "make", load, end)

    def _answer(self, lane: Lane, ref: BlockRef, sent: int, size: int, company: int) -> None:
        sender, now = self.senders[lane], Instant(self.now)
        sender.delivered(ref, Instant(sent), now)
        if self.share is not None:
            self.share.measured(now, self.now - sent, size, company)
        sender.receipted(J, [(ref.number, ref.number)], now)
        self.arrived.append((lane, ref.number))
        if (lane, ref.number) in self.made:
            began, load = self.made[lane, ref.number]
            self.delays_s.setdefault((lane, load.second), []).append((self.now - began) / SECOND)

    def _pump(self) -> None:
        for lane, sender in self.senders.items():
            refs = sender.to_send(Instant(self.now))
            sizes = {ref: self._size(lane, ref) for ref in refs}
            sender.departed(sizes, Instant(self.now))
            for ref, size in sizes.items():
                self.free = max(self.free, self.now) + int((size + OVERHEAD) / self.rate * SECOND)
                self.carried += size + OVERHEAD
                company = 0 if self.share is None else self.share.left
                arrives = self.free + int(self.trip_s * SECOND)
                self.at(arrives, "answer", lane, ref, self.now, size, company)
            timer = sender.next_timer()
            if timer is not None and timer > self.now and timer not in self.looks:
                self.looks.add(timer)
                self.at(timer, "look")

    def _size(self, lane: Lane, ref: BlockRef) -> int:
        made = self.made.get((lane, ref.number))
        return self.backlog_size if made is None else made[1].size

    def worst(self, lane: Lane, *, second: bool = False) -> float:
        return max(self.delays_s[lane, second])

    def median(self, lane: Lane, *, second: bool = False) -> float:
        delays = sorted(self.delays_s[lane, second])
        return delays[len(delays) // 2]


def after_a_tunnel(rate: float, share: Share | None, seconds: float = 120) -> World:
    """A backlog of numerics and of waveforms, and the vehicle's usual load."""
    world = World(rate, share)
    world.senders[Lane.VITAL].recovered(J, [(0, 19)])
    world.senders[Lane.WAVE].recovered(J, [(0, 999)])
    return world.run(seconds)


@pytest.mark.parametrize("rate", [2_000, 8_000, 32_000])
def test_an_alert_is_quick_behind_full_lanes_and_it_would_not_be_without_a_share(rate: float) -> None:
    ours, without = after_a_tunnel(rate, Share()), after_a_tunnel(rate, None)
    assert ours.median(Lane.ALERT) < 0.25 + 1_100 / rate
    assert ours.worst(Lane.ALERT) < without.worst(Lane.ALERT) or without.worst(Lane.ALERT) < 0.4
    assert ours.median(Lane.ALERT) <= without.median(Lane.ALERT)


def test_at_16_kbit_the_numerics_and_the_waveform_that_matters_stay_live() -> None:
    world = after_a_tunnel(2_000, Share())
    assert world.median(Lane.VITAL) < 1
    assert world.median(Lane.WAVE) < 1.5
    without = after_a_tunnel(2_000, None)
    assert without.median(Lane.VITAL) > 2 * world.median(Lane.VITAL)


def test_other_waveforms_wait_for_the_one_that_matters() -> None:
    world = World(1_200, Share()).run(120)
    assert world.median(Lane.WAVE) < 2
    delivered = {second: len(world.delays_s.get((Lane.WAVE, second), [])) for second in (False, True)}
    assert delivered[True] < delivered[False]


def test_the_backlog_has_what_is_left_of_a_link() -> None:
    world = after_a_tunnel(8_000, Share())
    assert world.carried > 0.7 * 120 * 8_000
    assert any(lane == Lane.WAVE and number < 1000 for lane, number in world.arrived)


@pytest.mark.parametrize(("rate", "trip_s"), [(28_000, 0.28), (8_000, 0.28), (8_000, 0.6)])
def test_the_backlog_has_what_is_left_of_a_long_link_and_alerts_are_as_quick(
    rate: float, trip_s: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With half of the window, at every rate, a backlog had half to three quarters of it."""

    def drained() -> World:
        world = World(rate, Share(), trip_s)
        world.senders[Lane.WAVE].recovered(J, [(0, 3999)])
        return world.run(60)

    ours = drained()
    assert ours.carried > 0.8 * 60 * rate
    for name, value in {"_later": 0.5, "_holds": True}.items():
        monkeypatch.setattr(Share, name, property(lambda _, value=value: value, lambda *_: None))
    before = drained()
    assert before.carried < 0.8 * 60 * rate
    assert ours.median(Lane.ALERT) < before.median(Lane.ALERT) + 0.2, "one block of the backlog more"


def test_older_numerics_go_before_other_waveforms_and_older_waveforms_after_them() -> None:
    assert backlog(Lane.VITAL) < SECOND_CHOICE + Lane.WAVE < backlog(Lane.WAVE) < backlog(Lane.BULK)


def test_a_wide_link_is_not_held_back() -> None:
    ours, without = after_a_tunnel(12_500_000, Share(), 10), after_a_tunnel(12_500_000, None, 10)
    assert len(ours.arrived) == len(without.arrived)


def test_a_lane_that_waits_for_a_lost_packet_holds_up_no_more_urgent_one() -> None:
    share = Share()
    world = World(2_000, share).run(30)
    stuck = [BlockRef(J, 900_000 + n) for n in range(3)]
    for ref in stuck:
        world.senders[Lane.WAVE].accepted(J, ref.number)
    share.beside(0)
    world.senders[Lane.WAVE].to_send(Instant(world.now))
    assert share.allows(Lane.VITAL, Lane.VITAL)
    assert not share.allows(Lane.BULK, backlog(Lane.BULK))


@settings(max_examples=25, deadline=None)
@given(
    rate=st.floats(500, 500_000),
    trip_s=st.floats(0.01, 0.8),
    size=st.integers(100, 4000),
    waves=st.integers(0, 60),
)
def test_at_any_rate_all_of_it_arrives_once_what_is_new_ends(
    rate: float, trip_s: float, size: int, waves: int
) -> None:
    """Whatever the share holds back now, it lets go later: no lane waits for ever."""
    world = World(rate, Share(), trip_s, backlog_size=size)
    world.senders[Lane.WAVE].recovered(J, [(0, waves)])
    world.senders[Lane.BULK].recovered(J, [(0, 5)])
    world.run(10)
    world.run(60 + (waves + 60) * (size + OVERHEAD + 900) / rate + (waves + 60) * 3 * trip_s, ())
    assert [sender.pending() for sender in world.senders.values()] == [0] * 4


@given(st.lists(st.tuples(st.integers(1, 10**11), st.integers(1, 10**6), st.integers(0, 10**6)), max_size=60))
def test_whatever_is_measured_an_idle_path_takes_a_block_of_any_lane(
    told: list[tuple[int, int, int]],
) -> None:
    share = Share()
    now = Instant(0)
    for trip, size, more in told:
        now = Instant(now + trip)
        share.measured(now, trip, size, size + more)
    assert share.window >= 256
    assert all(
        share.allows(lane, rank) for lane in Lane for rank in (lane, SECOND_CHOICE + lane, backlog(lane))
    )
    assert share.rate is None or share.rate > 0


@pytest.mark.parametrize("rate", [2_000, 8_000, 32_000])
def test_the_rate_is_found_while_something_waits(rate: float) -> None:
    """To a factor of two: that is enough to tell what fits."""
    share = Share()
    after_a_tunnel(rate, share, 5)
    assert share.rate is not None
    assert rate / 2 < share.rate < rate * 2


def test_records_wait_longer_the_narrower_the_link_is_but_no_longer_than_a_second() -> None:
    assert wait_ns(100, None) == 100
    assert wait_ns(0, 1.0) == 0, "an alert waits for nothing"
    waits = [wait_ns(100_000_000, rate) for rate in (32_000, 8_000, 2_000, 100)]
    assert waits == [100_000_000, pytest.approx(250_000_000), LONGEST_WAIT_NS, LONGEST_WAIT_NS]


@given(st.floats(1, 1e9))
def test_a_path_between_the_two_bounds_stays_what_it_was(rate: float) -> None:
    if NARROW <= rate < WIDE_AGAIN:
        assert is_too_narrow(rate, True)
        assert not is_too_narrow(rate, False)
    else:
        assert is_too_narrow(rate, True) == is_too_narrow(rate, False) == (rate < NARROW)
    assert not is_too_narrow(None, True)
    assert not is_too_narrow(math.inf, True)


def test_after_an_outage_a_longer_path_is_not_taken_for_a_queue() -> None:
    """Against trips of 1 ms each one of 317 ms looked like a queue: 256 bytes were under way for seconds."""
    quick = [(1_000_000, 300)] * 8

    def carried(*, before: bool) -> float:
        share = Share()
        if before:  # the lanes of the world join after these
            share._free.extend(quick)
        world = World(28_000, share, 0.317)
        if not before:
            share._free.extend(quick)
        world.senders[Lane.WAVE].recovered(J, [(0, 999)])
        return world.run(3).carried / (3 * 28_000)

    assert carried(before=True) > 0.6
    assert carried(before=False) < 0.3


def test_who_was_held_back_is_told_when_the_path_turns_out_to_be_wide() -> None:
    """It has no timer, and with nothing else to send nobody would wake it."""
    told: list[bool] = []
    share = Share()
    share.freed = lambda: told.append(share.holds_back)
    now = 0
    for trip_s in (0.001, 3.0, 3.0, 3.0):  # a queue
        now += int(trip_s * SECOND)
        share.measured(Instant(now), int(trip_s * SECOND), 400, 4000)
    assert share.holds_back
    for _ in range(20):  # nothing waits any more
        now += SECOND
        share.measured(Instant(now), 1_000_000, 400, 400)
    assert not share.holds_back
    assert told[-1] is False


def test_who_waits_for_a_lane_that_leaves_is_told() -> None:
    told: list[bool] = []
    share, urgent = Share(window=1024.0), Sender(lane=Lane.VITAL)
    share.freed = lambda: told.append(True)
    urgent.online()
    urgent.accepted(J, 1)
    share.join(Lane.VITAL, urgent)
    assert not share.allows(Lane.WAVE, Lane.WAVE)
    share.leave(Lane.VITAL)
    assert told
    assert share.allows(Lane.WAVE, Lane.WAVE)


def test_a_path_that_was_slow_to_connect_is_narrow_from_the_first_block_on() -> None:
    def first_second(*, is_slow: bool) -> int:
        share = Share()
        world = World(2_000, share)
        share.join(Lane.ALERT, world.senders[Lane.ALERT], is_slow=is_slow)
        world.senders[Lane.WAVE].recovered(J, [(0, 99)])
        return world.run(1).carried

    assert first_second(is_slow=True) < first_second(is_slow=False) / 2
