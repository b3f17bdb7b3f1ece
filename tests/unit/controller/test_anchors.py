"""Times follow what messages tell of two clocks, and keep the order in which things were said."""

import random
from collections.abc import Iterator

import hypothesis.strategies as st
import pytest
from hypothesis import given

from controller.anchors import LIVE_LEAST, SETTLING_US, Anchor, Anchors, Lower, Shift
from devices.wire.block import BlockClock, Sync

SECOND = 1_000_000
START_US = 2_000_000_000 * SECOND
BOUND_US = SECOND // 2


def clock(boot: int, mono_us: int) -> BlockClock:
    return BlockClock(bytes([boot] * 16), mono_us, None, Sync.UNSET, None)


def at_of(anchors: Anchors, boot: int, mono_us: int) -> int:
    """Where the gateway's boot puts a monotonic time."""
    return anchors._known["ward-a", bytes([boot] * 16)].line.at(mono_us)


class Rows:
    """What the store would hold: rows are stamped as they arrive, and moved as the anchor says."""

    def __init__(self, anchor: Anchor) -> None:
        self.anchor = anchor
        self.at: dict[int, int] = {}

    def arrive(self, mono_us: int, at_us: int, *, live: bool = False) -> None:
        """A message with one record, sealed at once."""
        self.anchor.heard(mono_us, at_us, live=live)
        for change in self.anchor.changes:
            match change:
                case Shift(by_us):
                    self.at = {mono: at + by_us for mono, at in self.at.items()}
                case Lower(after_us, offset_us):
                    after = -1 if after_us is None else after_us
                    self.at |= {m: min(at, m + offset_us) for m, at in self.at.items() if m > after}
        self.anchor.saved()
        self.at[mono_us] = self.anchor.line.at(mono_us)


MESSAGES = st.lists(
    st.tuples(st.integers(1, 30 * SECOND), st.integers(0, 3600 * SECOND), st.booleans()),
    min_size=1,
    max_size=40,
)


@given(MESSAGES)
def test_the_stored_order_is_that_of_being_said_whatever_arrives_how_late(
    messages: list[tuple[int, int, bool]],
) -> None:
    mono, arrivals = 0, list[tuple[int, int, bool]]()
    for step, late, live in messages:
        mono += step
        arrivals.append((START_US + mono + (late % SECOND if live else late), mono, live))
    arrivals.sort()
    first_us, first_mono, _ = arrivals[0]
    rows = Rows(Anchor(b"", "ward-a", first_us - first_mono, first_us))
    for at_us, mono_us, live in arrivals:
        rows.arrive(mono_us, at_us, live=live)
    in_order = [rows.at[mono_us] for mono_us in sorted(rows.at)]
    assert in_order == sorted(in_order)
    assert all(at >= START_US + mono_us - 1 for mono_us, at in rows.at.items())


def live_for(rows: Rows, seconds: float, rate: float = 1.0, wait_us: int = 5000) -> Iterator[tuple[int, int]]:
    """Ten readings and a state each second, of a clock that runs at `rate`. Gives (true time, mono)."""
    rng, began = random.Random(1), max(rows.at, default=0)
    for tick in range(1, int(seconds * 10)):
        true = tick * SECOND // 10
        mono = began + int(true * rate)
        rows.arrive(mono, START_US + true + wait_us + rng.randrange(30_000), live=tick % 10 == 0)
        yield true, mono


@pytest.mark.parametrize("ppm", [500, -500, 50, -50])
def test_clocks_that_drift_apart_keep_their_times_right_and_in_order(ppm: int) -> None:
    rows = Rows(Anchor(b"", "ward-a", START_US + 20_000, START_US))
    said = {mono: true for true, mono in live_for(rows, 3600, 1 + ppm / 1e6)}
    errors = [rows.at[mono] - START_US - true for mono, true in said.items()]
    assert max(map(abs, errors)) < BOUND_US
    in_order = [rows.at[mono] for mono in sorted(said)]
    assert in_order == sorted(in_order)


