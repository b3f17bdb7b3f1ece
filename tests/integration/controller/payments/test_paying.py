"""Payments against the sandbox provider, a real process: each kind of card, and what goes wrong."""

import asyncio
import logging
from pathlib import Path

import pytest

from controller.errors import Conflict, NotFound, PaymentRefused, PaymentSilent
from controller.imaging.sight import Sight
from controller.payments.model import Item, Known, Money, Purchase
from controller.payments.signed import Account, check_callback
from controller.payments.states import PaymentState
from controller.payments.wire import read_verdict
from controller.store import Store
from controller.store.beside import Beside
from tests.integration.controller.payments.conftest import Till
from tests.support.controller import eventually
from tests.support.database import dump
from tests.support.payments import (
    ACCOUNT,
    ANNA,
    DUE_MINOR,
    ITEMS,
    SandboxProcess,
    card,
    checked,
    known,
    paid,
    payments_of,
)

S = PaymentState
DUE = Money(DUE_MINOR, "EUR")


async def test_the_insurance_pays_its_part_and_the_patient_the_rest(till: Till) -> None:
    made = await checked(till.payments, "0001")
    assert (made.total.minor, made.insured_minor, made.due) == (2999, 2399, DUE)
    paid_one = await till.payments.pay(known(made), made.due, ANNA)
    assert (paid_one.state, paid_one.taken) == (S.PAID, DUE)
    assert till.taken(made) == [DUE_MINOR]
    assert await till.trail() == [
        *("payment-priced", "payment-eligibility-checked", "payment-awaiting-payment", "payment-paid")
    ]


async def test_who_is_not_insured_pays_all(till: Till) -> None:
    made = await paid(till.payments, "0002")
    assert (made.coverage, made.insured_minor, made.state) == ("not-eligible", 0, S.PAID)
    assert till.taken(made) == [2999]


async def test_a_card_that_is_not_taken_leaves_the_payment_for_another(till: Till) -> None:
    made = await till.payments.price(Purchase("RX1/1", "4711", "Muster"), ITEMS, ANNA)
    with pytest.raises(PaymentRefused, match="card-expired"):
        await till.payments.check_coverage(known(made), card("0003"), ANNA)
    assert (await till.trail())[-1] == "payment-card-refused"
    assert (await till.payments.check_coverage(known(made), card("0001"), ANNA)).card_end == "0001"


async def test_without_the_money_nothing_is_taken_and_it_may_be_tried_anew(till: Till) -> None:
    made = await paid(till.payments, "0004")
    assert (made.state, made.why, till.taken(made)) == (S.FAILED, "insufficient-funds", [])
    again = await paid(till.payments, "0001")
    assert again.number != made.number
    assert again.state is S.PAID


async def test_what_has_no_price_is_not_begun(till: Till) -> None:
    with pytest.raises(PaymentRefused, match="no-price"):
        await till.payments.price(Purchase("RX1/1", "4711", "M"), [Item("none", "None", 1)], ANNA)
    assert await till.trail() == []


async def test_asked_twice_for_the_same_there_is_one_payment_and_of_other_items_none(till: Till) -> None:
    purchase = Purchase("RX1/1", "4711", "Muster, Anna")
    first, second = await asyncio.gather(*(till.payments.price(purchase, ITEMS, ANNA) for _ in range(2)))
    assert first.number == second.number
    with pytest.raises(Conflict, match="other items"):
        await till.payments.price(purchase, ITEMS[:1], ANNA)


async def test_paid_twice_at_once_it_is_paid_once(till: Till) -> None:
    made = await checked(till.payments, "0001")
    pay = (till.payments.pay(known(made), made.due, ANNA) for _ in range(5))
    assert {one.state for one in await asyncio.gather(*pay)} <= {S.PAID, S.AWAITING}
    assert (await till.now(made)).state is S.PAID
    assert till.taken(made) == [DUE_MINOR]


