"""What is handed out at once, as it stands, and how much of a prescription is left."""

import sqlite3
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal

from controller.errors import NotFound
from controller.imaging.sight import WHOLE, Sight
from controller.prescriptions.books import SELECT, Books, ids_of, of_id, prescription_of
from controller.prescriptions.model import Prescription
from controller.prescriptions.states import DispenseState
from controller.store.sql import IDS

_ONE = "SELECT * FROM rx_dispense WHERE number = ?"
_OF = f"""SELECT * FROM rx_dispense
WHERE prescription IN {IDS} ORDER BY id"""
_PACKS_OF = f"""SELECT rx_pack.* FROM rx_dispense JOIN rx_pack ON rx_pack.dispense = rx_dispense.id
WHERE rx_dispense.prescription IN {IDS} ORDER BY dispense, place"""
_PACKS = "SELECT * FROM rx_pack WHERE dispense = ? ORDER BY place"
_VALUES = """SELECT value FROM rx_dispense
WHERE prescription = ? AND state NOT IN ('declined', 'cancelled', 'stopped')"""
_NONE = "there is no dispense {!r:.40}: see /api/pharmacy/queue for what is open"
OF_TASK = """SELECT value FROM rx_dispense WHERE task = ? AND state = 'completed'"""
_BY_ID = f"{SELECT} WHERE prescription.id = ?"


@dataclass(frozen=True, slots=True)
class Pack:
    """A pack, or a part of one, that was scanned."""

    gtin: str
    batch: str
    expiry: str
    serial: str
    value: str
    """How much of it, in the prescription's unit."""
    by: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class Dispense:
    """What is handed out at once, as it stands."""

    id: int
    number: str
    """"MD00000001"."""
    prescription: int
    task: int
    state: DispenseState
    revision: int
    value: str
    unit: str
    substituted_why: str
    high_alert: bool
    why: str
    prepared_by: str
    prepared_ms: int
    checked_by: str | None
    completed_ms: int | None
    changed_by: str
    changed_ms: int
    packs: tuple[Pack, ...]

    @property
    def scanned(self) -> Decimal:
        """How much of it is there by now."""
        return sum((Decimal(one.value) for one in self.packs), Decimal())


def left_of(db: sqlite3.Connection, rx: Prescription) -> Decimal:
    """How much of a prescription may still be handed out, in its unit."""
    return authorised(rx) - total(db, _VALUES, rx.id)


def authorised(rx: Prescription) -> Decimal:
    """How much of it may be handed out, with its repeats."""
    return rx.wanted.quantity.exact * (1 + rx.wanted.repeats)


def total(db: sqlite3.Connection, query: str, number: int) -> Decimal:
    """The sum of values, exact."""
    return sum((Decimal(row[0]) for row in db.execute(query, (number,)).fetchall()), Decimal())


def found(db: sqlite3.Connection, number: str, sight: Sight = WHOLE) -> tuple[Dispense, Prescription]:
    """One, with its prescription, inside a transaction. Raises NotFound."""
    row = db.execute(_ONE, (number,)).fetchone()
    rx = row and of_id(db, row["prescription"])
    if rx is None or not sight.shows(rx.identifier, ""):
        raise NotFound(_NONE.format(number))
    return _dispense(row, db.execute(_PACKS, (row["id"],)).fetchall()), rx


async def dispenses_of(books: Books, rx: Prescription) -> list[Dispense]:
    """Of one prescription, the oldest first."""
    return (await dispenses_of_all(books, [rx]))[rx.id]


async def dispenses_of_all(books: Books, rxs: Collection[Prescription]) -> dict[int, list[Dispense]]:
    """Of several, by the prescription's id, each with the oldest first."""
    packs: dict[int, list[sqlite3.Row]] = {}
    for row in await books.store.read(_PACKS_OF, (ids_of(rxs),)):
        packs.setdefault(row["dispense"], []).append(row)
    found: dict[int, list[Dispense]] = {one.id: [] for one in rxs}
    for row in await books.store.read(_OF, (ids_of(rxs),)):
        found[row["prescription"]].append(_dispense(row, packs.get(row["id"], [])))
    return found


async def find(books: Books, number: str, sight: Sight) -> tuple[Dispense, Prescription]:
    """One, with its prescription. Raises NotFound."""
    rows = await books.store.read(_ONE, (number,))
    if not rows:
        raise NotFound(_NONE.format(number))
    [row] = await books.store.read(_BY_ID, (rows[0]["prescription"],))
    rx, packs = prescription_of(row), await books.store.read(_PACKS, (rows[0]["id"],))
    if not sight.shows(rx.identifier, ""):
        raise NotFound(_NONE.format(number))
    return _dispense(rows[0], packs), rx


def _dispense(row: sqlite3.Row, packs: Sequence[sqlite3.Row]) -> Dispense:
    special = ("state", "packs", "high_alert")
    plain = {name: row[name] for name in Dispense.__dataclass_fields__ if name not in special}
    inside = (Pack(**{name: one[name] for name in Pack.__dataclass_fields__}) for one in packs)
    return Dispense(
        **plain, state=DispenseState(row["state"]), packs=tuple(inside), high_alert=bool(row["high_alert"])
    )
