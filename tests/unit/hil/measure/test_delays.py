"""Which alarm belongs to which stimulus; nothing that is missing is left out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hil.errors import BadMeasurement
from hil.evidence.measurement import Distribution, Judgement, Limits, Measurement
from hil.measure.delays import paired


def test_by_hand() -> None:
    found = paired([1.0, 5.0, 9.0], [9.5, 1.25])
    assert found.delays == (0.25, 0.5)
    assert (found.missed, found.spurious) == ((5.0,), ())


def test_an_alarm_before_every_stimulus_and_a_second_one_are_of_nothing() -> None:
    found = paired([1.0], [0.5, 1.5, 1.75])
    assert (found.delays, found.spurious) == ((0.5,), (0.5, 1.75))


def test_a_late_alarm_is_never_taken_for_a_quick_one_of_the_next() -> None:
    assert paired([1.0, 2.0], [2.5]).missed == (1.0,)


def test_stimuli_out_of_order_are_refused() -> None:
    with pytest.raises(BadMeasurement, match="in the order"):
        paired([2.0, 1.0], [])


TIMES = st.lists(st.floats(0, 1000), max_size=30, unique=True).map(sorted)


@given(TIMES, TIMES)
def test_every_stimulus_and_every_alarm_is_accounted_for(stimuli: list[float], alarms: list[float]) -> None:
    found = paired(stimuli, alarms)
    assert len(found.delays) + len(found.missed) == len(stimuli)
    assert len(found.delays) + len(found.spurious) == len(alarms)
    assert all(one >= 0 for one in found.delays)


def test_a_missed_alarm_is_beyond_its_limit_however_quick_the_others_were() -> None:
    measured = paired([1.0, 5.0], [1.1]).measured("alarm delay", {"max": Limits(upper=1.0)}, 0.01)
    assert isinstance(measured[0], Distribution)
    assert [one.judgement for one in measured] == [Judgement.WITHIN, Judgement.BEYOND, Judgement.WITHIN]


def test_without_any_alarm_there_is_no_distribution_and_it_fails() -> None:
    measured = paired([1.0], []).measured("alarm delay", {"max": Limits(upper=1.0)}, 0.01)
    assert all(isinstance(one, Measurement) for one in measured)
    assert Judgement.BEYOND in [one.judgement for one in measured]


def test_how_it_was_measured_stays_with_the_distribution() -> None:
    told = paired([1.0], [1.5]).measured("delay", {}, 0.01, "from a driven value")
    assert told[0].note == "from a driven value"