async def test_another_amount_than_the_patient_agreed_to_is_not_taken(till: Till) -> None:
    made = await checked(till.payments, "0001")
    with pytest.raises(Conflict, match="is due"):
        await till.payments.pay(known(made), Money(DUE_MINOR - 1, "EUR"), ANNA)
    assert till.taken(made) == []


@pytest.mark.parametrize("end", ["0006", "0010"])
async def test_an_answer_that_is_lost_before_or_after_is_asked_for_until_it_is_known(
    till: Till, end: str
) -> None:
    made = await paid(till.payments, end)
    assert made.state is S.AWAITING  # the fault fired: nobody knows
    await till.later()
    assert (await till.now(made)).state is S.PAID
    assert till.taken(made) == [DUE_MINOR]


async def test_a_provider_that_is_down_for_long_is_asked_less_and_less_often(till: Till) -> None:
    made = await checked(till.payments, "0001")
    till.sandbox.order(down=True)
    assert (await till.payments.pay(known(made), made.due, ANNA)).state is S.AWAITING
    for asks in (1, 2, 3):
        await till.later()
        assert (await till.now(made)).asks == asks
    before = len(till.sandbox.asked)
    till.clock.let_pass(1)
    assert await till.payments.books.due(9) == []
    till.sandbox.order(down=False)
    await till.later()
    assert (await till.now(made)).state is S.PAID
    assert len(till.sandbox.asked) > before
    assert till.taken(made) == [DUE_MINOR]


async def test_who_is_slow_is_not_waited_for_and_takes_it_once(
    till: Till, tmp_path: Path, sandbox: SandboxProcess
) -> None:
    made = await checked(till.payments, "0005")
    hasty = payments_of(till.store, till.clock, sandbox, timeout_s=0.2)
    assert (await hasty.pay(known(made), made.due, ANNA)).state is S.AWAITING
    await hasty.provider.close()
    await till.later()
    assert (await till.now(made)).why == "the provider says: pending"
    sandbox.order(release=True)
    async with asyncio.timeout(30):
        while (await till.now(made)).state is S.AWAITING:
            await till.later()
    assert (await till.now(made)).state is S.PAID
    assert till.taken(made) == [DUE_MINOR]


async def test_another_amount_than_was_asked_for_is_not_paid_but_held_for_a_person(till: Till) -> None:
    made = await paid(till.payments, "0009")
    assert (made.state, made.taken) == (S.HELD, Money(DUE_MINOR + 1, "EUR"))
    assert "6.01 EUR was taken, expected 6.00 EUR" in made.why
    await till.later()
    assert (await till.now(made)).state is S.HELD
    back = await till.payments.take_back(known(made), ANNA)
    assert (back.state, back.returned_minor) == (S.REFUNDED, DUE_MINOR + 1)
    assert sum(till.taken(made)) == 0


async def test_what_was_paid_is_given_back_once(till: Till) -> None:
    made = await paid(till.payments, "0001")
    back = [await till.payments.take_back(known(made), ANNA) for _ in range(3)]
    assert {one.state for one in back} == {S.REFUNDED}
    assert till.taken(made) == [DUE_MINOR, -DUE_MINOR]


async def test_a_refund_that_failed_is_tried_again_under_another_key(till: Till) -> None:
    made = await paid(till.payments, "0011")
    failed = await till.payments.take_back(known(made), ANNA)
    assert (failed.state, failed.why) == (S.REFUND_FAILED, "account-closed")
    assert (await till.payments.take_back(known(made), ANNA)).state is S.REFUNDED
    assert till.taken(made) == [DUE_MINOR, -DUE_MINOR]


async def test_before_it_is_paid_it_is_only_cancelled(till: Till) -> None:
    made = await checked(till.payments, "0001")
    assert (await till.payments.take_back(known(made), ANNA)).state is S.CANCELLED
    with pytest.raises(Conflict, match="cancelled"):
        await till.payments.pay(known(made), made.due, ANNA)
    assert till.taken(made) == []


