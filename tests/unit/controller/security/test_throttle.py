"""Logins slow down after failures."""

from hypothesis import given
from hypothesis import strategies as st

from controller.security.throttle import FORGET_S, FREE, FREE_FOR_ADDRESS, KEPT, LONGEST_S, Throttle


class HandClock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.us = 0

    def now_us(self) -> int:
        return self.us

    def utc_us(self) -> int:
        return self.us


def throttle(failures: int = 0) -> tuple[Throttle, HandClock]:
    clock = HandClock()
    made = Throttle(clock)
    for _ in range(failures):
        made.tried("nurse", "10.0.0.1")
    return made, clock


def test_the_first_tries_are_free() -> None:
    made, _ = throttle(FREE - 1)
    assert made.wait_s("nurse", "10.0.0.1") == 0


def test_each_further_failure_doubles_the_wait_up_to_a_limit() -> None:
    waits = [throttle(FREE + more)[0].wait_s("nurse", "10.0.0.1") for more in range(9)]
    assert waits == [1, 2, 4, 8, 16, 32, LONGEST_S, LONGEST_S, LONGEST_S]


def test_the_wait_ends() -> None:
    made, clock = throttle(FREE + 2)
    clock.us += 4_000_000
    assert made.wait_s("nurse", "10.0.0.1") == 0


def test_a_stranger_elsewhere_does_not_lock_the_nurse_out() -> None:
    made, _ = throttle(FREE + 5)
    assert made.wait_s("nurse", "10.0.0.2") == 0


def test_many_names_from_one_address_are_slow_too() -> None:
    made, _ = throttle()
    for i in range(FREE_FOR_ADDRESS + 1):
        made.tried(f"user{i}", "10.0.0.1")
    assert made.wait_s("another", "10.0.0.1") == 2


def test_a_success_forgives() -> None:
    made, _ = throttle(FREE + 1)
    made.succeeded("nurse", "10.0.0.1")
    assert made.wait_s("nurse", "10.0.0.1") == 0


def test_old_failures_are_forgotten() -> None:
    made, clock = throttle(FREE + 6)
    clock.us += (FORGET_S + 1) * 1_000_000
    made.tried("nurse", "10.0.0.1")
    assert made.wait_s("nurse", "10.0.0.1") == 0


def test_memory_is_bounded() -> None:
    made, _ = throttle()
    for i in range(KEPT):
        made.tried(f"user{i}", f"address{i}")
    assert len(made._held) == KEPT


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 100_000_000)), max_size=60))
def test_nobody_ever_waits_longer_than_the_limit(steps: list[tuple[bool, int]]) -> None:
    made, clock = throttle()
    for right, pause_us in steps:
        made.tried("nurse", "a")
        if right:
            made.succeeded("nurse", "a")
        assert 0 <= made.wait_s("nurse", "a") <= LONGEST_S
        clock.us += pause_us
