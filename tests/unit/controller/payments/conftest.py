"""A payment without a database."""

from collections.abc import Callable
from typing import Any

import pytest

from controller.payments.model import Item, Line, Money, Payment
from controller.payments.states import PaymentState

KEY = "0123456789abcdef0123456789abcdef"


def payment_at(state: PaymentState, **members: Any) -> Payment:
    """9.99 EUR, of which the insurance pays 7.99: 2.00 EUR are due."""
    named = {"id": 1, "number": "PY00000001", "key": KEY, "subject": "RX00000001/1"}
    who = {"identifier": "4711", "name": "Muster, Anna", "card": "tok_12345678", "card_end": "0001"}
    money = {"total": Money(999, "EUR"), "insured_minor": 799, "coverage": "eligible", "taken": None}
    at = {"state": state, "revision": 4, "why": "", "withdrawn": "", "refunds": 0, "returned_minor": None}
    by = {"made_by": "anna", "made_ms": 0, "changed_by": "anna", "changed_ms": 0}
    rest = {"reference": "", "paid_utc_ms": None, "asks": 0, "lines": (Line(Item("c", "Salt", 1), 999),)}
    shown = {"priced_by": "", "insurer": "Insurance", "covered_ms": 0, "page": ""}
    return Payment(**{**named, **who, **money, **at, **by, **rest, **shown, **members})


@pytest.fixture
def payment() -> Callable[..., Payment]:
    """Makes one in a state."""
    return payment_at
