"""Asks the provider what became of what it was asked for, until it is known: after a time-out, a cut, a kill.

await Settler(payments).run()      # kept running by the controller
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from controller.errors import PaymentSilent
from controller.payments.model import Payment, Verdict
from controller.payments.service import Payments
from controller.payments.states import PaymentState

EVERY_S = 1.0
AT_ONCE = 16
"""Payments that are asked for at the same time."""
_FIRST_MS, _MOST_MS = 2_000, 300_000
_DOUBLINGS = 8

log = logging.getLogger(__name__)


class Settler:
    """Of one controller. It keeps nothing: what is open is in the database, hence known after a restart."""

    def __init__(self, payments: Payments) -> None:
        self._payments = payments

    async def run(self) -> None:
        """Until cancelled. Raises StoreError."""
        while True:
            await self.look()
            await asyncio.sleep(EVERY_S)

    async def look(self) -> None:
        """Once: ask for all that is due now. Raises StoreError."""
        due = await self._payments.books.due(AT_ONCE)
        await asyncio.gather(*(self._ask(one) for one in due))

    async def _ask(self, payment: Payment) -> None:
        try:
            verdict = await self._verdict(payment)
        except PaymentSilent as error:
            log.warning("%s: still not known: %s", payment.number, error)
            await self._again(payment, str(error))
            return
        if verdict.status in ("pending", "unknown"):
            await self._again(payment, f"the provider says: {verdict.status}")
        else:
            await self._payments.settle(payment, verdict)

    async def _verdict(self, payment: Payment) -> Verdict:
        """What became of it. What the provider never heard of is asked for again, under the same key."""
        provider = self._payments.provider
        if payment.state is PaymentState.AWAITING and payment.withdrawn:
            return await provider.cancel(payment)
        is_refund = payment.state is PaymentState.REFUND_PENDING
        call: Callable[[Payment], Awaitable[Verdict]] = provider.refund if is_refund else provider.pay
        verdict = await provider.status(payment.refund_key if is_refund else payment.key)
        return await call(payment) if verdict.status == "unknown" else verdict

    async def _again(self, payment: Payment, why: str) -> None:
        books = self._payments.books
        at_ms = books.now_ms() + wait_ms(payment.asks)
        await books.store.write(lambda db: books.asked(db, payment, at_ms, why))


def wait_ms(asks: int) -> int:
    """How long to wait after `asks` times before: twice as long each time, up to 5 minutes."""
    return min(_FIRST_MS * 2 ** min(asks, _DOUBLINGS), _MOST_MS)
