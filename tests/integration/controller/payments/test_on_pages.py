"""A provider with pages of its own: the patient types the card's number there, and pays once."""

import urllib.parse
import urllib.request
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from controller.errors import PaymentSilent
from controller.payments.http_provider import HttpProvider
from controller.payments.model import Payment, Purchase
from controller.payments.states import PaymentState
from controller.store import Store
from tests.integration.controller.payments.conftest import Till
from tests.support.controller import ShiftedClock
from tests.support.payments import (
    ACCOUNT,
    ANNA,
    DUE_MINOR,
    ITEMS,
    SandboxProcess,
    known,
    paid,
    payments_of,
)

S = PaymentState
CARD = "4000 0000 0000 {}"


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    with SandboxProcess(tmp_path_factory.mktemp("pages"), back="http://localhost/my") as started:
        yield started


@pytest.fixture
async def till(tmp_path: Path, pages: SandboxProcess) -> AsyncIterator[Till]:
    store, clock = await Store.open(tmp_path / "controller.db"), ShiftedClock()
    payments = payments_of(store, clock, pages)
    yield Till(store, clock, payments, pages)
    await payments.provider.close()
    await store.close()


def typed(page: str, end: str) -> str:
    """What the page says when a card is typed on it."""
    body = urllib.parse.urlencode({"card": CARD.format(end)}).encode()
    with urllib.request.urlopen(page, body, timeout=10) as answer:
        return answer.read().decode()


async def asked(till: Till, payment: Payment) -> Payment:
    """The patient presses again: it pays nothing, it asks what became of it."""
    return await till.payments.pay(known(payment), payment.due, ANNA)


async def test_pressed_twice_it_is_one_page_and_paid_twice_there_it_is_one_payment(till: Till) -> None:
    made = await paid(till.payments, "0001")
    assert (made.state, made.taken) == (S.AWAITING, None)
    assert made.page.startswith(till.sandbox.url)
    assert (await asked(till, made)).page == made.page
    assert "Paid" in typed(made.page, "0001")
    assert "Paid" in typed(made.page, "0001")
    after = await asked(till, made)
    assert (after.state, after.page, till.taken(made)) == (S.PAID, "", [DUE_MINOR])


async def test_a_bank_that_refuses_leaves_the_page_open_for_another_card(till: Till) -> None:
    made = await paid(till.payments, "0001")
    assert "not enough money" in typed(made.page, "0004")
    assert (await asked(till, made)).page == made.page
    typed(made.page, "0001")
    assert (await asked(till, made)).state is S.PAID


async def test_while_the_bank_works_there_is_no_page_to_pay_on_again(till: Till) -> None:
    made = await paid(till.payments, "0001")
    assert "Your bank is working" in typed(made.page, "0005")
    assert "<form" not in typed(made.page, "0001")
    waiting = await asked(till, made)
    assert (waiting.state, waiting.page) == (S.AWAITING, "")
    assert till.taken(made) == []


async def test_a_closed_phone_is_found_out_by_asking_and_what_is_withdrawn_is_not_paid(till: Till) -> None:
    made = await paid(till.payments, "0001")
    typed(made.page, "0001")  # and the phone is closed; the provider's call does not come either
    await till.later()
    assert (await till.now(made)).state is S.PAID
    other = await paid(till.payments, "0001", "RX2/1")
    assert (await till.payments.take_back(known(other), ANNA)).page == ""
    await till.later()
    assert (await till.now(other)).state is S.CANCELLED
    assert "nothing to pay here" in typed(other.page, "0001")
    assert till.taken(other) == []


async def test_who_shows_no_insurance_card_pays_all_of_it(till: Till) -> None:
    made = await till.payments.price(Purchase("RX3/1", "4711", "Muster, Anna"), ITEMS, ANNA)
    made = await till.payments.self_pay(known(made), ANNA)
    assert (made.coverage, made.due.minor, made.covered_ms) == ("self-pay", 2999, None)
    made = await till.payments.pay(known(made), made.due, ANNA)
    typed(made.page, "0001")
    assert (await asked(till, made)).state is S.PAID
    assert till.taken(made) == [2999]


async def test_a_page_of_somebody_else_is_not_opened(till: Till) -> None:
    made = await paid(till.payments, "0001")
    strict = HttpProvider(till.sandbox.url, ACCOUNT, till.clock, pages="https://pay.example")
    with pytest.raises(PaymentSilent, match="another's"):
        await strict.status(made.key)
    await strict.close()
