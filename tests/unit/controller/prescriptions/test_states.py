"""How far each may go: FHIR's states as tables."""

from collections.abc import Mapping
from enum import StrEnum

import pytest

from controller.errors import Conflict
from controller.prescriptions.states import (
    DELIVERY_STEPS,
    DISPENSE_STEPS,
    ENDED,
    GIVEN_STEPS,
    RX_STEPS,
    TASK_STEPS,
    VOID,
    DeliveryState,
    DispenseState,
    GivenState,
    RxState,
    TaskState,
)
from controller.steps import check_step, possible

TABLES = [
    (RxState, RX_STEPS, "draft"),
    (TaskState, TASK_STEPS, "requested"),
    (DispenseState, DISPENSE_STEPS, "preparation"),
    (DeliveryState, DELIVERY_STEPS, "in-progress"),
    (GivenState, GIVEN_STEPS, "completed"),
]


@pytest.mark.parametrize(("states", "steps", "first"), TABLES)
def test_every_state_has_a_row_and_what_is_not_in_it_is_refused_with_what_is(
    states: type[StrEnum], steps: Mapping[StrEnum, frozenset[StrEnum]], first: str
) -> None:
    assert set(steps) == set(states)
    assert first in steps
    for now in states:
        for to in states:
            if to in steps[now]:
                check_step(steps, now, to)
            else:
                with pytest.raises(
                    Conflict, match=f"it is {now} and cannot become {to}: possible now is"
                ) as caught:
                    check_step(steps, now, to)
                assert all(one in str(caught.value) for one in possible(steps, now))


@pytest.mark.parametrize(("states", "steps", "first"), TABLES)
def test_nothing_goes_back_to_its_beginning(
    states: type[StrEnum], steps: Mapping[StrEnum, frozenset[StrEnum]], first: str
) -> None:
    del states
    if first != "in-progress":
        assert not any(first in steps[now] for now in steps)


def test_what_has_ended_goes_nowhere_but_into_error() -> None:
    for state in ENDED:
        assert RX_STEPS[state] <= {RxState.ENTERED_IN_ERROR}
    for state in VOID:
        assert not DISPENSE_STEPS[state]


def test_a_draft_is_never_stopped_or_completed() -> None:
    assert {"stopped", "completed", "on-hold"}.isdisjoint(RX_STEPS[RxState.DRAFT])
