"""What nobody knows any more is neither an alarm for ever nor ended without a word."""

from collections.abc import Iterable

import pytest

from devices.model.alarm_limits import CONDITIONS, PatientClass
from devices.model.observation import NoValue, Quality
from gateway.alarms.alarm import Raised
from gateway.alarms.onset import GAP_NS
from gateway.alarms.physiological import Physiological
from tests.unit.gateway.alarms.said import OTHER, OX, S, at, value

Told = list[tuple[str, bool, str, bool]]


@pytest.fixture
def alarms() -> Physiological:
    """With one that does not latch by itself, SpO2 of 89 since second 0, raised at second 10."""
    alarms = Physiological(lambda condition, _: condition.limits[PatientClass.ADULT], 0)
    for second in range(11):
        alarms.measured(OX, value("spo2", second, 89))
    assert not CONDITIONS["spo2-low"].latches
    return alarms


def told(raised: Iterable[Raised]) -> Told:
    """(code, active, why nobody knows, over)."""
    return [
        (alert.code, alert.active, str(alert.detail.get("why", "")), bool(alert.detail.get("over")))
        for _, alert in raised
    ]


LOST: Told = [("spo2-low", True, "link-lost", True)]
STALE: Told = [("spo2-low", True, "stale", True)]
AGAIN: Told = [("spo2-low", True, "", False)]


def test_an_alarm_of_a_device_that_loses_its_link_stays_and_says_why(alarms: Physiological) -> None:
    assert told(alarms.lost("ox-1", at(12))) == LOST
    assert alarms.lost("ox-1", at(13)) == []
    assert alarms.lost("ox-2", at(13)) == []


def test_it_ends_once_somebody_has_seen_it(alarms: Physiological) -> None:
    alarms.lost("ox-1", at(12))
    ((_, ended),) = alarms.acknowledge(1, at(20))
    assert (ended.active, ended.detail["seen"], ended.detail["why"]) == (False, 1, "link-lost")
    assert alarms.active == ()


def test_it_goes_on_as_the_same_one_if_the_value_still_holds_when_the_device_is_back(
    alarms: Physiological,
) -> None:
    alarms.lost("ox-1", at(12))
    ((_, again),) = raised = alarms.measured(OX, value("spo2", 300, 88))
    assert told(raised) == AGAIN
    assert again.detail["alarm"] == 1
    assert alarms.measured(OX, value("spo2", 301, 88)) == []


def test_it_ends_as_ever_if_the_value_is_back_within_its_limits(alarms: Physiological) -> None:
    alarms.lost("ox-1", at(12))
    assert told(alarms.measured(OX, value("spo2", 300, 97))) == [("spo2-low", False, "link-lost", True)]


def test_a_doubtful_value_tells_nobody_how_it_is_now(alarms: Physiological) -> None:
    alarms.lost("ox-1", at(12))
    for number in (88, 97):
        assert alarms.measured(OX, value("spo2", 20, number, Quality.ARTIFACT)) == []


def test_what_threatened_life_is_still_shown_when_the_value_is_back_within_its_limits() -> None:
    alarms = Physiological(lambda condition, _: condition.limits[PatientClass.ADULT], 0)
    for second in range(7):
        alarms.measured(OX, value("spo2", second, 70))
    alarms.lost("ox-1", at(8))
    back = alarms.measured(OX, value("spo2", 20, 97))
    assert ("spo2-desaturation", True, "", True) in told(back)
    assert alarms.measured(OX, value("spo2", 21, 97)) == []


def test_a_value_that_stops_makes_its_alarm_one_that_nobody_knows_of(alarms: Physiological) -> None:
    assert alarms.tick(at(19.9)) == []
    assert told(alarms.tick(at(20))) == STALE
    assert alarms.tick(at(21)) == []
    assert told(alarms.measured(OX, value("spo2", 22, 88))) == AGAIN


def test_another_value_of_the_same_device_keeps_no_alarm_alive(alarms: Physiological) -> None:
    for second in range(11, 21):
        alarms.measured(OX, value("pr_spo2", second, 75))
    assert told(alarms.tick(at(20))) == STALE


def test_that_a_device_says_there_is_no_value_does_not_make_it_fresh(alarms: Physiological) -> None:
    alarms.measured(OX, value("spo2", 19, None, reason=NoValue.NOT_AVAILABLE))
    assert told(alarms.tick(at(20))) == STALE


