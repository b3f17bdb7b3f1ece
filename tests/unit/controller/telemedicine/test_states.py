"""controller/telemedicine/states.py"""

from controller.telemedicine.states import OPEN, VISIT_STEPS, VisitState


def test_every_state_has_its_steps() -> None:
    assert set(VISIT_STEPS) == set(VisitState)


def test_what_is_over_is_entered_by_nobody_and_becomes_nothing_but_an_error() -> None:
    over = set(VisitState) - OPEN
    assert over == {VisitState.FULFILLED, VisitState.CANCELLED, VisitState.ENTERED_IN_ERROR}
    assert all(VISIT_STEPS[state] <= {VisitState.ENTERED_IN_ERROR} for state in over)


def test_a_visit_that_was_held_did_begin() -> None:
    before = {state for state, then in VISIT_STEPS.items() if VisitState.FULFILLED in then}
    assert before == {VisitState.IN_PROGRESS}
