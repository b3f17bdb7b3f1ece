"""controller/conferences/states.py"""

import pytest

from controller.conferences.states import (
    ANSWER_STEPS,
    CASE_STEPS,
    CONFERENCE_STEPS,
    OPEN,
    TO_COME,
    AnswerState,
    CaseState,
    ConferenceState,
)
from controller.errors import Conflict
from controller.steps import check_step

_C, _A, _K = ConferenceState, AnswerState, CaseState
MAY = {
    (_C.PROPOSED, _C.BOOKED),
    (_C.BOOKED, _C.PROPOSED),
    (_C.BOOKED, _C.IN_PROGRESS),
    (_C.IN_PROGRESS, _C.FINISHED),
    (_C.FINISHED, _C.IN_PROGRESS),
    (_C.FINISHED, _C.FULFILLED),
    (_C.PROPOSED, _C.CANCELLED),
    (_C.BOOKED, _C.CANCELLED),
} | {(one, _C.ENTERED_IN_ERROR) for one in _C if one is not _C.ENTERED_IN_ERROR}


@pytest.mark.parametrize("now", _C)
@pytest.mark.parametrize("to", _C)
def test_a_conference_goes_only_where_it_may(now: ConferenceState, to: ConferenceState) -> None:
    if (now, to) in MAY:
        check_step(CONFERENCE_STEPS, now, to)
    else:
        with pytest.raises(Conflict):
            check_step(CONFERENCE_STEPS, now, to)


@pytest.mark.parametrize("now", _A)
@pytest.mark.parametrize("to", _A)
def test_an_answer_may_be_changed_and_not_said_twice(now: AnswerState, to: AnswerState) -> None:
    assert (to in ANSWER_STEPS[now]) is (now is not to)


@pytest.mark.parametrize(
    ("now", "to"),
    [
        *((_K.WAITING, _K.NOW), (_K.NOW, _K.DONE), (_K.NOW, _K.WAITING), (_K.DONE, _K.NOW)),
        *((_K.WAITING, _K.OFF), (_K.OFF, _K.WAITING)),
    ],
)
def test_a_case_comes_on_is_done_or_is_taken_off(now: CaseState, to: CaseState) -> None:
    check_step(CASE_STEPS, now, to)
    assert sum(map(len, CASE_STEPS.values())) == 6


def test_what_is_over_has_nothing_left_to_do() -> None:
    assert TO_COME < OPEN
    assert {_C.FULFILLED, _C.CANCELLED, _C.ENTERED_IN_ERROR}.isdisjoint(OPEN)
