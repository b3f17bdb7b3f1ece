"""A node sleeps when nobody could miss it, and wakes in time."""

from hypothesis import given
from hypothesis import strategies as st

from firmware.core.rest import HOST_MS, LEAST_MS, LISTEN_MS, may_sleep

TIMES = st.integers(0, 100_000)
WATCHDOGS = st.one_of(st.none(), st.integers(100, 10_000))


def test_alone_it_sleeps_until_just_before_the_next_sensor_is_due() -> None:
    assert may_sleep(200, 8000, HOST_MS, LISTEN_MS, False) == 198


def test_with_a_host_that_was_heard_it_stays_awake() -> None:
    assert may_sleep(200, 8000, HOST_MS - 1, LISTEN_MS, False) == 0


def test_it_listens_for_an_answer_to_what_it_sent() -> None:
    assert may_sleep(200, 8000, HOST_MS, LISTEN_MS - 1, False) == 0


@given(TIMES, WATCHDOGS, TIMES, TIMES)
def test_a_frame_on_its_way_a_radio_or_an_ecg_keep_it_awake(
    due: int, watchdog: int | None, heard: int, sent: int
) -> None:
    assert may_sleep(due, watchdog, heard, sent, True) == 0


@given(TIMES, WATCHDOGS, TIMES, TIMES)
def test_it_never_sleeps_over_a_sensor_nor_over_half_the_watchdog_s_time(
    due: int, watchdog: int | None, heard: int, sent: int
) -> None:
    asleep = may_sleep(due, watchdog, heard, sent, False)
    assert asleep == 0 or LEAST_MS <= asleep < due
    assert watchdog is None or asleep <= watchdog // 2
    assert asleep == 0 or (heard >= HOST_MS and sent >= LISTEN_MS)
