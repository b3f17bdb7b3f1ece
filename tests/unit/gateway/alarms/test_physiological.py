"""Physiological alarms: they begin late enough to be true, and never too late; nothing hides one."""

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.model.alarm_limits import BOX_HIGH, BOX_LOW, CONDITIONS, Condition, PatientClass
from devices.model.identity import DeviceId, LocationId
from devices.model.metrics import METRICS
from devices.model.observation import Alert, Instant, NoValue, Priority, Quality, Reading
from gateway.alarms.alarm import Raised
from gateway.alarms.limits import BY_METRIC, DERIVED
from gateway.alarms.onset import DOUBT, GAP_NS, LEAST_DOUBT_NS
from gateway.alarms.physiological import ESCALATE_NS, Physiological

S = 1_000_000_000
OX = DeviceId("ox-1"), LocationId("bed-1")
ECG = DeviceId("ecg-1"), LocationId("bed-1")
OTHER = DeviceId("ox-2"), LocationId("bed-2")
GOOD = Quality.GOOD


def of_class(patient: PatientClass) -> Physiological:
    return Physiological(lambda condition, _: condition.limits.get(patient), 0)


@pytest.fixture
def alarms() -> Physiological:
    return of_class(PatientClass.ADULT)


def spo2(at_s: float, value: int | None, quality: Quality = GOOD, reason: NoValue | None = None) -> Reading:
    number = None if value is None else Decimal(value)
    return Reading("spo2", Instant(int(at_s * S)), number, reason, quality)


def pulse(at_s: float, value: int, metric: str = "hr", quality: Quality = GOOD) -> Reading:
    return Reading(metric, Instant(int(at_s * S)), Decimal(value), None, quality)


def told(raised: Iterable[Raised]) -> list[tuple[str, bool]]:
    return [(alert.code, alert.active) for _, alert in raised]


def every_second(
    alarms: Physiological, values: Iterable[int | None], quality: Quality = GOOD, first_s: int = 0
) -> list[tuple[int, Alert]]:
    """What SpO2 values, one a second, bring about, and at which second."""
    return [
        (second, alert)
        for second, value in enumerate(values, first_s)
        for _, alert in alarms.measured(OX, spo2(second, value, quality))
    ]


def codes(found: list[tuple[int, Alert]]) -> list[tuple[int, str, bool]]:
    return [(second, alert.code, alert.active) for second, alert in found]


# onset


def test_values_within_their_limits_raise_nothing(alarms: Physiological) -> None:
    assert every_second(alarms, [97, 90, 100] * 20) == []


def test_a_value_beyond_its_limit_is_an_alarm_after_its_delay_and_not_before(alarms: Physiological) -> None:
    found = every_second(alarms, [89] * 20)
    assert codes(found) == [(10, "spo2-low", True)]
    ((who, again),) = alarms.restore(alarms.kept(), Instant(99 * S))
    assert (who, again.code) == (OX, "spo2-low")


def test_an_alarm_says_the_value_the_limit_and_how_long_after_its_onset_it_came(
    alarms: Physiological,
) -> None:
    ((_, alert),) = every_second(alarms, [89] * 11)
    assert alert.priority == Priority.MEDIUM
    assert alert.detail == {"alarm": 1, "value": "89", "limit": "90", "onset-ms": 10_000}


def test_a_dip_that_is_shorter_than_the_delay_is_none(alarms: Physiological) -> None:
    assert every_second(alarms, [89] * 10 + [91] + [89] * 10) == []


def test_the_worse_the_value_the_sooner_and_the_more_urgent(alarms: Physiological) -> None:
    found = every_second(alarms, [70] * 12)
    assert codes(found) == [(6, "spo2-desaturation", True), (10, "spo2-low", True)]
    assert found[0][1].priority == Priority.HIGH


