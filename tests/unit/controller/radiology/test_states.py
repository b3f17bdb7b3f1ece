"""How far orders and reports may go: FHIR's states as tables, and words for what is refused."""

import pytest

from controller.errors import Conflict
from controller.radiology.states import (
    ORDER_STEPS,
    REPORT_STEPS,
    SIGNED,
    OrderState,
    ReportState,
    needs_proof,
)
from controller.steps import check_step

ORDER_WAYS = {
    "draft": "active revoked entered-in-error",
    "active": "on-hold revoked completed entered-in-error",
    "on-hold": "active revoked entered-in-error",
    "revoked": "entered-in-error",
    "completed": "entered-in-error",
    "entered-in-error": "",
}


@pytest.mark.parametrize("now", OrderState)
@pytest.mark.parametrize("to", OrderState)
def test_an_order_goes_where_the_table_says_and_nowhere_else(now: OrderState, to: OrderState) -> None:
    if str(to) in ORDER_WAYS[now].split():
        check_step(ORDER_STEPS, now, to)
    else:
        with pytest.raises(Conflict, match=f"it is {now} and cannot become {to}: possible now is"):
            check_step(ORDER_STEPS, now, to)


def test_a_refusal_says_what_is_possible_now() -> None:
    with pytest.raises(Conflict, match=r"possible now is active, entered-in-error, revoked$"):
        check_step(ORDER_STEPS, OrderState.DRAFT, OrderState.COMPLETED)
    with pytest.raises(Conflict, match=r"possible now is nothing$"):
        check_step(ORDER_STEPS, OrderState.ENTERED_IN_ERROR, OrderState.ACTIVE)


@pytest.mark.parametrize("now", ReportState)
def test_what_was_final_is_never_preliminary_again(now: ReportState) -> None:
    if now in SIGNED:
        assert REPORT_STEPS[now] == SIGNED - {ReportState.FINAL} | {ReportState.ENTERED_IN_ERROR}


@pytest.mark.parametrize("to", ReportState)
def test_whoever_signs_or_changes_what_is_signed_proves_who_they_are(to: ReportState) -> None:
    assert needs_proof(ReportState.PRELIMINARY, to) is (to in SIGNED)
    assert needs_proof(ReportState.FINAL, to)


def test_every_state_has_a_row() -> None:
    assert set(ORDER_STEPS) == set(OrderState)
    assert set(REPORT_STEPS) == set(ReportState)
