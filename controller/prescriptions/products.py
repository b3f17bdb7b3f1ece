"""What the pharmacy has: which product a GTIN is, which of them two people check, recalled batches.

A product is one of the formulary, or one that the pharmacy says. Those that the formulary has with a GTIN are
there by themselves, until the pharmacy says otherwise.
"""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce

from pydantic import TypeAdapter

from controller.audit.chain import append
from controller.audit.entry import Entry
from controller.errors import Conflict, NotFound
from controller.identity.certificates import By
from controller.prescriptions import notices, pharmacy_notices
from controller.prescriptions.books import Books, check_revision, of_id
from controller.prescriptions.cold.record import Range
from controller.prescriptions.gs1 import Scan, gtin_14
from controller.prescriptions.medicines import Choice, Medicines
from controller.prescriptions.model import Coded, Ingredient, Medicine

_PUT = """INSERT INTO rx_product (gtin, code, substances, form, high_alert, revision, by, at_ms)
VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (gtin) DO UPDATE SET code = excluded.code,
  substances = excluded.substances, form = excluded.form, high_alert = excluded.high_alert,
  revision = excluded.revision, by = excluded.by, at_ms = excluded.at_ms"""
_ONE = "SELECT * FROM rx_product WHERE gtin = ?"
_ALL = "SELECT * FROM rx_product ORDER BY gtin LIMIT 2000"
_RECALL = """INSERT INTO rx_recall (gtin, batch, why, by, at_ms) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (gtin, batch) DO UPDATE SET why = excluded.why, by = excluded.by, at_ms = excluded.at_ms"""
_RECALLS = "SELECT * FROM rx_recall ORDER BY at_ms DESC, gtin, batch LIMIT 2000"
_RECALLED = "SELECT why FROM rx_recall WHERE gtin = ? AND batch IN ('', ?) LIMIT 1"
_TOUCHED = """SELECT DISTINCT rx_dispense.prescription FROM rx_pack
JOIN rx_dispense ON rx_dispense.id = rx_pack.dispense
WHERE gtin = ? AND (? = '' OR batch = ?) AND state NOT IN ('declined', 'cancelled', 'stopped')"""
_CODE, _PARTS = TypeAdapter(Coded), TypeAdapter(tuple[Ingredient, ...])


@dataclass(frozen=True, slots=True)
class Product:
    """A product on the shelf."""

    gtin: str
    medicine: Medicine
    high_alert: bool
    """Another pharmacist checks what is handed out of it."""
    revision: int = 0
    """0: nobody has said it, it is of the formulary."""

    def is_prescribed(self, wanted: Medicine) -> bool:
        """Whether it is the product that was prescribed."""
        code, asked = self.medicine.code, wanted.code
        return (code.system, code.code) == (asked.system, asked.code)

    def is_alike(self, wanted: Medicine) -> bool:
        """Whether the same substances are in it, as much of each, in the same form."""
        return bool(wanted.ingredients) and _inside(self.medicine) == _inside(wanted)


@dataclass(frozen=True, slots=True)
class Recall:
    """A batch that is not to be used; "": none of the product."""

    gtin: str
    batch: str
    why: str
    by: str
    at_ms: int


