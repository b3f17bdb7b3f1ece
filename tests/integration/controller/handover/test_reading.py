"""All of a patient's way is read from the database as one case, and nothing of anybody else."""

import pytest

from controller.errors import NotFound
from controller.handover.case import Case
from controller.handover.reading import LONGEST_MS, chain, read_case
from devices.model.observation import Quality
from tests.integration.controller.handover.conftest import MINUTE_MS, UNKNOWN_MAN, Ride
from tests.support.controller import RunningController


async def case_of(ride: Ride, bed: str = "bed-1", later_ms: int = 0) -> Case:
    now_ms = ride.now_ms + later_ms
    return await read_case(ride.store, await chain(ride.store, bed, now_ms), now_ms)


async def test_the_road_and_the_bed_are_one_case(ride: Ride) -> None:
    case = await case_of(ride)
    assert [(stay.place, stay.is_vehicle) for stay in case.stays] == [("Ambulance 1", True), ("Bed 1", False)]
    assert case.stays[0].to_ms == case.stays[1].from_ms == ride.arrived_ms
    assert (case.who.identifier, case.who.sex, case.who.age) == (UNKNOWN_MAN, "male", 60)
    assert case.who.is_unknown
    assert not case.is_cut


async def test_a_metric_is_summed_up_place_by_place_and_told_as_it_was_last(ride: Ride) -> None:
    road, bed = [one for one in (await case_of(ride)).vitals if one.name == "spo2"]
    assert (road.readings, road.valued, road.flawed) == (30, 30, 0)
    assert (road.low, road.high, road.mean) == (90, 92, 91)
    assert (bed.readings, bed.valued, bed.flawed) == (3, 2, 1)
    assert bed.last.value is None
    assert bed.last_value is not None
    assert (bed.last_value.value, bed.last_value.quality) == (60, Quality.ARTIFACT)


async def test_a_trend_has_its_steps_where_something_was_measured(ride: Ride) -> None:
    road = next(one for one in (await case_of(ride)).vitals if one.name == "spo2")
    assert road.trend.step_ms == MINUTE_MS
    assert len(road.trend.steps) >= 29
    assert all(90 <= step.low <= step.mean <= step.high <= 92 for step in road.trend.steps)
    assert ride.begun_ms - MINUTE_MS < road.trend.from_ms <= ride.begun_ms


async def test_what_a_vehicle_measures_of_itself_is_no_vital_sign(ride: Ride) -> None:
    assert "latitude" not in {one.name for one in (await case_of(ride)).vitals}


async def test_what_another_patient_had_on_the_same_bed_is_not_told(ride: Ride) -> None:
    await ride.measure("bed-1", "hr", 29.9, 44)
    await ride.measure("bed-2", "hr", 30.1, 45)
    assert "hr" not in {one.name for one in (await case_of(ride)).vitals}
    await ride.measure("bed-1", "hr", 30.1, 46)
    assert [one.last.value for one in (await case_of(ride)).vitals if one.name == "hr"] == [46]


async def test_what_is_said_of_an_alarm_in_turn_is_one_alarm(ride: Ride) -> None:
    (alarm,) = (await case_of(ride)).alarms
    assert (alarm.code, alarm.value, alarm.limit, alarm.is_seen) == ("spo2-low", "88", "90", True)
    assert (alarm.from_ms, alarm.to_ms) == (ride.begun_ms + 9 * MINUTE_MS, ride.begun_ms + 10 * MINUTE_MS)


async def test_an_alarm_that_goes_on_has_no_end(ride: Ride) -> None:
    await ride.alarm(20, True, alarm=8)
    assert [one.to_ms is None for one in (await case_of(ride)).alarms] == [False, True]


async def test_what_the_crew_told_is_there_and_what_nobody_has_is_counted(ride: Ride) -> None:
    case = await case_of(ride)
    assert [(one.code, one.text, one.by) for one in case.marks] == [
        ("drug-given", "adrenaline 1 mg", "Li"),
        ("intubation", "", "Li"),
    ]
    assert [(one.item, one.done) for one in case.checks] == [("face", False)]
    assert [(one.resource, one.answer) for one in case.requests] == [("cath-lab", None)]
    assert case.not_taken == 1


async def test_an_acknowledged_instruction_says_by_whom(ride: Ride) -> None:
    add = """INSERT INTO instruction (id, stay, gateway, text, at_ms, by, command)
      VALUES (?, 101, 'rig', ?, ?, 'dr', 'c')"""
    for number, words in (("a", "Aspirin"), ("b", "Second line")):
        await ride.put(add, number * 16, words, ride.begun_ms + MINUTE_MS)
    await ride.tell("instruction", 2, id="a" * 16, state="shown")
    await ride.tell("instruction", 3, id="a" * 16, state="acknowledged")
    heard, open_ = (await case_of(ride)).instructions
    assert (heard.text, heard.heard_by, heard.heard_ms) == ("Aspirin", "Li", ride.begun_ms + 3 * MINUTE_MS)
    assert (open_.text, open_.heard_by, open_.heard_ms) == ("Second line", None, None)


async def test_the_score_is_of_the_last_place_and_lacks_what_is_not_current(ride: Ride) -> None:
    score = (await case_of(ride)).score
    assert score is not None
    parts = {part["parameter"]: part for part in score["news2"]["parts"]}
    assert parts["systolic"]["points"] == 2
    assert parts["consciousness"]["points"] == 3
    assert (parts["spo2"]["points"], score["news2"]["total"]) == (None, None)


async def test_of_a_long_stay_the_last_day_is_told_and_that_it_is_not_all(ride: Ride) -> None:
    case = await case_of(ride, later_ms=LONGEST_MS)
    assert case.is_cut
    assert case.from_ms == ride.now_ms
    assert case.begun_ms == ride.begun_ms


async def test_a_stay_that_ended_two_days_before_is_another_case(ride: Ride) -> None:
    query = "UPDATE stay SET from_ms = from_ms - ?, to_ms = to_ms - ? WHERE id = 101"
    two_days = 2 * LONGEST_MS
    await ride.put(query, two_days, two_days)
    assert [stay.id for stay in (await case_of(ride)).stays] == [102]


async def test_of_an_empty_bed_there_is_nothing_to_hand_over(
    controller: RunningController, ride: Ride
) -> None:
    with pytest.raises(NotFound, match="nobody is on bed 'bed-3'"):
        await chain(controller.store, "bed-3", ride.now_ms)


async def test_what_was_not_the_patients_as_they_say_is_told_apart_and_in_no_sum(ride: Ride) -> None:
    for minute, value in ((31, 61), (32, 99)):
        await ride.measure("bed-1", "weight", minute, value)
    await ride.put(
        """INSERT INTO home_said (reading, said, by, at_ms)
        SELECT max(id), 'not-mine', 'patient:1', 0 FROM observation"""
    )
    case = await case_of(ride)
    [weight] = [one for one in case.vitals if one.name == "weight"]
    assert (weight.readings, weight.high, weight.last.value) == (1, 61, 61)
    assert [(one.stay.bed, one.told.metric, one.told.value) for one in case.aliens] == [
        ("bed-1", "weight", 99)
    ]
