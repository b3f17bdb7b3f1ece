"""What the cold of a delivery means for whoever hands it on or receives it, inside their transactions.

check_packed(db, delivery)                     # it is handed over in a cooled box alone
check_receivable(db, books, delivery, kind)    # not discarded; a patient takes home what is in order alone
said(db, books, delivery)                      # for the chain of custody
ended(db, books, (rx, delivery, number), by)   # it was received, came back, or was an error
"""

import json
import sqlite3

from controller.errors import Conflict
from controller.identity.certificates import By
from controller.prescriptions.books import Books
from controller.prescriptions.cold import rows
from controller.prescriptions.cold.states import GOOD, ColdState
from controller.prescriptions.model import Delivery as Kind
from controller.prescriptions.model import Prescription
from controller.prescriptions.pharmacy_notices import What, tell


def check_packed(db: sqlite3.Connection, delivery: int) -> None:
    """Raises Conflict: it must stay cold, and is in no box."""
    cold = rows.held(db, delivery)
    if cold is not None and not cold.boxes:
        low, high = cold.allowed
        raise Conflict(f"it must stay at {low} to {high} °C: a pharmacist puts it into a cooled box first")


def check_receivable(db: sqlite3.Connection, books: Books, delivery: int, kind: Kind) -> None:
    """Raises Conflict: it is in no box, was discarded, or goes to a patient at home, where nobody judges it,
    and is not in order."""
    check_packed(db, delivery)
    cold = rows.held(db, delivery)
    if cold is None:
        return
    state = cold.state(rows.look(db, cold, books.now_ms(), books.gap_ms))
    if state is ColdState.DISCARDED:
        raise Conflict(f"{cold.by} discarded it ({cold.why}): bring it back to the pharmacy")
    if kind == "home" and state not in GOOD:
        raise Conflict(
            "it was not kept cold, or nobody knows: hand nothing over before a pharmacist released it"
        )


def said(db: sqlite3.Connection, books: Books, delivery: int) -> str:
    """How warm it was until now, as JSON; "": it has no need to be cold, or is in no box yet."""
    cold = rows.held(db, delivery)
    if cold is None or not cold.boxes:
        return ""
    record = rows.look(db, cold, books.now_ms(), books.gap_ms)
    ends = {name: getattr(record, name) for name in ("lowest", "highest", "outside_ms", "gap_ms")}
    where = {"place": cold.boxes[-1].place, "state": str(cold.state(record))}
    return json.dumps({**where, **ends, "why": cold.why}, sort_keys=True)


def ended(db: sqlite3.Connection, books: Books, whose: tuple[Prescription, int, str], by: By) -> None:
    """Its way is over: the record until now is kept."""
    rx, delivery, number = whose
    cold, now_ms = rows.held(db, delivery), books.now_ms()
    if cold is None:
        return
    kept = rows.keep(db, cold, now_ms, now_ms, books.gap_ms)
    record = kept.record
    if record is not None and kept.boxes:
        told = {"state": str(kept.state(record)), "outside-ms": record.outside_ms, "gap-ms": record.gap_ms}
        books.note(db, "cold-ended", rx, by, delivery=number, **told)
        if kept.state(record) is ColdState.TO_JUDGE and (new := kept.doubts - cold.doubts):
            tell(db, books, What("cold", number, " ".join(sorted(new))), by, rx=rx)
