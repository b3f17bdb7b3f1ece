"""Images that have arrived in the archive, and the order that they are of.

FHIR R4: a ServiceRequest is `completed` when what it asked for was done, and the report that is to come is
`registered`. Which order it is, the files say: by the Study Instance UID that was made with the order, or by
its accession number.
"""

import sqlite3
from dataclasses import dataclass

from controller.audit.chain import append
from controller.audit.entry import Entry
from controller.clock import Clock
from controller.radiology.model import ImagingOrder, Version, Written
from controller.radiology.orders import SELECT, order_of
from controller.radiology.reports import add
from controller.radiology.states import ORDER_STEPS, OrderState, ReportState
from controller.store import Store

BY = "controller"
OTHERS = "order-of-another"
"""Why a study is held."""

_OF = f"{SELECT} WHERE study = :study OR (:accession <> '' AND accession = :accession)"
_COMPLETE = """UPDATE imaging_order SET state = :state, arrived_ms = :now_ms, revision = revision + 1,
  changed_by = :by, changed_ms = :now_ms WHERE id = :id"""
_HAS_REPORT = "SELECT 1 FROM imaging_report WHERE imaging_order = ?"


@dataclass(frozen=True, slots=True)
class Arrived:
    """What is to be thought of a study: `doubt` "": nothing is wrong with it."""

    order: ImagingOrder | None
    doubt: str = ""
    expected: str = ""
    """The name of the patient whose order it says it is."""


class Arrivals:
    """Told of studies at least once each: the second time changes nothing. Raises StoreError."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def arrived(self, study: str, accession: str, patient: str) -> Arrived:
        """Images of `study` are kept, which say that accession number and that patient's identifier."""
        return await self._store.write(lambda db: self._arrived(db, study, accession, patient))

    def _arrived(self, db: sqlite3.Connection, study: str, accession: str, patient: str) -> Arrived:
        rows = db.execute(_OF, {"study": study, "accession": accession}).fetchall()
        orders = [order_of(row) for row in rows]
        for order in orders:
            if order.identifier != patient:
                return Arrived(order, OTHERS, order.name)
        if not orders:
            return Arrived(None)
        [order, *_] = sorted(orders, key=lambda one: one.study != study)
        if order.arrived_ms is None:
            self._complete(db, order, study)
        return Arrived(order)

    def _complete(self, db: sqlite3.Connection, order: ImagingOrder, study: str) -> None:
        """An order that is not active keeps its state: that images came of it all the same is kept, too."""
        now_ms = self._clock.now_us() // 1000
        is_done = OrderState.COMPLETED in ORDER_STEPS[order.state]
        state = OrderState.COMPLETED if is_done else order.state
        db.execute(_COMPLETE, {"state": state, "now_ms": now_ms, "by": BY, "id": order.id})
        if is_done and db.execute(_HAS_REPORT, (order.id,)).fetchone() is None:
            nothing = Written(ReportState.REGISTERED, "", "", critical=False)
            add(db, order, Version(1, nothing, BY, now_ms, None, None))
        entity, detail = f"imaging-order/{order.accession}", {"state": str(state), "study": study}
        entry = Entry("imaging-order-arrived", BY, entity, patient=order.identifier, detail=detail)
        append(db, entry, self._clock.utc_us())
