"""How much is stored at once: as much as goes quickly, so that an alert does not wait long for its turn."""

from hypothesis import given
from hypothesis import strategies as st

from controller.intake import BATCH_US, LEAST_SHARE, _adjusted

shares = st.sampled_from([2.0**-n for n in range(6)])


def after(share: float, *rounds: tuple[int, bool]) -> float:
    for took_us, is_full in rounds:
        share = _adjusted(share, took_us, is_full)
    return share


def test_a_batch_that_takes_too_long_halves_the_next() -> None:
    assert after(1, (BATCH_US + 1, True)) == 1 / 2
    assert after(1, *[(BATCH_US + 1, False)] * 20) == LEAST_SHARE


def test_one_that_was_quick_and_left_something_doubles_it() -> None:
    assert after(1 / 4, (BATCH_US // 3, True)) == 1 / 2
    assert after(1 / 4, *[(BATCH_US // 3, True)] * 20) == 1


def test_a_quick_one_that_left_nothing_says_nothing() -> None:
    assert after(1 / 4, (1, False)) == 1 / 4


@given(shares, st.integers(1, 100 * BATCH_US))
def test_it_settles_at_what_takes_no_longer_than_it_may(share: float, full_us: int) -> None:
    for _ in range(10):
        share = _adjusted(share, int(share * full_us), is_full=True)
    assert share * full_us <= BATCH_US or share == LEAST_SHARE
    assert share * full_us >= BATCH_US / 2 - 1 or share == 1
