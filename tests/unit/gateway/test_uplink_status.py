"""What of a lane is live, and how long the rest takes."""

from hypothesis import given
from hypothesis import strategies as st

from devices.model.observation import Instant
from devices.wire.block import BlockClock, Sync
from devices.wire.live import LIVE_US, is_live, status
from devices.wire.messages import GatewayState, LaneNow, pack_message, read_gateway_state
from gateway.uplink_status import Later

S = 1_000_000_000
CLOCK = BlockClock(bytes(16), 5, None, Sync.UNSET, None)
NUMBERS = st.integers(0, 2**40)
LANES = st.builds(LaneNow, st.none() | NUMBERS, NUMBERS, st.none() | NUMBERS)


def told(later: Later, *blocks: int) -> int | None:
    for second, count in enumerate(blocks):
        later.now(count, Instant(second * S))
    return later.seconds


def test_a_backlog_that_shrinks_by_two_blocks_a_second_is_there_in_half_as_many_seconds() -> None:
    assert told(Later(), *range(100, 80, -2)) == 41


def test_a_backlog_that_does_not_shrink_or_was_seen_too_shortly_has_no_end_that_is_known() -> None:
    assert told(Later(), 50, 50, 51, 52, 53, 54) is None
    assert told(Later(), 50, 40) is None


def test_without_a_backlog_nothing_is_to_come() -> None:
    assert told(Later(), 3, 0) == 0


def test_a_lane_is_live_while_the_newest_that_arrived_is_of_now_or_nothing_waits() -> None:
    assert is_live(LaneNow(LIVE_US, 9, None), 9)
    assert not is_live(LaneNow(LIVE_US + 1, 9, None), 9)
    assert is_live(LaneNow(None, 0, 0), 0)
    assert not is_live(LaneNow(None, 4, None), 4)


def test_both_ends_say_the_same_by_lane() -> None:
    lanes = (LaneNow(1_000, 0, 0), LaneNow(None, 0, 0), LaneNow(2_000_000, 7, 90), LaneNow(None, 0, 0))
    made = status((0, 0, 9, 0), (None, None, 180_000_000, None), lanes, [("monitor", "ecg_ii")])
    assert list(made["lanes"]) == ["alert", "vital", "wave", "bulk"]
    assert made["lanes"]["wave"] == {
        "live": True,
        "newest_ms": 2000,
        "pending_blocks": 9,
        "later_blocks": 7,
        "later_seconds": 90,
        "oldest_ms": 180_000,
    }
    assert made["first_waves"] == [{"device": "monitor", "metric": "ecg_ii"}]


@given(st.none() | st.tuples(LANES, LANES, LANES, LANES), st.sampled_from([(), (("monitor", "ecg_ii"),)]))
def test_a_state_brings_it_over_as_it_is_with_or_without(
    lanes: tuple[LaneNow, ...] | None, first: tuple[tuple[str, str], ...]
) -> None:
    state = GatewayState(True, bytes(8), CLOCK, (1, 2, 3, 4), counts={}, lanes=lanes, first=first)
    assert read_gateway_state(pack_message(state)) == state