def test_after_a_gap_a_condition_begins_to_hold_anew(alarms: Physiological) -> None:
    alarms.measured(OX, spo2(0, 89))
    assert alarms.measured(OX, spo2(GAP_NS / S, 89)) == []
    assert told(alarms.measured(OX, spo2(GAP_NS / S + 10, 89))) == [("spo2-low", True)]


def test_a_pressure_that_is_measured_now_and_then_is_an_alarm_at_once(alarms: Physiological) -> None:
    low = Reading("nibp_sys", Instant(0), Decimal(80))
    assert told(alarms.measured(OX, low)) == [("nibp-sys-low", True)]


OF_PEOPLE = [one for one in CONDITIONS.values() if one.code not in (BOX_LOW, BOX_HIGH)]


@pytest.mark.parametrize("patient", PatientClass)
@pytest.mark.parametrize("condition", OF_PEOPLE, ids=[one.code for one in OF_PEOPLE])
def test_every_condition_is_raised_beyond_its_limit_and_not_at_it(
    condition: Condition, patient: PatientClass
) -> None:
    limit = condition.limits[patient]
    beyond = limit + (-1 if condition.is_below else 1)
    for metric in condition.metrics:
        for value, wanted in ((limit, False), (beyond, True)):
            alarms = of_class(patient)
            found = [
                alert.code
                for second in range(condition.delay_ns // S + 2)
                for _, alert in alarms.measured(OX, Reading(metric, Instant(second * S), value))
            ]
            assert (condition.code in found) is wanted, (metric, value)


def test_the_table_speaks_of_metrics_that_there_are_and_its_limits_are_in_order() -> None:
    assert set(BY_METRIC) <= set(METRICS) | DERIVED
    for one in OF_PEOPLE:
        assert set(one.limits) == set(PatientClass)
    for patient in PatientClass:
        order = ["hr-extreme-low", "hr-low", "hr-high", "hr-extreme-high"]
        limits = [CONDITIONS[code].limits[patient] for code in order]
        assert limits == sorted(limits)


@pytest.mark.parametrize("patient", PatientClass)
def test_each_class_of_patients_has_limits_of_its_own(patient: PatientClass) -> None:
    alarms = of_class(patient)
    found = [one for second in range(8) for one in told(alarms.measured(ECG, pulse(second, 130)))]
    assert (("hr-high", True) in found) is (patient is PatientClass.ADULT)


# doubt


def test_a_doubtful_value_has_to_hold_longer_and_is_never_hidden(alarms: Physiological) -> None:
    found = every_second(alarms, [89] * 40, Quality.ARTIFACT)
    assert codes(found) == [(30, "spo2-low", True)]
    assert DOUBT * CONDITIONS["spo2-low"].delay_ns == 30 * S


def test_a_doubtful_value_within_the_limits_ends_nothing(alarms: Physiological) -> None:
    every_second(alarms, [89] * 11)
    assert every_second(alarms, [99] * 5, Quality.LOW_PERFUSION, first_s=11) == []
    assert codes(every_second(alarms, [99], first_s=20)) == [(20, "spo2-low", False)]


def test_a_rate_that_the_other_sensor_contradicts_has_to_hold_longer_and_is_never_hidden(
    alarms: Physiological,
) -> None:
    found = list[tuple[int, str]]()
    for second in range(20):
        alarms.measured(OX, pulse(second, 75, "pr_spo2"))
        found += [(second, alert.code) for _, alert in alarms.measured(ECG, pulse(second, 20))]
    assert found == [(12, "hr-extreme-low"), (15, "hr-low")]
    assert max(DOUBT * CONDITIONS["hr-extreme-low"].delay_ns, LEAST_DOUBT_NS) == 12 * S


def test_the_pulse_of_another_patient_contradicts_nobody(alarms: Physiological) -> None:
    found = list[tuple[int, str]]()
    for second in range(10):
        alarms.measured(OTHER, pulse(second, 75, "pr_spo2"))
        found += [(second, alert.code) for _, alert in alarms.measured(ECG, pulse(second, 20))]
    assert found == [(4, "hr-extreme-low"), (5, "hr-low")]


def test_what_was_measured_earlier_or_at_nobody_is_no_alarm(alarms: Physiological) -> None:
    for quality in (Quality.STORED, Quality.TEST_DATA):
        assert every_second(alarms, [50] * 40, quality) == []


# the end


def test_an_alarm_ends_when_the_value_is_back(alarms: Physiological) -> None:
    every_second(alarms, [89] * 11)
    assert codes(every_second(alarms, [90], first_s=11)) == [(11, "spo2-low", False)]
    assert alarms.active == ()


def test_a_missing_value_ends_nothing_and_a_sensor_that_was_taken_off_does(alarms: Physiological) -> None:
    every_second(alarms, [89] * 11)
    assert alarms.measured(OX, spo2(12, None, reason=NoValue.NOT_AVAILABLE)) == []
    assert told(alarms.measured(OX, spo2(13, None, reason=NoValue.SENSOR_OFF))) == [("spo2-low", False)]


def test_what_threatened_life_is_shown_until_somebody_has_seen_it(alarms: Physiological) -> None:
    every_second(alarms, [70] * 7)
    ((_, latched),) = every_second(alarms, [97], first_s=7)
    assert (latched.code, latched.active, latched.detail["over"]) == ("spo2-desaturation", True, 1)
    ended = alarms.acknowledge(int(latched.detail["alarm"]), Instant(60 * S))
    assert told(ended) == [("spo2-desaturation", False)]


def test_what_was_seen_while_it_held_ends_with_it(alarms: Physiological) -> None:
    ((_, begun),) = every_second(alarms, [70] * 7)
    ((_, seen),) = alarms.acknowledge(int(begun.detail["alarm"]), Instant(8 * S))
    assert (seen.active, seen.detail["seen"]) == (True, 1)
    assert codes(every_second(alarms, [97], first_s=9)) == [(9, "spo2-desaturation", False)]


def test_a_latched_one_that_holds_again_is_the_same_alarm(alarms: Physiological) -> None:
    ((_, begun),) = every_second(alarms, [70] * 7)
    every_second(alarms, [97], first_s=7)
    ((_, again),) = every_second(alarms, [70], first_s=8)
    assert again.detail["alarm"] == begun.detail["alarm"]
    assert "over" not in again.detail


def test_the_alarms_of_a_device_that_is_served_no_more_end_with_it(alarms: Physiological) -> None:
    every_second(alarms, [70] * 11)
    assert sorted(told(alarms.gone("ox-1", Instant(12 * S)))) == [
        ("spo2-desaturation", False),
        ("spo2-low", False),
    ]
    assert alarms.active == ()
    assert alarms.gone("ox-1", Instant(13 * S)) == []


# acknowledgement and escalation


def test_an_alarm_is_acknowledged_once_and_only_one_that_there_is(alarms: Physiological) -> None:
    every_second(alarms, [89] * 11)
    assert told(alarms.acknowledge(1, Instant(12 * S))) == [("spo2-low", True)]
    assert alarms.acknowledge(1, Instant(13 * S)) == []
    assert alarms.acknowledge(2, Instant(13 * S)) == []


def test_what_nobody_reacts_to_becomes_more_urgent_and_no_more_than_that(alarms: Physiological) -> None:
    every_second(alarms, [89] * (10 + ESCALATE_NS // S))
    assert alarms.tick(Instant(10 * S + ESCALATE_NS - 1)) == []
    ((_, louder),) = alarms.tick(Instant(10 * S + ESCALATE_NS))
    assert (louder.priority, louder.detail["escalated"]) == (Priority.HIGH, 1)
    alarms.measured(OX, spo2(10 + 9 * ESCALATE_NS / S, 89))
    assert alarms.tick(Instant(10 * S + 9 * ESCALATE_NS)) == []


def test_what_somebody_has_seen_does_not_become_more_urgent(alarms: Physiological) -> None:
    every_second(alarms, [89] * 11)
    alarms.acknowledge(1, Instant(12 * S))
    alarms.measured(OX, spo2(10 + 2 * ESCALATE_NS / S, 89))
    assert alarms.tick(Instant(10 * S + 2 * ESCALATE_NS)) == []


# restarts


def test_after_a_restart_the_same_alarms_are_told_and_none_is_raised_twice(alarms: Physiological) -> None:
    every_second(alarms, [70] * 11)
    alarms.acknowledge(2, Instant(12 * S))
    later = Physiological(lambda condition, _: condition.limits[PatientClass.ADULT], 500)
    assert told(later.restore(alarms.kept(), Instant(0))) == [("spo2-desaturation", True), ("spo2-low", True)]
    assert later.active == alarms.active
    assert every_second(later, [70] * 30) == []
    ends = told(later.measured(OX, spo2(31, 97)))
    assert sorted(ends) == [("spo2-desaturation", True), ("spo2-low", False)]


def test_an_alarm_that_ended_while_nobody_looked_is_ended_after_the_restart(alarms: Physiological) -> None:
    every_second(alarms, [89] * 11)
    later = of_class(PatientClass.ADULT)
    later.restore(alarms.kept(), Instant(0))
    assert told(later.measured(OX, spo2(1, 97))) == [("spo2-low", False)]


def test_a_condition_that_the_table_has_no_more_is_forgotten(alarms: Physiological) -> None:
    every_second(alarms, [89] * 11)
    kept = [{**one, "code": "of-yesterday"} for one in alarms.kept()]
    assert of_class(PatientClass.ADULT).restore(kept, Instant(0)) == []


VALUE = st.one_of(st.none(), st.integers(0, 300))
QUALITY = st.sampled_from([GOOD, Quality.ARTIFACT, Quality.STORED])
METRIC = st.sampled_from(["hr", "pr_spo2", "spo2", "rr", "nibp_sys", "temp", "etco2"])


@given(st.lists(st.tuples(st.sampled_from([OX, ECG, OTHER]), METRIC, VALUE, QUALITY), max_size=120))
def test_whatever_comes_each_alarm_begins_once_and_ends_once(
    said: list[tuple[tuple[DeviceId, LocationId], str, int | None, Quality]],
) -> None:
    alarms, active = of_class(PatientClass.ADULT), dict[tuple[str, str], int]()
    for second, (who, metric, value, quality) in enumerate(said):
        number = None if value is None else Decimal(value)
        reason = NoValue.SENSOR_OFF if value is None else None
        reading = Reading(metric, Instant(second * S), number, reason, quality)
        for (device, _), alert in alarms.measured(who, reading):
            key, alarm = (device, alert.code), int(alert.detail["alarm"])
            if alert.active:
                assert active.setdefault(key, alarm) == alarm
            else:
                assert active.pop(key) == alarm
    assert {one.key: one.number for one in alarms.active} == active


@given(st.lists(st.integers(0, 89), min_size=31, max_size=60), st.lists(QUALITY, min_size=60, max_size=60))
def test_no_doubt_hides_an_alarm_for_ever(values: list[int], qualities: list[Quality]) -> None:
    alarms = of_class(PatientClass.ADULT)
    judged = [GOOD if one is Quality.STORED else one for one in qualities]
    for second, (value, quality) in enumerate(zip(values, judged, strict=False)):
        alarms.measured(OX, spo2(second, value, quality))
    assert ("ox-1", "spo2-low") in {one.key for one in alarms.active}


def test_an_alarm_is_kept_as_plain_data(alarms: Physiological) -> None:
    every_second(alarms, [89] * 11)
    (one,) = alarms.active
    assert alarms.kept()[0]["value"] == "89"
    assert replace(one, is_seen=True) != one