class Products:
    """Methods raise StoreError, too."""

    def __init__(self, books: Books, medicines: Medicines) -> None:
        self._books = books
        self._medicines = medicines

    async def put(self, product: Product, over: int, by: By) -> int:
        """Say what a GTIN is, over the known revision; gives the new one. Raises BadLabel, Outdated."""
        gtin, what = gtin_14(product.gtin), product.medicine
        parts = _CODE.dump_json(what.code).decode(), _PARTS.dump_json(what.ingredients).decode()

        def work(db: sqlite3.Connection) -> int:
            row = db.execute(_ONE, (gtin,)).fetchone()
            check_revision(f"product {gtin}", row["revision"] if row else 0, over)
            told = gtin, *parts, what.form, int(product.high_alert), over + 1
            db.execute(_PUT, (*told, by.actor, self._books.now_ms()))
            detail = {"high-alert": int(product.high_alert), "code": what.code.code, "revision": over + 1}
            entry = Entry("product-recorded", by.actor, f"product/{gtin}", where=by.where, detail=detail)
            append(db, entry, self._books.clock.utc_us())
            return over + 1

        return await self._books.store.write(work)

    async def listed(self) -> list[Product]:
        """All that are known, by GTIN."""
        found = {one.gtin: _of_formulary(one) for one in self._medicines.with_gtin()}
        found |= {row["gtin"]: _product(row) for row in await self._books.store.read(_ALL)}
        return [found[gtin] for gtin in sorted(found)]

    async def find(self, gtin: str) -> Product | None:
        """What a GTIN (14 digits) is; None: nobody has said, and the formulary does not have it."""
        rows = await self._books.store.read(_ONE, (gtin,))
        return self._known(rows[0] if rows else None, gtin)

    def of(self, db: sqlite3.Connection, gtin: str) -> Product:
        """What a GTIN is, inside a transaction. Raises NotFound."""
        known = self._known(db.execute(_ONE, (gtin,)).fetchone(), gtin)
        if known is None:
            raise NotFound(f"there is no product {gtin!r:.20}: record it at /api/pharmacy/products")
        return known

    def is_high_alert(self, what: Medicine, product: Product | None = None) -> bool:
        """Whether two people check it: by what is prescribed, or by the product that is taken."""
        both = (what,) if product is None else (what, product.medicine)
        return (product is not None and product.high_alert) or any(map(self._medicines.is_high_alert, both))

    def storage(self, rx: Medicine, taken: Iterable[Product]) -> Range | None:
        """Within which it has to be kept: by what is prescribed, and by what is taken for it."""
        found = [self._medicines.storage(rx), *(self._stored(one) for one in taken)]
        ranges = [one for one in found if one is not None]
        return reduce(Range.within, ranges) if ranges else None

    def _stored(self, one: Product) -> Range | None:
        known = self._medicines.of_gtin(one.gtin)
        return self._medicines.storage(known.medicine if known else one.medicine)

    def _known(self, row: sqlite3.Row | None, gtin: str) -> Product | None:
        if row is not None:
            return _product(row)
        one = self._medicines.of_gtin(gtin)
        return one and _of_formulary(one)

    async def recalls(self) -> list[Recall]:
        """The newest first."""
        rows = await self._books.store.read(_RECALLS)
        return [Recall(**{name: row[name] for name in Recall.__dataclass_fields__}) for row in rows]

    async def recall(self, gtin: str, batch: str, by: By) -> int:
        """Nothing of this batch ("": of any) is handed out or given from now on; who prescribed what was is
        told. Gives how many prescriptions that are. Raises BadLabel."""
        found = gtin_14(gtin)

        def work(db: sqlite3.Connection) -> int:
            db.execute(_RECALL, (found, batch, by.why, by.actor, self._books.now_ms()))
            what = pharmacy_notices.What("recalled", f"{found} {batch}".strip(), by.why)
            pharmacy_notices.tell(db, self._books, what, by, rx=None)
            touched = [of_id(db, row[0]) for row in db.execute(_TOUCHED, (found, batch, batch)).fetchall()]
            for rx in touched:
                notices.tell(db, self._books, rx, "recalled", f"{found} {batch}: {by.why}".strip())
                pharmacy_notices.tell(db, self._books, what, by, rx=rx)
                self._books.note(db, "batch-recalled", rx, by, gtin=found, batch=batch)
            detail = {"batch": batch, "prescriptions": len(touched)}
            entity, where = f"product/{found}", by.where
            entry = Entry("batch-recalled", by.actor, entity, where=where, why=by.why, detail=detail)
            append(db, entry, self._books.clock.utc_us())
            return len(touched)

        return await self._books.store.write(work)


def check_usable(db: sqlite3.Connection, scan: Scan, today: str) -> None:
    """Whether a pack may be used today. Raises Conflict: expired, recalled, or it says too little."""
    if not (scan.gtin and scan.batch and scan.expiry):
        raise Conflict("expected a pack's GTIN (01), batch (10) and expiry (17): scan the code on the pack")
    if scan.expiry < today:
        raise Conflict(f"this pack could be used until {scan.expiry}: take another")
    if (row := db.execute(_RECALLED, (scan.gtin, scan.batch)).fetchone()) is not None:
        raise Conflict(f"batch {scan.batch} was recalled ({row['why']}): put it aside and take another")


def _product(row: sqlite3.Row) -> Product:
    parts = _CODE.validate_json(row["code"]), row["form"], _PARTS.validate_json(row["substances"])
    return Product(row["gtin"], Medicine(*parts), bool(row["high_alert"]), row["revision"])


def _of_formulary(one: Choice) -> Product:
    return Product(one.gtin, one.medicine, one.high_alert)


def _inside(what: Medicine) -> tuple[str, frozenset[tuple[str, str, str]]]:
    """In which form what is in it, and how much."""
    parts = ((one.substance.system, one.substance.code, one.strength) for one in what.ingredients)
    return what.form, frozenset(parts)
