"""What follows of what the provider says: each state, each outcome, in any order and any number."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from controller.payments.judging import judge
from controller.payments.model import Money, Payment, Verdict, refund_key
from controller.payments.states import INVOICE, OPEN, OVER, PAYMENT_STEPS, RECEIPTED, PaymentState

S = PaymentState
Make = Callable[..., Payment]
DUE = Money(200, "EUR")
TAKEN = {"taken": DUE, "refunds": 1}


def said(payment: Payment, status: Any, amount: Money = DUE, refund: int = 0) -> Verdict:
    key = refund_key(payment.key, refund) if refund else payment.key
    return Verdict(key, status, amount, "ref", "why-not")


def test_each_state_has_its_steps_and_its_name_in_fhir() -> None:
    assert set(PAYMENT_STEPS) == set(INVOICE) == set(S)
    assert all(S.HELD in steps for steps in PAYMENT_STEPS.values())
    assert {state for state in S if S.PAID in PAYMENT_STEPS[state]} == {S.AWAITING}
    assert {state for state in S if S.REFUNDED in PAYMENT_STEPS[state]} == {S.REFUND_PENDING}
    assert not OVER & (OPEN | {S.PAID})
    assert not RECEIPTED & {S.AWAITING, S.HELD}


def test_what_was_asked_for_and_taken_is_paid(payment: Make) -> None:
    waiting = payment(S.AWAITING)
    step = judge(waiting, said(waiting, "settled"))
    assert step
    assert (step.to, step.taken, step.reference) == (S.PAID, DUE, "ref")


@pytest.mark.parametrize("amount", [Money(201, "EUR"), Money(199, "EUR"), Money(0, "EUR"), Money(200, "USD")])
def test_any_other_amount_or_currency_is_held(payment: Make, amount: Money) -> None:
    waiting = payment(S.AWAITING)
    step = judge(waiting, said(waiting, "settled", amount))
    assert step
    assert (step.to, step.taken) == (S.HELD, amount)
    assert str(amount) in step.why


@pytest.mark.parametrize(("status", "to"), [("declined", S.FAILED), ("cancelled", S.CANCELLED)])
def test_what_was_not_taken_is_not_paid(payment: Make, status: str, to: PaymentState) -> None:
    waiting = payment(S.AWAITING)
    step = judge(waiting, said(waiting, status))
    assert step
    assert (step.to, step.why, step.taken) == (to, "why-not", None)


@pytest.mark.parametrize("state", list(S))
@pytest.mark.parametrize("status", ["pending", "unknown"])
def test_what_is_not_known_changes_nothing(payment: Make, state: PaymentState, status: str) -> None:
    held = payment(state, **TAKEN)
    assert judge(held, said(held, status)) is None
    assert judge(held, said(held, status, refund=1)) is None


@pytest.mark.parametrize("state", [S.PRICED, S.CHECKED, S.FAILED, S.CANCELLED])
def test_money_that_was_taken_though_nobody_asked_is_not_lost(payment: Make, state: PaymentState) -> None:
    held = payment(state)
    step = judge(held, said(held, "settled"))
    assert step
    assert (step.to, step.taken) == (S.HELD, DUE)


def test_paid_and_then_declined_is_held(payment: Make) -> None:
    held = payment(S.PAID, taken=DUE)
    step = judge(held, said(held, "declined"))
    assert step
    assert step.to is S.HELD


def test_all_that_was_taken_given_back_is_refunded_and_less_is_held(payment: Make) -> None:
    pending = payment(S.REFUND_PENDING, **TAKEN)
    whole = judge(pending, said(pending, "settled", refund=1))
    part = judge(pending, said(pending, "settled", Money(199, "EUR"), refund=1))
    failed = judge(pending, said(pending, "declined", refund=1))
    assert whole and part and failed
    assert (whole.to, whole.returned_minor) == (S.REFUNDED, 200)
    assert (part.to, part.returned_minor) == (S.HELD, 199)
    assert (failed.to, failed.why) == (S.REFUND_FAILED, "why-not")


def test_a_refund_that_failed_and_then_was_made_is_held_and_never_made_again(payment: Make) -> None:
    again = payment(S.REFUND_PENDING, taken=DUE, refunds=2)
    step = judge(again, said(again, "settled", refund=1))
    assert step
    assert (step.to, step.returned_minor) == (S.HELD, 200)
    assert judge(again, said(again, "declined", refund=1)) is None


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    state=st.sampled_from(S),
    taken=st.sampled_from([None, DUE, Money(201, "EUR")]),
    returned=st.sampled_from([None, 200, 199]),
    status=st.sampled_from(["settled", "declined", "cancelled"]),
    amount=st.sampled_from([DUE, Money(201, "EUR"), Money(200, "USD")]),
    refund=st.integers(0, 3),
)
def test_each_step_is_one_of_the_table_and_said_twice_changes_nothing_more(
    payment: Make, state: PaymentState, taken: Any, returned: Any, status: Any, amount: Money, refund: int
) -> None:
    held = payment(state, taken=taken, returned_minor=returned, refunds=2)
    verdict = said(held, status, amount, refund)
    step = judge(held, verdict)
    if step is None:
        return
    assert step.to in PAYMENT_STEPS[state]
    assert step.to is not S.PAID or amount == DUE
    now = {"taken": step.taken or taken, "refunds": 2}
    back = returned if step.returned_minor is None else step.returned_minor
    after = payment(step.to, returned_minor=back, **now)
    assert judge(after, verdict) is None


def test_amounts_are_exact_in_each_currency() -> None:
    shown = [str(Money(*one)) for one in ((1250, "EUR"), (5, "EUR"), (1250, "JPY"), (1, "KWD"), (0, "USD"))]
    assert shown == ["12.50 EUR", "0.05 EUR", "1250 JPY", "0.001 KWD", "0.00 USD"]
    assert Money(10**12, "EUR").value == "10000000000.00"