def test_a_paused_host_is_noticed_by_live_messages_and_no_backlog_is_taken_for_one() -> None:
    anchor = Anchor(b"", "ward-a", START_US, START_US)
    for second in range(1, 10):
        anchor.heard(second * SECOND, START_US + (second + 3600) * SECOND)
    assert anchor.offset_us - START_US < SECOND
    for second in range(10, 10 + LIVE_LEAST):
        anchor.heard(second * SECOND, START_US + (second + 3600) * SECOND, live=True)
    assert anchor.offset_us - START_US == 3600 * SECOND
    assert anchor.line.at(5 * SECOND) < START_US + 6 * SECOND
    assert anchor.line.at(50 * SECOND) == START_US + 3650 * SECOND


def test_a_first_message_that_was_late_moves_with_the_next_one() -> None:
    anchors = Anchors()
    anchors.heard("ward-a", clock(1, SECOND), START_US + SECOND + 200_000)
    [anchor] = anchors.heard("ward-a", clock(1, 2 * SECOND), START_US + 2 * SECOND)
    assert anchor.changes == [Shift(-200_000)]
    assert at_of(anchors, 1, SECOND) == START_US + SECOND


def test_blocks_of_an_ended_boot_are_not_younger_than_the_present_one() -> None:
    anchors = Anchors()
    anchors.heard("ward-a", clock(2, 10 * SECOND), START_US + 10 * SECOND, live=True)
    anchors.heard("ward-a", clock(1, 500 * SECOND), START_US + 11 * SECOND)
    assert at_of(anchors, 1, 500 * SECOND) == START_US


def test_an_ended_boot_that_was_heard_first_moves_before_the_present_one() -> None:
    anchors = Anchors()
    anchors.heard("ward-a", clock(1, 500 * SECOND), START_US + 9 * SECOND)
    told = anchors.heard("ward-a", clock(2, 10 * SECOND), START_US + 10 * SECOND, live=True)
    assert [anchor.boot[0] for anchor in told] == [2, 1]
    assert at_of(anchors, 1, 500 * SECOND) == START_US


def test_a_boot_that_ended_long_ago_and_was_heard_then_stays_where_it_was() -> None:
    anchors = Anchors()
    anchors.heard("ward-a", clock(1, 500 * SECOND), START_US, live=True)
    anchors.heard("ward-a", clock(2, 10 * SECOND), START_US + 3600 * SECOND, live=True)
    anchors.heard("ward-a", clock(1, 400 * SECOND), START_US + 3601 * SECOND)
    assert at_of(anchors, 1, 500 * SECOND) == START_US


def test_a_new_boot_whose_blocks_overtake_its_first_state_is_not_taken_for_an_ended_one_for_long() -> None:
    anchors = Anchors()
    anchors.heard("ward-a", clock(1, 500 * SECOND), START_US, live=True)
    anchors.heard("ward-a", clock(2, 10 * SECOND), START_US + 100 * SECOND)
    anchors.heard("ward-a", clock(2, 11 * SECOND), START_US + 101 * SECOND, live=True)
    assert at_of(anchors, 2, 10 * SECOND) == START_US + 100 * SECOND


def test_another_gateway_ends_no_boot() -> None:
    anchors = Anchors()
    anchors.heard("ward-b", clock(2, 10 * SECOND), START_US + 10 * SECOND, live=True)
    anchors.heard("ward-a", clock(1, 500 * SECOND), START_US + 11 * SECOND)
    assert at_of(anchors, 1, 500 * SECOND) == START_US + 11 * SECOND


@pytest.mark.parametrize("jump_us", [-86_400 * SECOND, 3600 * SECOND])
def test_an_offset_of_another_time_scale_is_learned_from_the_first_live_message(jump_us: int) -> None:
    rows = Rows(Anchor(b"", "ward-a", START_US, START_US))
    rows.arrive(SECOND, START_US + SECOND)
    rows.anchor.settled = False  # a start of the controller in another scale
    rows.arrive(2 * SECOND, START_US + jump_us + 3 * SECOND)
    rows.arrive(4 * SECOND, START_US + jump_us + 5 * SECOND, live=True)
    assert rows.at == {mono * SECOND: START_US + jump_us + (mono + 1) * SECOND for mono in (1, 2, 4)}
    rows.arrive(6 * SECOND, START_US + jump_us + 6 * SECOND, live=True)  # it had been late, too
    assert rows.at[SECOND] == START_US + jump_us + SECOND
    assert rows.anchor.settling_until_us > SETTLING_US
