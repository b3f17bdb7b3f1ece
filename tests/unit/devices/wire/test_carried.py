"""What a path carries, from what arrives: known while it is full, forgotten once it has room."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.model.observation import Instant
from devices.wire.carried import Carried
from devices.wire.share import NARROW, WIDE_AGAIN
from devices.wire.trip import SECOND


def fed(carried: Carried, seconds: float, rate: float, *, is_full: bool, size: int = 100) -> int:
    """Blocks of `size` bytes at `rate` bytes a second. Returns when it ended."""
    began = 0 if carried._last is None else carried._last
    for number in range(1, int(seconds * rate / size) + 1):
        at = Instant(began + int(number * size / rate * SECOND))
        carried.arrived(at, size, is_full=is_full)
    return at


@pytest.mark.parametrize("rate", [500, 2_000, 28_000, 1_000_000])
def test_a_full_path_carries_what_arrives(rate: float) -> None:
    carried = Carried()
    fed(carried, 4, rate, is_full=True)
    assert carried.rate == pytest.approx(rate, rel=0.25)


def test_what_arrives_over_a_path_with_room_says_nothing_of_it() -> None:
    carried = Carried()
    fed(carried, 20, 300, is_full=False)
    assert carried.rate is None


def test_a_link_that_changes_is_known_after_a_few_seconds() -> None:
    carried = Carried()
    fed(carried, 5, 28_000, is_full=True)
    fed(carried, 4, 2_000, is_full=True)
    assert carried.rate is not None
    assert carried.rate < NARROW
    fed(carried, 4, 28_000, is_full=True)
    assert carried.rate > WIDE_AGAIN


def test_with_room_it_carries_at_least_what_it_carried_and_is_forgotten_in_the_end() -> None:
    carried = Carried()
    fed(carried, 5, 2_000, is_full=True)
    fed(carried, 4, 3_000, is_full=False)
    assert carried.rate == pytest.approx(3_000, rel=0.2)
    fed(carried, 3, 100, is_full=False)
    assert carried.rate == pytest.approx(3_000, rel=0.2)
    fed(carried, 5, 100, is_full=False)
    assert carried.rate is None


def test_an_outage_is_no_narrow_link() -> None:
    carried = Carried()
    end = fed(carried, 3, 28_000, is_full=True)
    carried.arrived(Instant(end + 60 * SECOND), 100, is_full=True)
    fed(carried, 1.5, 28_000, is_full=True)
    assert carried.rate == pytest.approx(28_000, rel=0.1)


@given(
    st.lists(st.tuples(st.integers(0, 10**10), st.integers(1, 10**6), st.booleans()), min_size=1, max_size=80)
)
def test_it_is_never_more_than_the_most_that_arrived_in_a_second(told: list[tuple[int, int, bool]]) -> None:
    carried, now = Carried(), 0
    for gap, size, is_full in told:
        now += gap
        carried.arrived(Instant(now), size, is_full=is_full)
    total = sum(size for _, size, _ in told)
    assert carried.rate is None or 0 < carried.rate <= total
