"""What is not handed out is not paid for: the payment of what was cancelled or declined is taken back.

Which those are follows of the rows alone: nothing is lost by a kill between the two changes. A payment's
subject is "RX00000001/1": the prescription, and which time it is handed out, from 1 on. A payment that was
made after the end is for what comes next, and what was handed out is given back by a person.
"""

import asyncio
import logging
import sqlite3

from controller.errors import Conflict
from controller.identity.certificates import By
from controller.imaging.sight import WHOLE
from controller.payments.model import Known
from controller.payments.service import Payments

EVERY_S = 2.0
_LATE_MS = 60_000
"""A transaction may be seen so much later than the time that it has in it."""
_OPEN = """payment.state IN ('priced', 'eligibility-checked', 'awaiting-payment', 'paid')
AND payment.withdrawn = '' AND payment.made_ms <= ended.changed_ms"""
_SUBJECT = "payment.subject = prescription.number || '/' || (task.fill + 1)"
_BY_DISPENSE = f"""SELECT payment.number, ended.changed_by, ended.why FROM rx_dispense AS ended
JOIN rx_task AS task ON task.id = ended.task
JOIN prescription ON prescription.id = ended.prescription
JOIN payment ON {_SUBJECT}
WHERE ended.state IN ('cancelled', 'declined', 'stopped') AND ended.changed_ms >= :since AND {_OPEN}
  AND NOT EXISTS (SELECT 1 FROM rx_dispense AS other WHERE other.task = task.id
    AND other.state NOT IN ('cancelled', 'declined', 'stopped'))"""
_BY_TASK = f"""SELECT payment.number, ended.changed_by, ended.why FROM rx_task AS ended
JOIN rx_task AS task ON task.id = ended.id
JOIN prescription ON prescription.id = ended.prescription
JOIN payment ON {_SUBJECT}
WHERE ended.state IN ('rejected', 'cancelled', 'failed') AND ended.changed_ms >= :since AND {_OPEN}
  AND NOT EXISTS (SELECT 1 FROM rx_dispense AS other WHERE other.task = task.id
    AND other.state = 'completed')"""

log = logging.getLogger(__name__)


class Withdrawn:
    """Of one controller. At its start it looks at all that has ended, then at what has ended since."""

    def __init__(self, payments: Payments) -> None:
        self._payments = payments
        self._since_ms = 0

    async def run(self) -> None:
        """Until cancelled. Raises StoreError."""
        while True:
            await self.look()
            await asyncio.sleep(EVERY_S)

    async def look(self) -> int:
        """Once. Gives how many were taken back. Raises StoreError."""
        books, since = self._payments.books, {"since": self._since_ms}
        begun_ms = books.now_ms()
        rows = [*await books.store.read(_BY_DISPENSE, since), *await books.store.read(_BY_TASK, since)]
        found = {row["number"]: row for row in rows}
        done = [await self._take_back(row) for row in found.values()]
        self._since_ms = begun_ms - _LATE_MS
        return sum(done)

    async def _take_back(self, row: sqlite3.Row) -> bool:
        """It is settled by and by (settling.py); what cannot be taken back by itself waits for a person."""
        why = f"not handed out: {row['why']}" if row["why"] else "not handed out"
        try:
            await self._payments.take_back(Known(row["number"], WHOLE), By(row["changed_by"], why=why))
        except Conflict as error:
            log.warning("%s was not taken back: %s", row["number"], error)
            return False
        return True
