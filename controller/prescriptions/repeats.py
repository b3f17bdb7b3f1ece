"""What may still be handed out of a prescription, how long what was handed out lasts, who is reminded."""

import asyncio
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from controller.errors import Conflict
from controller.identity.certificates import By
from controller.prescriptions import notices, pharmacy_notices, tasks
from controller.prescriptions.books import SELECT, Books, current, prescription_of
from controller.prescriptions.dispensed import Dispense, authorised, dispenses_of
from controller.prescriptions.model import Known, Prescription, told
from controller.prescriptions.states import VOID, DispenseState, RxState
from controller.prescriptions.tasks import OPEN, tasks_of
from controller.prescriptions.timing import DAY_MS, doses_per_day

EARLY_MS = 7 * DAY_MS
"""So long before it is due again it may be asked for, and who prescribed it is reminded."""
_EVERY_S = 3600
_REPEATED = f"""{SELECT} WHERE prescription.state = 'active'
AND CAST(json_extract(wanted, '$.repeats') AS INTEGER) > 0"""
_REMINDED = "SELECT 1 FROM rx_notice WHERE prescription = ? AND kind = 'repeat-due' AND at_ms > ? LIMIT 1"


@dataclass(frozen=True, slots=True)
class Standing:
    """Amounts in the prescription's unit, exact."""

    authorised: str
    handed_out: str
    """Ready or handed over; what is being prepared counts, too."""
    left: str
    next_due_ms: int | None
    """When what was handed out is used up (controller's time scale); None: nothing was,
    nothing is left, or nobody can say how long it lasts."""


def standing(rx: Prescription, dispenses: Iterable[Dispense]) -> Standing:
    """How it stands after these dispenses. Pure."""
    counted = [one for one in dispenses if one.state not in VOID]
    out = sum((Decimal(one.value) for one in counted), Decimal())
    left, ready = authorised(rx) - out, [one for one in counted if one.state is DispenseState.COMPLETED]
    begins = [one.completed_ms for one in ready if one.completed_ms is not None]
    lasts = _lasts_ms(rx, sum((Decimal(one.value) for one in ready), Decimal()))
    due = min(begins) + lasts if begins and left > 0 and lasts else None
    return Standing(told(authorised(rx)), told(out), told(left), due)


class Repeats:
    """Methods raise StoreError, too."""

    def __init__(self, books: Books) -> None:
        self._books = books

    async def standing(self, rx: Prescription) -> Standing:
        """How it stands now."""
        return standing(rx, await dispenses_of(self._books, rx))

    async def ask(self, known: Known, by: By) -> Prescription:
        """Ask the pharmacy for it once more.

        Raises NotFound, Outdated; Conflict: nothing is left, it is asked for already, or it is too early and
        `by.why` does not say why.
        """
        rx = await self._books.find(known.number, known.sight)
        stands = await self.standing(rx)

        def work(db: sqlite3.Connection) -> Prescription:
            rx, before = current(db, known), tasks_of(db, current(db, known))
            self._check(rx, stands, by)
            if any(one.state in OPEN for one in before):
                raise Conflict(f"the pharmacy works on {rx.number} already: wait for it")
            fill = len(before)
            tasks.ask(db, self._books, rx, fill, by)
            self._books.note(db, "prescription-repeated", rx, by, fill=fill)
            return rx

        return await self._books.store.write(work)

    async def run(self) -> None:
        """Remind now and then, until cancelled."""
        while True:
            await self.remind()
            await asyncio.sleep(_EVERY_S)

    async def remind(self) -> int:
        """Tell who prescribed what is due again soon, once each time. Gives how many were told."""
        count = 0
        for rx in map(prescription_of, await self._books.store.read(_REPEATED)):
            found = await dispenses_of(self._books, rx)
            due_ms = standing(rx, found).next_due_ms
            if due_ms is not None and self._books.now_ms() >= due_ms - EARLY_MS:
                since = max(one.completed_ms or 0 for one in found)
                count += await self._books.store.write(
                    lambda db, rx=rx, since=since: self._tell(db, rx, since)
                )
        return count

    def _tell(self, db: sqlite3.Connection, rx: Prescription, since: int) -> int:
        asked = any(one.state in OPEN for one in tasks_of(db, rx))
        if asked or db.execute(_REMINDED, (rx.id, since)).fetchone() is not None:
            return 0
        notices.tell(db, self._books, rx, "repeat-due", rx.wanted.medicine.code.display)
        what = pharmacy_notices.What("repeat-due", rx.number, rx.prescriber)
        pharmacy_notices.tell(db, self._books, what, By("controller"), rx=rx)
        return 1

    def _check(self, rx: Prescription, stands: Standing, by: By) -> None:
        if rx.state is not RxState.ACTIVE:
            raise Conflict(f"prescription {rx.number} is {rx.state}: nothing of it is handed out")
        if Decimal(stands.left) <= 0:
            raise Conflict(f"nothing is left of {rx.number}: ask for a new prescription")
        early = stands.next_due_ms is not None and self._books.now_ms() < stands.next_due_ms - EARLY_MS
        if early and not by.why.strip():
            raise Conflict("what was handed out lasts for more than a week: say why it is needed already")


def _lasts_ms(rx: Prescription, out: Decimal) -> int:
    """How long so much lasts; 0: nobody can say."""
    wanted, a_day = rx.wanted, Decimal(str(doses_per_day(rx.wanted.timing)))
    if wanted.dose.unit == wanted.quantity.unit and a_day:
        return int(out / (wanted.dose.exact * a_day) * DAY_MS)
    if wanted.days and a_day:
        return int(wanted.days * DAY_MS * out / wanted.quantity.exact)
    return 0
