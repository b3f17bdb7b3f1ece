"""When a better connection is wanted."""

from dataclasses import replace

from devices.model.identity import DeviceId, LocationId
from devices.model.observation import Alert, Instant, Priority, later
from gateway.gather import Who
from gateway.quality.need import Need

WHO: Who = (DeviceId("monitor-1"), LocationId("amb-1"))
OTHER: Who = (DeviceId("monitor-2"), LocationId("amb-1"))
START = Instant(1_000_000_000)
ALERT = Alert("spo2-low", START, Priority.HIGH, True)


def over(at_s: float) -> Alert:
    return replace(ALERT, at=later(START, at_s), active=False)


def test_it_is_wanted_from_the_alert_until_some_time_after_its_end() -> None:
    need = Need(after_s=60)
    assert not need.wanted(START)
    need.heard(WHO, ALERT)
    assert need.wanted(later(START, 86_400))
    need.heard(WHO, over(100))
    assert need.wanted(later(START, 159))
    assert not need.wanted(later(START, 160))


def test_only_an_alert_of_high_priority_counts() -> None:
    need = Need(after_s=60)
    for priority in (Priority.LOW, Priority.MEDIUM):
        need.heard(WHO, replace(ALERT, priority=priority))
        need.heard(WHO, replace(ALERT, priority=priority, active=False))
    assert not need.wanted(START)
    need.heard(WHO, ALERT)  # it was escalated
    assert need.wanted(START)


def test_the_last_of_several_alerts_ends_it() -> None:
    need = Need(after_s=0)
    need.heard(WHO, ALERT)
    need.heard(OTHER, ALERT)
    need.heard(WHO, over(1))
    assert need.wanted(later(START, 2))
    need.heard(OTHER, over(3))
    assert not need.wanted(later(START, 3))


def test_the_end_of_an_alert_that_never_was_is_none() -> None:
    need = Need(after_s=60)
    need.heard(WHO, over(0))
    assert not need.wanted(START)


def test_it_is_wanted_while_somebody_looks_on_and_some_time_after() -> None:
    need = Need(after_s=60)
    need.watched("amb-1", True, START)
    assert need.wanted(later(START, 86_400))
    need.watched("amb-1", False, later(START, 100))
    assert need.wanted(later(START, 159))
    assert not need.wanted(later(START, 160))


def test_nobody_who_stops_looking_where_nobody_looked_changes_nothing() -> None:
    need = Need(after_s=60)
    need.watched("amb-1", False, START)
    assert not need.wanted(START)


def test_as_long_as_another_vehicle_is_looked_at_it_is_wanted() -> None:
    need = Need(after_s=0)
    need.watched("amb-1", True, START)
    need.watched("amb-2", True, START)
    need.watched("amb-1", False, START)
    assert need.wanted(later(START, 1))


def test_arrival_ends_it_at_once_until_there_is_a_new_reason() -> None:
    need = Need(after_s=60)
    need.heard(WHO, ALERT)
    need.watched("amb-1", True, START)
    need.arrived()
    assert not need.wanted(START)
    need.heard(WHO, over(1))  # that of the patient who left
    assert not need.wanted(later(START, 2))
    need.heard(WHO, ALERT)
    assert need.wanted(START)
