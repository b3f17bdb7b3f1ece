"""Asks the provider what became of what it was asked for, until it is known: after a time-out, a cut, a kill.

await Settler(payments).run()      # kept running by the controller
"""

import asyncio
import logging

from controller.errors import PaymentSilent
from controller.payments.model import Payment
from controller.payments.service import Payments

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
            verdict = await self._payments.what_became(payment)
        except PaymentSilent as error:
            log.warning("%s: still not known: %s", payment.number, error)
            await self._again(payment, str(error))
            return
        after = await self._payments.settle(payment, verdict)
        if verdict.status in ("pending", "unknown"):
            await self._again(after, f"the provider says: {verdict.status}")

    async def _again(self, payment: Payment, why: str) -> None:
        books = self._payments.books
        at_ms = books.now_ms() + wait_ms(payment.asks)
        await books.store.write(lambda db: books.asked(db, payment, at_ms, why))


def wait_ms(asks: int) -> int:
    """How long to wait after `asks` times before: twice as long each time, up to 5 minutes."""
    return min(_FIRST_MS * 2 ** min(asks, _DOUBLINGS), _MOST_MS)
