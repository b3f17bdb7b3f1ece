"""Technical alerts begin and end where they arise."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from devices.model.identity import DeviceId
from devices.model.observation import Alert, DeviceEvent, EventKind, Instant, NoValue, Priority, Reading
from devices.wire.block import BlockClock, Sync
from devices.wire.records import Gap
from gateway.alarms.technical import (
    BATTERY_EMPTY,
    BATTERY_LOW,
    CLOCK_UNSET,
    CLOCK_UNSURE,
    DAMAGED,
    DEVICE_FAULT,
    DEVICE_LOST,
    DISK_FILLS,
    FREE_NS,
    JOURNAL_FILLS,
    QUIET_NS,
    SENSOR_OFF,
    SHEDDING,
    TECHNICAL,
    VALUE_STALE,
    Alarms,
)

OX = DeviceId("ox-1")
S = 1_000_000_000


def event(kind: EventKind, at: int, **detail: str) -> DeviceEvent:
    return DeviceEvent(kind, Instant(at), detail)


def reading(at: int, metric: str = "spo2", reason: NoValue | None = None) -> Reading:
    return Reading(metric, Instant(at), None if reason else Decimal(97), reason)


def said(alerts: list[Alert]) -> list[tuple[str, bool]]:
    return [(alert.code, alert.active) for alert in alerts]


def gap(why: str) -> Gap:
    return Gap(Instant(1), b"a" * 8, 2, ((3, 5),), b"b" * 16, Instant(0), Instant(1), why)


def clock(sync: Sync, at_us: int = 1, error_us: int | None = None) -> BlockClock:
    return BlockClock(b"b" * 16, at_us, None, sync, error_us)


def battery(percent: int, at: int = 1) -> DeviceEvent:
    return DeviceEvent(EventKind.BATTERY, Instant(at), {"percent": percent})


def every_second(alarms: Alarms, seconds: range, metric: str = "spo2") -> list[tuple[int, str, bool, str]]:
    """What comes of a value each second: when, what, whether it begins, of which metrics."""
    found = list[tuple[int, str, bool, str]]()
    for second in seconds:
        alarms.said(OX, reading(second * S, metric))
        found += silence(alarms, range(second, second + 1))
    return found


def silence(alarms: Alarms, seconds: range) -> list[tuple[int, str, bool, str]]:
    return [
        (second, alert.code, alert.active, str(alert.detail["metrics"]))
        for second in seconds
        for device, alert in alarms.stale(Instant(second * S))
        if device == OX
    ]


def test_a_lost_device_is_told_once_with_the_reason_and_ends_when_it_is_back() -> None:
    alarms = Alarms()
    (first,) = alarms.said(OX, event(EventKind.DISCONNECTED, 1, why="port-vanished"))
    assert (first.code, first.active, first.detail) == (DEVICE_LOST, True, {"why": "port-vanished"})
    assert alarms.said(OX, event(EventKind.DISCONNECTED, 2, why="port-missing")) == []
    assert (DEVICE_LOST, False) in said(alarms.said(OX, event(EventKind.CONNECTED, 3)))


def test_after_a_start_an_alert_of_the_start_before_is_ended() -> None:
    assert (DEVICE_LOST, False) in said(Alarms().said(OX, event(EventKind.CONNECTED, 1)))


def test_a_sensor_is_off_until_every_metric_that_said_so_has_a_value() -> None:
    alarms = Alarms()
    assert said(alarms.said(OX, reading(1, reason=NoValue.SENSOR_OFF))) == [(SENSOR_OFF, True)]
    assert alarms.said(OX, reading(1, "pr_spo2", NoValue.SENSOR_OFF)) == []
    assert alarms.said(OX, reading(2)) == []
    assert said(alarms.said(OX, reading(2, "pr_spo2"))) == [(SENSOR_OFF, False)]


def test_one_device_does_not_end_the_alert_of_another() -> None:
    alarms = Alarms()
    alarms.said(OX, event(EventKind.DISCONNECTED, 1))
    alarms.said(DeviceId("ox-2"), event(EventKind.CONNECTED, 2))
    assert alarms.active() == 1


def test_failing_software_is_told_until_the_device_speaks_again() -> None:
    alarms = Alarms()
    (alert,) = alarms.failed(OX, "KeyError: 7", Instant(1))
    assert (alert.code, alert.active, alert.detail) == (DEVICE_FAULT, True, {"error": "KeyError: 7"})
    assert (DEVICE_FAULT, False) in said(alarms.said(OX, event(EventKind.CONNECTED, 2)))


def test_an_unset_clock_is_told_until_it_is_set() -> None:
    alarms = Alarms()
    assert said(alarms.clock(clock(Sync.UNSET))) == [(CLOCK_UNSET, True), (CLOCK_UNSURE, False)]
    assert alarms.clock(clock(Sync.UNSET)) == []
    assert said(alarms.clock(clock(Sync.FREE))) == [(CLOCK_UNSET, False)]


def test_a_clock_that_may_be_off_by_more_than_a_second_is_told() -> None:
    alarms = Alarms()
    alarms.clock(clock(Sync.NETWORK, error_us=1_000_000))
    (unsure,) = alarms.clock(clock(Sync.NETWORK, error_us=1_500_000))
    assert (unsure.code, unsure.active, unsure.detail) == (CLOCK_UNSURE, True, {"ms": 1500})
    assert said(alarms.clock(clock(Sync.SATELLITE, error_us=10))) == [(CLOCK_UNSURE, False)]


def test_a_clock_that_nothing_has_corrected_for_long_is_told_until_something_does() -> None:
    alarms, us = Alarms(), FREE_NS // 1000
    alarms.clock(clock(Sync.FREE, at_us=5))
    assert alarms.clock(clock(Sync.FREE, at_us=us + 4)) == []
    assert said(alarms.clock(clock(Sync.FREE, at_us=us + 5))) == [(CLOCK_UNSURE, True)]
    assert said(alarms.clock(clock(Sync.NETWORK, at_us=us + 6, error_us=9))) == [(CLOCK_UNSURE, False)]
    assert alarms.clock(clock(Sync.FREE, at_us=us + 7)) == []


def test_shedding_is_told_until_it_has_been_quiet() -> None:
    alarms = Alarms()
    (alert,) = alarms.gaps([gap("quota")], Instant(1))
    assert (alert.code, alert.detail) == (SHEDDING, {"why": "quota", "lane": 2, "blocks": 3})
    assert alarms.gaps([gap("disk-full")], Instant(2)) == []
    assert alarms.tick(Instant(QUIET_NS[SHEDDING] + 1)) == []
    assert said(alarms.tick(Instant(QUIET_NS[SHEDDING] + 2))) == [(SHEDDING, False)]
    assert alarms.tick(Instant(QUIET_NS[SHEDDING] + 3)) == []


def test_damage_on_disk_is_told() -> None:
    assert said(Alarms().gaps([gap("damaged")], Instant(1))) == [(DAMAGED, True)]


def test_a_release_that_failed_is_told_until_one_is_healthy() -> None:
    alarms = Alarms()
    (begun,) = alarms.update(7, "mute", Instant(1))
    assert (begun.code, begun.active, begun.detail) == ("update-failed", True, {"release": 7, "why": "mute"})
    assert alarms.update(7, "mute", Instant(2)) == []
    assert said(alarms.update(0, "", Instant(3))) == [("update-failed", False)]


def test_of_a_device_that_is_served_no_more_every_alert_ends_and_of_others_none() -> None:
    alarms, other = Alarms(), DeviceId("ox-2")
    for device in (OX, other):
        alarms.said(device, event(EventKind.DISCONNECTED, 1, why="not-heard"))
    alarms.said(OX, reading(2, reason=NoValue.NO_CONTACT))
    assert said(alarms.left(OX, Instant(3))) == [(DEVICE_LOST, False), (SENSOR_OFF, False)]
    assert alarms.left(OX, Instant(4)) == []
    assert alarms.active() == 1


def test_a_low_battery_is_told_once_and_does_not_flutter() -> None:
    alarms = Alarms()
    assert said(alarms.said(OX, battery(21))) == [(BATTERY_LOW, False), (BATTERY_EMPTY, False)]
    (low,) = alarms.said(OX, battery(20))
    assert (low.code, low.priority, low.detail) == (BATTERY_LOW, Priority.MEDIUM, {"percent": 20})
    for percent in (19, 21, 25, 20):
        assert alarms.said(OX, battery(percent)) == []
    (empty,) = alarms.said(OX, battery(5))
    assert (empty.code, empty.priority) == (BATTERY_EMPTY, Priority.HIGH)
    assert said(alarms.said(OX, battery(100))) == [(BATTERY_LOW, False), (BATTERY_EMPTY, False)]


def test_a_battery_that_says_no_number_says_nothing() -> None:
    assert Alarms().said(OX, event(EventKind.BATTERY, 1, percent="low")) == []


def test_a_value_that_stopped_is_told_with_its_name_until_it_comes_again() -> None:
    alarms = Alarms()
    assert every_second(alarms, range(20)) == []
    assert silence(alarms, range(20, 40)) == [(29, VALUE_STALE, True, "spo2")]
    alarms.said(OX, reading(40 * S))
    assert silence(alarms, range(40, 42)) == [(40, VALUE_STALE, False, "")]


def test_each_further_value_that_stops_is_told_too() -> None:
    alarms = Alarms()
    every_second(alarms, range(20))
    assert every_second(alarms, range(20, 42), "pr_spo2") == [(29, VALUE_STALE, True, "spo2")]
    assert silence(alarms, range(42, 60)) == [(51, VALUE_STALE, True, "pr_spo2 spo2")]


def test_what_is_measured_now_and_then_or_came_but_once_never_stops() -> None:
    alarms = Alarms()
    every_second(alarms, range(30), "nibp_sys")
    every_second(alarms, range(30), "temp_tymp")
    alarms.said(OX, reading(0))
    assert silence(alarms, range(9000)) == []


def test_of_a_sensor_that_is_off_or_a_device_that_is_lost_no_stopped_value_is_told() -> None:
    alarms = Alarms()
    every_second(alarms, range(20))
    alarms.said(OX, reading(20 * S, reason=NoValue.SENSOR_OFF))
    assert silence(alarms, range(20, 60)) == []
    every_second(alarms, range(60, 80))
    assert silence(alarms, range(80, 92)) == [(89, VALUE_STALE, True, "spo2")]
    assert (VALUE_STALE, False) in said(alarms.said(OX, event(EventKind.DISCONNECTED, 92 * S)))
    assert silence(alarms, range(92, 200)) == []


def test_a_stopped_value_is_not_told_for_ever() -> None:
    alarms, shown_s = Alarms(), TECHNICAL[VALUE_STALE].quiet_ns // S
    every_second(alarms, range(20))
    assert silence(alarms, range(20, 2000)) == [
        (29, VALUE_STALE, True, "spo2"),
        (29 + shown_s, VALUE_STALE, False, ""),
    ]


def test_a_filling_journal_is_told_before_anything_is_given_up_and_does_not_flutter() -> None:
    alarms = Alarms()
    assert said(alarms.room(89, 50, Instant(1))) == [(JOURNAL_FILLS, False), (DISK_FILLS, False)]
    (fills,) = alarms.room(90, 50, Instant(2))
    assert (fills.code, fills.active, fills.detail) == (JOURNAL_FILLS, True, {"percent": 90})
    assert alarms.room(80, 50, Instant(3)) == []
    assert said(alarms.room(79, 50, Instant(4))) == [(JOURNAL_FILLS, False)]


def test_a_disk_that_others_fill_is_told_while_there_is_still_room() -> None:
    alarms = Alarms()
    alarms.room(1, 5, Instant(1))
    (full,) = alarms.room(1, 4, Instant(2))
    assert (full.code, full.active, full.detail) == (DISK_FILLS, True, {"percent": 4})
    assert alarms.room(1, 8, Instant(3)) == []
    assert said(alarms.room(1, 9, Instant(4))) == [(DISK_FILLS, False)]


@given(st.lists(st.integers(0, 100), max_size=60))
def test_whatever_a_battery_says_each_alert_begins_and_ends_in_turn(percents: list[int]) -> None:
    alarms, held = Alarms(), dict[str, bool]()
    for percent in percents:
        for alert in alarms.said(OX, battery(percent)):
            assert held.get(alert.code) is not alert.active
            held[alert.code] = alert.active
        assert held[BATTERY_EMPTY] or percent > 5
        assert held[BATTERY_LOW] or percent > 20
        assert not held[BATTERY_LOW] or percent <= 25
