"""The day of a seed: every kind of trouble, and patients whose alarms can be told apart."""

from itertools import pairwise
from random import Random

import pytest

from hil.ambulance.patient import Sick, due, limits
from hil.ambulance.plan import SHORT, Road, Trouble, day


@pytest.mark.parametrize("seed", range(5))
def test_a_day_has_every_kind_of_trouble_once(seed: int) -> None:
    runs = day(Random(seed))
    assert sorted(run.trouble for run in runs) == sorted(Trouble)
    assert [run.number for run in runs] == list(range(len(Trouble)))
    assert day(Random(seed)) == runs


@pytest.mark.parametrize("seed", range(5))
def test_the_way_has_no_gaps_and_patients_never_overlap(seed: int) -> None:
    for run in day(Random(seed)):
        assert all(one.to_s == other.from_s for one, other in pairwise(run.way))
        assert all(one.to_s < other.from_s for one, other in pairwise(run.patients))
        assert run.way[0].from_s == 0
        assert run.way[-1].to_s >= run.patients[-1].to_s


def test_the_trouble_is_on_the_way_while_somebody_is_on_board() -> None:
    roads = {run.trouble: {stretch.road for stretch in run.way} for run in day(Random(1))}
    assert roads[Trouble.GARAGE] == {Road.CITY, Road.GARAGE}
    assert roads[Trouble.DEAD_GARAGE] == {Road.CITY, Road.DEAD_ZONE, Road.GARAGE}
    assert roads[Trouble.NONE] == {Road.CITY}


def test_a_patient_is_calm_but_for_what_the_plan_says() -> None:
    for run in day(Random(2)):
        for one in run.patients:
            sick = Sick.of(one)
            seconds = range(int(one.from_s), int(one.to_s))
            said = [(float(at), metric, value) for at in seconds for metric, value in sick.says(at).items()]
            alarms = list(due(said))
            assert alarms
            for alarm in alarms:
                assert any(worse.from_s - 1 <= alarm.onset_s <= worse.to_s for worse in one.worse)
            short = one.worse[1]
            assert short.to_s - short.from_s == pytest.approx(SHORT[2])
            assert not any(short.from_s - 1 <= alarm.onset_s <= short.to_s for alarm in alarms)


def test_limits_are_those_of_the_table() -> None:
    found = {(one.code, one.metric): one for one in limits()}
    assert found["spo2-low", "spo2"].holds(found["spo2-low", "spo2"].limit - 1)
    assert not found["spo2-low", "spo2"].holds(found["spo2-low", "spo2"].limit)
    assert ("apnoea", "rr") in found
