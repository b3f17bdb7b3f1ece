"""What is kept back until it is paid: nothing urgent, nothing of a ward, nothing by default."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.payments.handing import is_paid, keeps
from controller.payments.model import Money, Payment
from controller.payments.states import PaymentState
from tests.unit.controller.payments.conftest import payment_at

Make = Callable[..., Payment]
S = PaymentState
_TAKEN = {"taken": Money(200, "EUR")}
ANY = st.one_of(st.none(), st.sampled_from(S).map(payment_at))


@given(st.sampled_from(["stat", "asap", "urgent"]), st.sampled_from(["home", "pick-up", "ward"]), ANY)
def test_what_is_urgent_is_never_kept_back(priority: str, delivery: str, payment: Payment | None) -> None:
    assert not keeps("wait", priority, delivery, payment)


@given(st.sampled_from(["home", "pick-up", "ward"]), ANY)
def test_unless_the_site_says_so_nothing_is_kept_back(delivery: str, payment: Payment | None) -> None:
    assert not keeps("hand-over", "routine", delivery, payment)


def test_what_a_ward_gives_is_not_kept_back_and_what_goes_home_waits_for_its_payment(payment: Make) -> None:
    assert not keeps("wait", "routine", "ward", None)
    assert keeps("wait", "routine", "home", None)
    assert keeps("wait", "routine", "pick-up", payment(S.AWAITING))
    assert not keeps("wait", "routine", "pick-up", payment(S.PAID, **_TAKEN))


@pytest.mark.parametrize(
    ("state", "members", "paid"),
    [
        (S.PRICED, {}, False),
        (S.CHECKED, {}, False),
        (S.CHECKED, {"insured_minor": 999}, True),  # the insurance pays all of it
        (S.AWAITING, {}, False),
        (S.PAID, _TAKEN, True),
        (S.HELD, _TAKEN, True),  # it was taken: how much is not the patient's matter
        (S.HELD, {}, False),
        (S.HELD, {**_TAKEN, "returned_minor": 200}, False),
        (S.REFUND_PENDING, _TAKEN, False),
        (S.REFUNDED, {**_TAKEN, "returned_minor": 200}, False),
        (S.FAILED, {}, False),
    ],
)
def test_paid_is_what_the_hospital_has_the_money_of(
    payment: Make, state: S, members: dict[str, Any], *, paid: bool
) -> None:
    assert is_paid(payment(state, **members)) is paid
