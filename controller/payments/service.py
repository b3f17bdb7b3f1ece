"""What people and the provider do with payments: each step is on the disk before the provider hears of it.

    made = await payments.price(purchase, items, by)
    made = await payments.pay(known, due, by)

A call whose answer does not come leaves the payment where it is; settling.py asks on.
"""

import logging
import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from uuid import UUID, uuid4

from controller.errors import Conflict, PaymentRefused, PaymentSilent
from controller.identity.certificates import By
from controller.payments.books import PROVIDER, Books, held, live, of_id
from controller.payments.judging import Step, judge
from controller.payments.model import (
    CardNumber,
    Item,
    Known,
    Money,
    Offer,
    Payment,
    Purchase,
    Verdict,
    payment_key,
)
from controller.payments.provider import Provider
from controller.payments.states import PaymentState

_S = PaymentState
_BEFORE_PAYING = frozenset({_S.PRICED, _S.CHECKED})
_OTHER = "{} is being paid for by {} with other items: take that back first"
_IN_PART = "{} was given back of {}: settle the rest of {} with the provider"

log = logging.getLogger(__name__)


class Payments:
    """Methods raise StoreError, too."""

    def __init__(
        self, books: Books, provider: Provider, currency: str, new_uuid: Callable[[], UUID] = uuid4
    ) -> None:
        self.books = books
        self.provider = provider
        self._currency = currency
        self._new_uuid = new_uuid

    async def price(self, purchase: Purchase, items: Sequence[Item], by: By) -> Payment:
        """What `items` cost; asked again for the same, the same payment.

        Raises Conflict: the subject is being paid for otherwise; PaymentRefused, PaymentSilent.
        """
        priced = await self.provider.price(items, self._currency)
        offer = Offer(purchase, priced, self._currency)

        def work(db: sqlite3.Connection) -> Payment:
            before = live(db, purchase.subject)
            if before is None:
                return self.books.add(db, offer, self._new_uuid().hex, by)
            is_same = [line.item for line in before.lines] == list(items)
            if before.identifier != purchase.identifier or not is_same:
                raise Conflict(_OTHER.format(purchase.subject, before.number))
            return before

        return await self.books.store.write(work)

    async def check_coverage(self, known: Known, card: CardNumber, by: By) -> Payment:
        """Ask the insurance. The number of the card is kept nowhere.

        Raises NotFound; Conflict: it is too late; PaymentRefused: the card is not taken; PaymentSilent.
        """
        payment = await self.books.find(known)
        _check_unpaid(payment)
        try:
            covered = await self.provider.eligibility(payment.name, card, payment)
        except PaymentRefused as error:
            await self.books.refuse(payment, by, str(error))
            raise

        def work(db: sqlite3.Connection) -> Payment:
            now = held(db, known)
            _check_unpaid(now)
            return self.books.cover(db, now, covered, card.end, by)

        return await self.books.store.write(work)

    async def self_pay(self, known: Known, by: By) -> Payment:
        """No insurance card is shown: the patient pays all of it. Raises NotFound; Conflict: too late."""

        def work(db: sqlite3.Connection) -> Payment:
            now = held(db, known)
            _check_unpaid(now)
            return self.books.uncovered(db, now, by)

        return await self.books.store.write(work)

    async def pay(self, known: Known, due: Money, by: By) -> Payment:
        """Take `due`, which the patient has agreed to. Asked again it pays nothing again: what became of it
        is asked for. Of a provider with pages of its own the patient pays on the payment's `page`.

        Raises NotFound; Conflict: another amount is due, or it came to nothing.
        """
        payment, is_new = await self.books.store.write(lambda db: self._ask_to_pay(db, known, due, by))
        if is_new:
            return await self._told(payment, self.provider.pay)
        return await self._told(payment, self.what_became) if payment.state is _S.AWAITING else payment

    async def what_became(self, payment: Payment) -> Verdict:
        """Of what the provider was asked for. What it never heard of is asked for again, under the same key.
        Raises PaymentSilent."""
        if payment.state is _S.AWAITING and payment.withdrawn:
            return await self.provider.cancel(payment)
        is_refund = payment.state is _S.REFUND_PENDING
        call: Callable[[Payment], Awaitable[Verdict]]
        call = self.provider.refund if is_refund else self.provider.pay
        verdict = await self.provider.status(payment.refund_key if is_refund else payment.key)
        return await call(payment) if verdict.status == "unknown" else verdict

    async def take_back(self, known: Known, by: By) -> Payment:
        """Nothing is paid any more, or all that was taken is given back; while the outcome is not known, as
        soon as it is. Asked again it gives nothing back again.

        Raises NotFound; Conflict: there is nothing to give back, or a part was given back already.
        """
        payment, is_new = await self.books.store.write(lambda db: self._ask_back(db, known, by))
        return await self._told(payment, self.provider.refund) if is_new else payment

    async def heard(self, verdict: Verdict) -> Payment | None:
        """What the provider says by itself; None: it is of none of our payments, or not known yet."""
        payment = await self.books.of_key(payment_key(verdict.key))
        return None if payment is None or verdict.status == "pending" else await self.settle(payment, verdict)

    async def settle(self, payment: Payment, verdict: Verdict) -> Payment:
        """What follows of `verdict`, once."""
        after = await self.books.store.write(lambda db: self._settle(db, payment.id, verdict))
        is_refund = after.state is _S.REFUND_PENDING and verdict.key == after.key
        return await self._told(after, self.provider.refund) if is_refund and after.withdrawn else after

    async def _told(self, payment: Payment, call: Callable[[Payment], Awaitable[Verdict]]) -> Payment:
        """What follows of the answer to `call`, if there is one: settling.py asks for those that are not."""
        try:
            verdict = await call(payment)
        except PaymentSilent as error:
            log.warning("%s: it is not known whether it was done: %s", payment.number, error)
            return payment
        return await self.settle(payment, verdict)

    def _ask_to_pay(self, db: sqlite3.Connection, known: Known, due: Money, by: By) -> tuple[Payment, bool]:
        payment = held(db, known)
        if payment.due != due:
            raise Conflict(f"{payment.number}: {payment.due} is due, not {due}: show it to the patient again")
        if payment.state in (_S.AWAITING, _S.PAID):
            return payment, False
        return self.books.move(db, payment, Step(_S.AWAITING), by), True

    def _ask_back(self, db: sqlite3.Connection, known: Known, by: By) -> tuple[Payment, bool]:
        payment = held(db, known)
        if payment.state in (_S.CANCELLED, _S.REFUND_PENDING, _S.REFUNDED):
            return payment, False
        if payment.state in _BEFORE_PAYING:
            return self.books.move(db, payment, Step(_S.CANCELLED, by.why), by), False
        if payment.state is _S.AWAITING:
            return (payment if payment.withdrawn else self.books.withdraw(db, payment, by)), False
        return self._refund(db, payment, by), True

    def _refund(self, db: sqlite3.Connection, payment: Payment, by: By) -> Payment:
        if payment.taken is None:
            raise Conflict(f"{payment.number} is {payment.state}: nothing was taken, nothing is given back")
        if payment.returned_minor:
            back = Money(payment.returned_minor, payment.taken.currency)
            raise Conflict(_IN_PART.format(back, payment.taken, payment.number))
        again = payment.state is _S.REFUND_FAILED
        refunds = payment.refunds + 1 if again else max(payment.refunds, 1)
        return self.books.move(db, payment, Step(_S.REFUND_PENDING, by.why), by, refunds)

    def _settle(self, db: sqlite3.Connection, number: int, verdict: Verdict) -> Payment:
        payment = of_id(db, number)
        step = judge(payment, verdict)
        if step is None:
            is_moved = verdict.status == "pending" and verdict.page != payment.page
            return self.books.opened(db, payment, verdict.page) if is_moved else payment
        after = self.books.move(db, payment, step, PROVIDER)
        if after.state is _S.PAID and after.withdrawn:
            return self._refund(db, after, By(PROVIDER.actor, why=after.withdrawn))
        return after


def _check_unpaid(payment: Payment) -> None:
    if payment.state not in _BEFORE_PAYING:
        raise Conflict(f"{payment.number} is {payment.state}: it is too late for a card")
