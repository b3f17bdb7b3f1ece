"""A device's own alarms: told when they begin, change and end, and only then."""

from devices.codecs.device_alarms import Alarm, Alarms
from devices.model.observation import EventKind, Instant

NOW = Instant(1)


def details(alarms: Alarms, active: dict[str, Alarm]) -> list[dict[str, str | int]]:
    events = alarms.become(active, NOW)
    assert {event.kind for event in events} <= {EventKind.DEVICE_ALARM}
    return [dict(event.detail) for event in events]


def test_an_alarm_is_told_when_it_begins_and_when_it_ends() -> None:
    alarms, high = Alarms(), Alarm("HR HIGH", "high")
    told = {"code": "hr", "text": "HR HIGH", "priority": "high"}
    assert details(alarms, {"hr": high}) == [{**told, "active": 1}]
    assert details(alarms, {"hr": high}) == []
    assert details(alarms, {}) == [{**told, "active": 0}]
    assert details(alarms, {}) == []


def test_an_alarm_whose_text_or_priority_changes_is_told_again() -> None:
    alarms = Alarms()
    details(alarms, {"hr": Alarm("HR 121 > 120", "medium")})
    assert [one["text"] for one in details(alarms, {"hr": Alarm("HR 130 > 120", "medium")})] == [
        "HR 130 > 120"
    ]
    assert [one["priority"] for one in details(alarms, {"hr": Alarm("HR 130 > 120", "high")})] == ["high"]


def test_a_priority_that_the_device_does_not_say_is_left_out() -> None:
    assert details(Alarms(), {"asystole": Alarm("asystole")}) == [
        {"code": "asystole", "text": "asystole", "active": 1}
    ]


def test_those_that_ended_are_told_before_those_that_begin() -> None:
    alarms = Alarms()
    details(alarms, {"a": Alarm("A"), "b": Alarm("B")})
    told = details(alarms, {"b": Alarm("B"), "c": Alarm("C")})
    assert [(one["code"], one["active"]) for one in told] == [("a", 0), ("c", 1)]


def test_the_caller_s_table_may_change_afterwards() -> None:
    alarms, active = Alarms(), {"a": Alarm("A")}
    details(alarms, active)
    active.clear()
    assert details(alarms, {"a": Alarm("A")}) == []
