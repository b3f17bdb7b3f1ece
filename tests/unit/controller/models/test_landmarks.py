"""Moments: what is an event of whom, and what is not known yet."""

from dataclasses import replace

import pytest

from controller.models.cohort import About, Cohort, CohortStay, Outcome, made
from controller.models.features import HOUR_MS
from controller.models.landmarks import APART_MS, Landmark, Rules, landmarks
from devices.model.scores_chart import Parameter

ABOUT = About("Two beds", "hospital", "an example")
VALUES = {
    Parameter.RESPIRATION: 16.0,
    Parameter.SPO2: 97.0,
    Parameter.OXYGEN: 0.0,
    Parameter.SYSTOLIC: 120.0,
    Parameter.PULSE: 80.0,
    Parameter.CONSCIOUSNESS: 0.0,
    Parameter.TEMPERATURE: 36.8,
}


def stay(name: str, patient: str, began_h: float, ended_h: float) -> CohortStay:
    return CohortStay(name, patient, "ward-a", "", 70, int(began_h * HOUR_MS), int(ended_h * HOUR_MS))


def cohort(stays: list[CohortStay], events: dict[str, float]) -> Cohort:
    """Everybody is seen every hour; `events`: the hour, by stay."""
    readings = [
        (one.id, parameter, at_ms, value)
        for one in stays
        for at_ms in range(one.began_ms, one.ended_ms, HOUR_MS)
        for parameter, value in VALUES.items()
    ]
    happened = [(name, Outcome(int(hour * HOUR_MS), "unplanned-icu")) for name, hour in events.items()]
    return made(ABOUT, stays, readings, happened)


def of(name: str, once: Cohort) -> list[Landmark]:
    return [row for row in landmarks(once, Rules()).rows if row.stay.id == name]


def test_who_is_moved_to_another_bed_has_the_event_of_there_and_is_not_looked_at_after_it() -> None:
    ward, icu, later = stay("S1", "P1", 0, 20), stay("S2", "P1", 20.1, 60), stay("S3", "P1", 300, 310)
    once = cohort([ward, icu, later, stay("S4", "P2", 0, 20)], {"S2": 20.2})
    assert [row.event for row in of("S1", once)] == [*[False] * 4, *[True] * 5]
    assert of("S2", once) == []  # all of it is after the event
    assert [row.event for row in of("S3", once)] == [False] * 4  # who comes again can have another one
    assert not any(row.event for row in of("S4", once))


@pytest.mark.parametrize(("apart_ms", "is_one"), [(APART_MS, True), (APART_MS + 1, False)])
def test_stays_are_one_episode_if_they_are_a_day_apart_at_most(apart_ms: int, is_one: bool) -> None:
    second = CohortStay("S2", "P1", "ward-a", "", 70, 20 * HOUR_MS + apart_ms, 90 * HOUR_MS)
    once = cohort([stay("S1", "P1", 0, 20), second], {"S1": 19.5})
    assert (of("S2", once) == []) == is_one


def test_nothing_is_said_of_moments_whose_readings_or_events_are_not_all_known() -> None:
    once = cohort([stay("S1", "P1", 0, 48)], {})
    known = replace(once, known_ms=(10 * HOUR_MS, 40 * HOUR_MS))
    hours = [row.at_ms // HOUR_MS for row in of("S1", known)]
    assert hours == list(range(16, 29, 2))  # six hours of readings before, twelve of events after
    assert len(of("S1", once)) == 23
