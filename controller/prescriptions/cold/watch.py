"""Looks at what must stay cold: a range that is left on the way is on record, late readings are judged.

A gateway without an uplink sends what it has when it is back. What such readings say of a delivery that was
received already changes its record; what is newly against it has to be judged: the pharmacy and who has it
are told. All of it follows from rows: after a kill the next look finds the same.
"""

import asyncio
import sqlite3
from collections.abc import Callable

from controller.identity.certificates import By
from controller.prescriptions import custody, notices
from controller.prescriptions.books import Books, of_id
from controller.prescriptions.cold import rows
from controller.prescriptions.cold.record import ColdDoubt
from controller.prescriptions.cold.rows import Cold
from controller.prescriptions.cold.states import ColdState
from controller.prescriptions.custody import PATIENT
from controller.prescriptions.model import Prescription
from controller.prescriptions.pharmacy_notices import What, tell

EVERY_S = 15
LATE_MS = 14 * 86_400_000
"""So long after its end readings of a delivery are looked for."""
NOTICE = "cold"
_BY = By("controller")
_WHOSE = """SELECT rx_delivery.number, rx_dispense.prescription FROM rx_delivery
JOIN rx_dispense ON rx_dispense.id = rx_delivery.dispense WHERE rx_delivery.id = ?"""


class ColdWatch:
    """`tell` is called for each prescription of which there is news."""

    def __init__(self, books: Books, tell: Callable[[Prescription], None]) -> None:
        self._books = books
        self._tell = tell
        self._seen: dict[int, str] = {}

    async def run(self) -> None:
        """Until cancelled. Raises StoreError."""
        while True:
            await self.look()
            await asyncio.sleep(EVERY_S)

    async def look(self) -> None:
        """Once. Raises StoreError."""
        since = self._books.now_ms() - LATE_MS
        found = [rows.cold_of(row) for row in await self._books.store.read(rows.SINCE, (since,))]
        for cold in found:
            if cold.boxes and await self._is_news(cold):
                rx = await self._books.store.write(lambda db, one=cold: self._look(db, one.delivery))
                if rx is not None:
                    self._tell(rx)
        self._seen = {one.delivery: self._seen.get(one.delivery, "") for one in found}

    async def _is_news(self, cold: Cold) -> bool:
        [row] = await self._books.store.read(rows.SEEN, cold.asked(self._books.now_ms()))
        seen = rows.fingerprint(row)
        before = self._seen.get(cold.delivery, "") if cold.ended_ms is None else cold.seen
        self._seen[cold.delivery] = seen
        return seen != before

    def _look(self, db: sqlite3.Connection, delivery: int) -> Prescription | None:
        """In one transaction. None: nothing follows from it."""
        cold = rows.held(db, delivery)
        if cold is None or cold.verdict == "discarded":
            return None
        row = db.execute(_WHOSE, (delivery,)).fetchone()
        rx = of_id(db, row["prescription"])
        if cold.ended_ms is None:
            return self._on_its_way(db, cold, rx, row["number"])
        return self._late(db, cold, rx, row["number"])

    def _on_its_way(
        self, db: sqlite3.Connection, cold: Cold, rx: Prescription, number: str
    ) -> Prescription | None:
        record = rows.look(db, cold, self._books.now_ms(), self._books.gap_ms)
        if ColdDoubt.RANGE in cold.doubts or ColdDoubt.RANGE not in record.doubts(cold.allowed):
            return None
        rows.doubt(db, cold, ColdDoubt.RANGE)
        told = {"box": cold.boxes[-1].place, "lowest": str(record.lowest), "highest": str(record.highest)}
        self._books.note(db, "cold-range-left", rx, _BY, delivery=number, **told)
        tell(db, self._books, What(NOTICE, number, str(ColdDoubt.RANGE)), _BY, rx=rx)
        return rx

    def _late(self, db: sqlite3.Connection, cold: Cold, rx: Prescription, number: str) -> Prescription:
        ended_ms = cold.ended_ms or 0
        before = cold.record and cold.state(cold.record)
        known = rows.keep(db, cold, ended_ms, self._books.now_ms(), self._books.gap_ms)
        state = before if known.record is None else known.state(known.record)
        self._books.note(db, "cold-late", rx, _BY, delivery=number, before=str(before), state=str(state))
        if state is ColdState.TO_JUDGE and before is not ColdState.TO_JUDGE:
            tell(db, self._books, What(NOTICE, number, "late"), _BY, rx=rx)
            holder = custody.last(db, cold.delivery).holder
            if holder != PATIENT:
                notices.tell(db, self._books, rx, NOTICE, number, person=holder)
        return rx
