"""Technical alerts begin and end where they arise."""

from decimal import Decimal

from devices.model.identity import DeviceId
from devices.model.observation import Alert, DeviceEvent, EventKind, Instant, NoValue, Reading
from devices.wire.block import BlockClock, Sync
from devices.wire.records import Gap
from gateway.alarms.technical import (
    CLOCK_UNSET,
    DAMAGED,
    DEVICE_FAULT,
    DEVICE_LOST,
    QUIET_NS,
    SENSOR_OFF,
    SHEDDING,
    Alarms,
)

OX = DeviceId("ox-1")


def event(kind: EventKind, at: int, **detail: str) -> DeviceEvent:
    return DeviceEvent(kind, Instant(at), detail)


def reading(at: int, metric: str = "spo2", reason: NoValue | None = None) -> Reading:
    return Reading(metric, Instant(at), None if reason else Decimal(97), reason)


def said(alerts: list[Alert]) -> list[tuple[str, bool]]:
    return [(alert.code, alert.active) for alert in alerts]


def gap(why: str) -> Gap:
    return Gap(Instant(1), b"a" * 8, 2, ((3, 5),), b"b" * 16, Instant(0), Instant(1), why)


def clock(sync: Sync) -> BlockClock:
    return BlockClock(b"b" * 16, 1, None, sync, None)


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
    assert said(alarms.clock(clock(Sync.UNSET))) == [(CLOCK_UNSET, True)]
    assert alarms.clock(clock(Sync.UNSET)) == []
    assert said(alarms.clock(clock(Sync.FREE))) == [(CLOCK_UNSET, False)]


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
