"""What of a prescription may be given: nothing that waits for a pharmacist, or that nobody took over yet.

check(db, books, rx, scan)                # scan None: only the pharmacy's label was scanned. Raises Conflict

A pack with a serial number is exactly that pack. Without one it may be of any delivery with its batch, and
the label stands for all: then one that is to be judged speaks for all of them.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from controller.errors import Conflict
from controller.prescriptions.books import Books
from controller.prescriptions.cold import rows
from controller.prescriptions.cold.states import GOOD, ColdState
from controller.prescriptions.gs1 import Scan
from controller.prescriptions.model import Prescription

_OF = """SELECT rx_delivery.id, rx_delivery.number, rx_delivery.state = 'completed' AS is_here,
  rx_delivery.dispense FROM rx_delivery JOIN rx_dispense ON rx_dispense.id = rx_delivery.dispense
WHERE rx_dispense.prescription = ? AND rx_delivery.state IN ('in-progress', 'completed')
ORDER BY rx_delivery.id"""
_PACKS = "SELECT gtin, batch, serial FROM rx_pack WHERE dispense = ?"


class Held(NamedTuple):
    """A delivery of the prescription; `state` None: it has no need to be cold."""

    number: str
    is_here: bool
    state: ColdState | None
    packs: frozenset[tuple[str, str, str]]
    """GTIN, batch, serial."""

    @property
    def is_good(self) -> bool:
        """Whether it may be given."""
        return self.is_here and (self.state is None or self.state in GOOD)


def check(db: sqlite3.Connection, books: Books, rx: Prescription, scan: Scan | None) -> None:
    """Raises Conflict."""
    found = [_held(db, books, row) for row in db.execute(_OF, (rx.id,)).fetchall()]
    if any(one.state is not None for one in found) and (why := refusal(found, scan)):
        raise Conflict(why)


def refusal(found: Sequence[Held], scan: Scan | None) -> str:
    """Why nothing of it may be given now, of deliveries from the first to the last; "": it may. Pure."""
    meant = _meant(found, scan)
    here = [one for one in meant if one.is_here]
    for one in here:
        if one.state is ColdState.TO_JUDGE:
            return f"{one.number} was not kept cold, or nobody knows: a pharmacist has to judge it first"
    if here and here[-1].state is ColdState.DISCARDED:
        more = "" if scan else "; scan the code of the pack itself if it is another"
        return f"{here[-1].number} was discarded, for it was not kept cold: give nothing of it{more}"
    waiting = [one for one in meant if not one.is_here and one.state is not None]
    if waiting and not any(one.is_good for one in meant):
        return f"{waiting[-1].number} must stay cold and nobody has taken it over yet: take it over first"
    return ""


def _meant(found: Sequence[Held], scan: Scan | None) -> list[Held]:
    """Those from which the pack may be; of a pack that nobody handed out for it: none."""
    if scan is None:
        return list(found)
    exact = [one for one in found if scan.serial and _has(one.packs, (scan.gtin, scan.serial), (0, 2))]
    return exact or [one for one in found if _has(one.packs, (scan.gtin, scan.batch), (0, 1))]


def _has(packs: Iterable[tuple[str, str, str]], what: tuple[str, str], at: tuple[int, int]) -> bool:
    return any((pack[at[0]], pack[at[1]]) == what for pack in packs)


def _held(db: sqlite3.Connection, books: Books, row: sqlite3.Row) -> Held:
    cold = rows.held(db, row["id"])
    packs = frozenset(map(tuple, db.execute(_PACKS, (row["dispense"],)).fetchall()))
    state = cold and cold.state(cold.record or rows.look(db, cold, books.now_ms(), books.gap_ms))
    return Held(row["number"], bool(row["is_here"]), state, packs)
