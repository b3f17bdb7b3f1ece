"""Prescriptions that were signed in a visit: the room is told of them, and the summary names them."""

import sqlite3

from controller.errors import Conflict, NotFound
from controller.identity.certificates import By
from controller.prescriptions import books as rx_books
from controller.prescriptions.model import Prescription
from controller.prescriptions.states import RxState
from controller.telemedicine.books import Books, held
from controller.telemedicine.model import Language, Visit
from controller.telemedicine.notes.doses import dose_words
from controller.telemedicine.notes.model import Medicine

_ADD = "INSERT INTO visit_prescribed VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING"
_OF = f"""{rx_books.SELECT} JOIN visit_prescribed ON visit_prescribed.prescription = prescription.id
WHERE visit_prescribed.visit = ? AND prescription.state = 'active'
ORDER BY visit_prescribed.at_ms, prescription.id"""


class Prescribed:
    """Methods raise StoreError, too."""

    def __init__(self, books: Books) -> None:
        self._books = books

    async def add(self, visit: Visit, number: str, by: By) -> Medicine:
        """That it was signed in this visit; said again, nothing again.

        Raises NotFound: this patient has none of that number; Conflict: it does not hold, or is another's.
        """

        def work(db: sqlite3.Connection) -> Medicine:
            now, rx = held(db, visit.number), rx_books.held(db, number)
            if rx.identifier != now.identifier:
                raise NotFound(
                    f"there is no prescription {number!r:.40} of this patient: see /api/prescriptions"
                )
            if rx.state is not RxState.ACTIVE or rx.prescriber != by.actor:
                raise Conflict(
                    f"expected a prescription that {by.actor} signed and that holds, {number} is {rx.state}"
                )
            if db.execute(_ADD, (now.id, rx.id, by.actor, self._books.now_ms())).rowcount:
                self._books.note(db, "visit-prescribed", now, by, prescription=rx.number)
            return _medicine(rx)

        return await self._books.store.write(work)

    async def of(self, visit: Visit) -> list[Medicine]:
        """Those of a visit that hold, in the order in which they were signed."""
        rows = await self._books.store.read(_OF, (visit.id,))
        return [_medicine(rx_books.prescription_of(row)) for row in rows]


def medicines(db: sqlite3.Connection, visit: Visit, language: Language) -> list[Medicine]:
    """The same inside a transaction."""
    rows = db.execute(_OF, (visit.id,)).fetchall()
    return [_medicine(rx_books.prescription_of(row), language) for row in rows]


def _medicine(rx: Prescription, language: Language = "en") -> Medicine:
    return Medicine(rx.number, rx.wanted.medicine.code.display, dose_words(rx.wanted, language))
