"""What comes from the provider: believed in one form only, and never repeated in an error."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from controller.errors import PaymentSilent
from controller.payments import wire
from controller.payments.model import CardNumber, Item, Money, Payment
from controller.payments.states import PaymentState

Make = Callable[..., Payment]
CARD = CardNumber("A98765430001")
ITEMS = (Item("a", "A", 2), Item("b", "B", 1))
KEY = "0123456789abcdef0123456789abcdef"
OUTCOME = {"key": KEY, "status": "settled", "currency": "EUR", "amount_minor": 200, "reference": "r1"}
COVERED = {"coverage": "eligible", "currency": "EUR", "insured_minor": 799, "card": "tok_12345678"}


def test_an_outcome_is_read_as_documented() -> None:
    read = wire.read_verdict(json.dumps({**OUTCOME, "news": 1}).encode(), KEY)
    assert (read.status, read.amount, read.reference) == ("settled", Money(200, "EUR"), "r1")


@pytest.mark.parametrize(
    "wrong",
    [
        {"amount_minor": 2.0},
        {"amount_minor": "200"},
        {"amount_minor": -1},
        {"amount_minor": True},
        {"amount_minor": 10**13},
        {"currency": "eur"},
        {"status": "unknown"},
        {"status": "paid"},
        {"key": f"{KEY}-r0"},
        {"key": "f" * 32},
        {"reason": "A98765430001 is not known"},
        {"reference": "x" * 65},
    ],
)
def test_an_outcome_that_is_otherwise_is_none(wrong: dict[str, Any]) -> None:
    with pytest.raises(PaymentSilent) as refused:
        wire.read_verdict(json.dumps({**OUTCOME, **wrong}).encode(), KEY)
    assert "A9876" not in str(refused.value)


def test_a_token_that_has_the_cards_number_in_it_is_not_kept(payment: Make) -> None:
    said = json.dumps({**COVERED, "card": f"tok_{CARD.number}"}).encode()
    with pytest.raises(PaymentSilent, match="its number is in what came"):
        wire.read_eligibility(said, CARD, payment(PaymentState.PRICED))


@pytest.mark.parametrize("wrong", [{"insured_minor": 1000}, {"currency": "USD"}, {"coverage": "maybe"}])
def test_more_than_it_costs_is_not_insured(payment: Make, wrong: dict[str, Any]) -> None:
    with pytest.raises(PaymentSilent):
        wire.read_eligibility(json.dumps({**COVERED, **wrong}).encode(), CARD, payment(PaymentState.PRICED))


def test_there_is_a_price_for_each_item_in_our_currency() -> None:
    good = {"currency": "EUR", "net_minor": [200, 99]}
    assert [one.net_minor for one in wire.read_price(json.dumps(good).encode(), ITEMS, "EUR").lines] == [
        200,
        99,
    ]
    for wrong in ({"currency": "USD"}, {"net_minor": [299]}, {"net_minor": [10**12, 1]}, {"net_minor": []}):
        with pytest.raises(PaymentSilent):
            wire.read_price(json.dumps({**good, **wrong}).encode(), ITEMS, "EUR")


def test_only_the_question_to_the_insurance_has_the_cards_number(payment: Make) -> None:
    held = payment(PaymentState.CHECKED)
    assert CARD.number in wire.eligibility_request("Muster", CARD, held).decode()
    assert json.loads(wire.payment_request(held)) == {
        **{"card": "tok_12345678", "amount_minor": 200, "insured_minor": 799, "currency": "EUR"}
    }


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(sorted(OUTCOME)) | st.text(), inner),
    max_leaves=8,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.binary() | _JSON.map(lambda one: json.dumps(one).encode()))
def test_whatever_comes_it_is_read_or_refused(payment: Make, body: bytes) -> None:
    held = payment(PaymentState.PRICED)
    for read in (
        lambda: wire.read_verdict(body),
        lambda: wire.read_eligibility(body, CARD, held),
        lambda: wire.read_price(body, ITEMS, "EUR"),
        lambda: wire.read_refusal(body),
    ):
        try:
            read()
        except PaymentSilent:
            continue