def test_a_pressure_of_an_hour_ago_is_not_stale_sooner_than_its_metric_is() -> None:
    alarms = Physiological(lambda condition, _: condition.limits[PatientClass.ADULT], 0)
    alarms.measured(OX, value("nibp_sys", 0, 80))
    assert not any(alert.detail.get("why") for _, alert in alarms.tick(at(3599)))
    assert ("nibp-sys-low", True, "stale", True) in told(alarms.tick(at(3600)))


def test_what_somebody_had_seen_before_waits_a_moment_for_the_device_and_then_ends(
    alarms: Physiological,
) -> None:
    alarms.acknowledge(1, at(11))
    assert told(alarms.lost("ox-1", at(12))) == LOST
    assert alarms.tick(at(12 + GAP_NS / S - 1)) == []
    assert told(alarms.tick(at(12 + GAP_NS / S))) == [("spo2-low", False, "link-lost", True)]


def test_a_short_loss_of_the_link_does_not_raise_again_what_somebody_has_seen(alarms: Physiological) -> None:
    alarms.acknowledge(1, at(11))
    alarms.lost("ox-1", at(12))
    ((_, again),) = alarms.measured(OX, value("spo2", 20, 88))
    assert (again.detail["alarm"], again.detail["seen"]) == (1, 1)


def test_what_nobody_sees_still_becomes_more_urgent(alarms: Physiological) -> None:
    alarms.lost("ox-1", at(12))
    ((_, louder),) = alarms.tick(at(10 + 120))
    assert (louder.detail["escalated"], louder.detail["why"]) == (1, "link-lost")


def test_after_a_restart_it_is_still_one_that_nobody_knows_of(alarms: Physiological) -> None:
    alarms.lost("ox-1", at(12))
    later = Physiological(lambda condition, _: condition.limits[PatientClass.ADULT], 500)
    assert told(later.restore(alarms.kept(), at(0))) == LOST
    assert told(later.measured(OX, value("spo2", 1, 88))) == AGAIN


def test_a_device_that_does_not_come_back_after_a_restart_leaves_no_alarm_that_looks_alive(
    alarms: Physiological,
) -> None:
    later = Physiological(lambda condition, _: condition.limits[PatientClass.ADULT], 500)
    later.restore(alarms.kept(), at(0))
    assert later.tick(at(9)) == []
    assert told(later.tick(at(10))) == STALE


def test_an_alarm_that_an_earlier_release_kept_goes_on(alarms: Physiological) -> None:
    kept = [
        {name: held for name, held in one.items() if name not in ("metric", "why")} for one in alarms.kept()
    ]
    later = Physiological(lambda condition, _: condition.limits[PatientClass.ADULT], 500)
    assert told(later.restore(kept, at(0))) == AGAIN
    assert told(later.tick(at(10))) == STALE
    assert told(later.measured(OX, value("spo2", 11, 97))) == [("spo2-low", False, "stale", True)]


def test_one_rate_of_a_device_neither_hides_nor_ends_what_another_shows() -> None:
    alarms = Physiological(lambda condition, _: condition.limits[PatientClass.ADULT], 0)
    found = list[tuple[int, str, bool]]()
    for second in range(60):
        for metric, number in (("hr", 170), ("pr_spo2", 75)):
            raised = alarms.measured(OX, value(metric, second, number))
            found += [(second, alert.code, alert.active) for _, alert in raised]
    assert found == [(12, "hr-extreme-high", True), (15, "hr-high", True)]


def test_alarms_end_with_the_stay_and_those_of_other_beds_go_on(alarms: Physiological) -> None:
    for second in range(11):
        alarms.measured(OTHER, value("spo2", second, 89))
    ((_, ended),) = alarms.left(OX[1], at(12))
    assert (ended.active, ended.detail["alarm"], ended.detail["why"]) == (False, 1, "stay-ended")
    assert [one.device for one in alarms.active] == ["ox-2"]


def test_no_second_of_one_patient_counts_for_the_next() -> None:
    alarms = Physiological(lambda condition, _: condition.limits[PatientClass.ADULT], 0)
    for second in range(10):
        alarms.measured(OX, value("spo2", second, 89))
    alarms.left(OX[1], at(9.5))
    assert [alarms.measured(OX, value("spo2", second, 89)) for second in range(10, 20)] == [[]] * 10
    assert told(alarms.measured(OX, value("spo2", 20, 89))) == AGAIN
