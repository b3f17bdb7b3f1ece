"""A device's own clock: what it measured is placed in the host's time, or said to be unsure."""

from datetime import UTC, datetime, timedelta

import pytest

from devices.codecs import Host
from devices.codecs.device_clock import DeviceClock, as_datetime, device_time
from devices.codecs.gatt import DeviceTime
from devices.model.observation import Instant, Quality, later

NOW = Instant(7_200_000_000_000)
LOCAL = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def local_time(at: Instant) -> datetime:
    return LOCAL + timedelta(microseconds=(at - NOW) / 1000)


@pytest.fixture
def clock() -> DeviceClock:
    return DeviceClock(Host(local_time))


def told(**ago: float) -> DeviceTime:
    return device_time((LOCAL - timedelta(**ago)).replace(tzinfo=None))


@pytest.mark.parametrize("seconds", [-100, 0, 45, 119])
def test_a_measurement_of_this_moment_is_new(clock: DeviceClock, seconds: float) -> None:
    moment = clock.measured(told(seconds=seconds), NOW)
    assert (moment.at, moment.quality) == (NOW, Quality.GOOD)


def test_an_older_one_is_stored_and_has_the_instant_at_which_it_was_measured(clock: DeviceClock) -> None:
    moment = clock.measured(told(minutes=10), NOW)
    assert (moment.at, moment.quality) == (later(NOW, -600), Quality.STORED)


def test_one_from_before_the_host_s_boot_keeps_its_distance(clock: DeviceClock) -> None:
    assert clock.measured(told(days=3), NOW).at == later(NOW, -3 * 86400)


@pytest.mark.parametrize("time", [DeviceTime(2012, 1, 1, 0, 0, 7), DeviceTime(1, 1, 1, 0, 0, 0)])
def test_one_that_seems_older_than_any_memory_is_of_a_clock_that_was_not_set(
    clock: DeviceClock, time: DeviceTime
) -> None:
    moment = clock.measured(time, NOW)
    assert (moment.at, moment.quality) == (NOW, Quality.QUESTIONABLE)
    assert clock.measured(told(days=9 * 365), NOW).quality == Quality.STORED


def test_a_clock_that_runs_ahead_is_not_believed(clock: DeviceClock) -> None:
    moment = clock.measured(told(minutes=-10), NOW)
    assert (moment.at, moment.quality) == (NOW, Quality.QUESTIONABLE)


@pytest.mark.parametrize("time", [DeviceTime(0, 0, 0, 0, 0, 0), DeviceTime(2026, 2, 30, 1, 1, 1)])
def test_a_date_that_is_none_places_nothing(clock: DeviceClock, time: DeviceTime) -> None:
    assert as_datetime(time) is None
    assert clock.measured(time, NOW).quality == Quality.QUESTIONABLE


def test_a_device_that_says_its_clock_is_not_set_is_believed_in_that(clock: DeviceClock) -> None:
    assert clock.measured(told(), NOW, is_set=False).quality == Quality.QUESTIONABLE


def test_a_host_without_time_cannot_tell_how_old_a_measurement_is() -> None:
    assert DeviceClock(Host()).measured(told(), NOW).quality == Quality.QUESTIONABLE


def test_a_clock_that_was_read_tells_ages_by_itself_however_wrong_it_is() -> None:
    clock = DeviceClock(Host())
    clock.tells(datetime(2001, 1, 1, 8, 0), later(NOW, -60))  # noqa: DTZ001
    moment = clock.measured(DeviceTime(2001, 1, 1, 7, 31, 0), NOW)
    assert (moment.at, moment.quality) == (later(NOW, -1800), Quality.STORED)


def test_the_clock_to_set_is_the_local_time_that_a_person_reads(clock: DeviceClock) -> None:
    assert clock.local_now(NOW) == LOCAL.replace(tzinfo=None)
    assert DeviceClock(Host()).local_now(NOW) is None


WRONG = datetime(2016, 1, 1, 8, 0)  # noqa: DTZ001 - devices tell no zone
SET_AT = later(NOW, -60)


@pytest.fixture
def was_wrong(clock: DeviceClock) -> DeviceClock:
    """A clock that showed 2016 until a minute ago, when it was set."""
    clock.tells(WRONG, SET_AT)
    assert clock.sets(SET_AT) == local_time(SET_AT).replace(tzinfo=None)
    return clock


def test_how_wrong_a_clock_is_counts_from_the_host_s(clock: DeviceClock) -> None:
    assert clock.error_s(local_time(NOW).replace(tzinfo=None) + timedelta(seconds=90), NOW) == 90
    assert DeviceClock(Host()).error_s(WRONG, NOW) is None
    assert DeviceClock(Host()).sets(NOW) is None


def test_after_it_was_set_the_new_time_places_what_is_measured(was_wrong: DeviceClock) -> None:
    moment = was_wrong.measured(told(seconds=5), NOW)
    assert (moment.at, moment.quality) == (NOW, Quality.GOOD)


def test_the_old_time_places_what_was_measured_before(was_wrong: DeviceClock) -> None:
    moment = was_wrong.measured(device_time(WRONG - timedelta(minutes=9)), NOW)
    assert (moment.at, moment.quality) == (later(NOW, -600), Quality.STORED)


@pytest.mark.parametrize(
    "time",
    [
        device_time(WRONG + timedelta(hours=1)),
        device_time((LOCAL - timedelta(hours=3)).replace(tzinfo=None)),
        device_time((LOCAL + timedelta(hours=3)).replace(tzinfo=None)),
    ],
)
def test_a_time_that_neither_can_have_shown_is_not_believed(was_wrong: DeviceClock, time: DeviceTime) -> None:
    moment = was_wrong.measured(time, NOW)
    assert (moment.at, moment.quality) == (NOW, Quality.QUESTIONABLE)


def test_a_time_that_both_can_have_shown_is_not_believed(clock: DeviceClock) -> None:
    clock.tells(local_time(SET_AT).replace(tzinfo=None) + timedelta(hours=1), SET_AT)
    clock.sets(SET_AT)
    moment = clock.measured(told(seconds=30), NOW)
    assert (moment.at, moment.quality) == (NOW, Quality.QUESTIONABLE)


def test_a_clock_that_was_right_enough_has_but_one_time(clock: DeviceClock) -> None:
    clock.tells(local_time(SET_AT).replace(tzinfo=None) + timedelta(seconds=100), SET_AT)
    clock.sets(SET_AT)
    assert clock.measured(told(hours=2), NOW).quality == Quality.STORED
    assert clock.measured(told(seconds=0), NOW).quality == Quality.GOOD


def test_what_has_no_time_is_of_its_arrival(clock: DeviceClock) -> None:
    assert clock.measured(None, NOW) == DeviceClock(Host()).measured(None, NOW)
    assert clock.measured(None, NOW).quality == Quality.GOOD
