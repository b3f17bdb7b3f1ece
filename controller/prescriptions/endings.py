"""A prescription whose days are over completes by itself, as soon as nothing of it is under way.

What is over follows from the rows alone: after a restart, or after days without a controller, the next look
finds it.
"""

import asyncio
import sqlite3
from collections.abc import Callable

from controller.identity.certificates import By
from controller.prescriptions.books import SELECT, Books, of_id, prescription_of
from controller.prescriptions.model import Prescription
from controller.prescriptions.states import RX_STEPS, RxState
from controller.prescriptions.timing import DAY_MS
from controller.prescriptions.withdrawal import end_tasks
from controller.steps import check_step

_EVERY_S = 60
BY = By("controller", why="its days are over")
_WITH_DAYS = f"""{SELECT} WHERE prescription.state = 'active'
AND CAST(json_extract(wanted, '$.days') AS INTEGER) > 0"""
_UNDER_WAY = """SELECT 1 FROM rx_task
  WHERE prescription = :rx AND state IN ('accepted', 'in-progress', 'on-hold')
UNION ALL SELECT 1 FROM rx_dispense
  WHERE prescription = :rx AND state IN ('preparation', 'in-progress', 'on-hold')
UNION ALL SELECT 1 FROM rx_delivery JOIN rx_dispense ON rx_dispense.id = rx_delivery.dispense
  WHERE rx_dispense.prescription = :rx AND rx_delivery.state = 'in-progress' LIMIT 1"""
_COMPLETE = """UPDATE prescription SET state = 'completed', revision = revision + 1, changed_by = ?,
  changed_ms = ? WHERE id = ?"""


class Completing:
    """Looks for what is over. `tell` is called for each that has completed."""

    def __init__(self, books: Books, tell: Callable[[Prescription], None]) -> None:
        self._books = books
        self._tell = tell

    async def run(self) -> None:
        """Look each minute, until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(_EVERY_S)

    async def look(self) -> list[str]:
        """Numbers of those that completed now. Raises StoreError."""
        found: list[str] = []
        for rx in map(prescription_of, await self._books.store.read(_WITH_DAYS)):
            if self._is_over(rx) and await self._books.store.write(lambda db, rx=rx: self._complete(db, rx)):
                found.append(rx.number)
                self._tell(rx)
        return found

    def _is_over(self, rx: Prescription) -> bool:
        return (rx.begin_ms or 0) + rx.wanted.days * DAY_MS <= self._books.utc_ms()

    def _complete(self, db: sqlite3.Connection, known: Prescription) -> bool:
        """False: something of it is under way, or somebody changed it meanwhile."""
        rx = of_id(db, known.id)
        if rx.state is not RxState.ACTIVE or db.execute(_UNDER_WAY, {"rx": rx.id}).fetchone() is not None:
            return False
        check_step(RX_STEPS, rx.state, RxState.COMPLETED)
        end_tasks(db, self._books, rx, BY)
        db.execute(_COMPLETE, (BY.actor, self._books.now_ms(), rx.id))
        self._books.note(db, "prescription-changed", rx, BY, state=str(RxState.COMPLETED))
        return True