@pytest.mark.parametrize(
    ("end", "state", "sums"), [("0010", S.CANCELLED, []), ("0006", S.REFUNDED, [600, -600])]
)
async def test_taken_back_while_nobody_knows_nothing_is_left_with_the_provider(
    till: Till, end: str, state: PaymentState, sums: list[int]
) -> None:
    made = await paid(till.payments, end)
    assert (await till.payments.take_back(known(made), ANNA)).state is S.AWAITING
    async with asyncio.timeout(30):
        while (now := await till.now(made)).state in (S.AWAITING, S.REFUND_PENDING):
            await till.later()
    assert (now.state, till.taken(made)) == (state, sums)
    await till.payments.provider.pay(now)  # a call of before that was long on its way
    assert till.taken(made) == sums


async def test_what_the_provider_says_by_itself_may_come_first_twice_and_late(till: Till) -> None:
    made = await paid(till.payments, "0010")
    assert made.state is S.AWAITING
    await till.payments.provider.pay(made)
    said = [one for one in till.sandbox.outbox if made.key in one["body"]]
    verdicts = [read_verdict(one["body"].encode()) for one in said] or [
        await till.payments.provider.status(made.key)
    ]
    for verdict in verdicts * 2:
        assert (await till.payments.heard(verdict) or made).state is S.PAID
    await till.later()
    back = await till.payments.take_back(known(made), ANNA)
    assert (await till.payments.heard(verdicts[0]) or made).state is back.state is S.REFUNDED
    assert till.taken(made) == [DUE_MINOR, -DUE_MINOR]


async def test_of_a_key_that_is_not_ours_nothing_follows(till: Till) -> None:
    made = await paid(till.payments, "0001")
    verdict = await till.payments.provider.status(made.key)
    store = await Store.open(till.store.folder / "other.db")
    other = payments_of(store, till.clock, till.sandbox)
    assert await other.heard(verdict) is None
    await store.close()


async def test_what_it_signs_by_itself_is_what_we_check(till: Till) -> None:
    made = await paid(till.payments, "0007")
    await eventually(lambda: len([one for one in till.sandbox.outbox if made.key in one["body"]]) == 2)
    said = [one for one in till.sandbox.outbox if made.key in one["body"]]
    one, utc_s = said[0], till.clock.utc_us() // 1_000_000
    check_callback(ACCOUNT, one["headers"], "/api/payments/callback", one["body"].encode(), utc_s)


async def test_by_the_wrong_secret_nothing_is_asked(till: Till) -> None:
    till.payments.provider._account = Account("wardlink", "another")  # type: ignore[attr-defined]
    with pytest.raises(PaymentSilent, match="got 401"):
        await till.payments.price(Purchase("RX1/1", "4711", "Muster"), ITEMS, ANNA)


async def test_of_a_patient_who_is_not_seen_nobody_learns_that_there_is_a_payment(till: Till) -> None:
    made = await paid(till.payments, "0001")
    for sight in (Sight(), Sight(frozenset({"4712"}))):
        with pytest.raises(NotFound, match="there is no payment"):
            await till.payments.take_back(Known(made.number, sight), ANNA)
        assert await till.payments.books.listed(sight) == []
    assert len(await till.payments.books.listed(Sight(frozenset({"4711"})), "RX00000001/1", "4711")) == 1


async def test_the_number_of_a_card_is_nowhere_but_at_the_provider(
    till: Till, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for end in ("0001", "0006", "0009"):
        made = await paid(till.payments, end, f"RX/{end}")
        assert made.card_end == end
        assert made.card not in repr(made)
    with pytest.raises(PaymentRefused):
        await checked(till.payments, "0003", "RX/0003")
    rows = await Beside(till.store.where).read(dump)
    for where in (rows, caplog.text, repr(card("0001"))):
        assert "A9876543" not in where
    assert "tok_" in rows
    assert "tok_" not in "\n".join(line for line in rows.splitlines() if '"audit"' in line)
