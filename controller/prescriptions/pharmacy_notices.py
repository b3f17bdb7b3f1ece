"""What the pharmacy has to know and to do, of nobody in it: until somebody acknowledges it by name. It stays.

    tell(db, books, What("withdrawn", "SD00000001", by.why), by, rx=rx)   # in the transaction of it
    open_ = await notices.listed(sight)                                     # the oldest first
    await notices.acknowledge(7, sight, by)

`Expiring` finds what expires while it waits to be handed over.
"""

import asyncio
import json
import sqlite3
from dataclasses import dataclass
from typing import NamedTuple

from controller.audit.chain import append
from controller.audit.entry import Entry
from controller.clock import local_text
from controller.errors import Conflict, NotFound
from controller.identity.certificates import By
from controller.imaging.sight import Sight
from controller.prescriptions.books import SEEN, Books, of_id
from controller.prescriptions.model import Prescription

KINDS = ("withdrawn", "recalled", "returned", "expired", "repeat-due", "by-hand", "unwitnessed", "cold")
MOST = 500
"""Rows in one answer."""
_EVERY_S = 3600
_BY = By("controller")
_ADD = """INSERT INTO rx_pharmacy_notice (kind, prescription, about, detail, by, at_ms)
VALUES (?, ?, ?, ?, ?, ?)"""
_FROM = f"""FROM rx_pharmacy_notice AS notice LEFT JOIN prescription ON prescription.id = notice.prescription
LEFT JOIN stay ON stay.id = prescription.stay WHERE (notice.prescription IS NULL OR {SEEN})"""
_COUNT = f"SELECT count(*) {_FROM} AND acknowledged_by IS NULL"
_LISTED = f"""SELECT notice.*, prescription.number AS rx, prescription.name,
  ifnull(stay.identifier, prescription.subject) AS identifier,
  json_extract(prescription.wanted, '$.medicine.code.display') AS medicine {_FROM}
AND (:kind = '' OR notice.kind = :kind) AND (:done = 1 OR acknowledged_by IS NULL)
ORDER BY acknowledged_by IS NOT NULL, CASE WHEN acknowledged_by IS NULL THEN notice.id ELSE -notice.id END
LIMIT {MOST}"""
_ONE = f"SELECT notice.* {_FROM} AND notice.id = :id"
_ACKNOWLEDGE = "UPDATE rx_pharmacy_notice SET acknowledged_by = ?, acknowledged_ms = ? WHERE id = ?"
_EXPIRED = """SELECT * FROM (SELECT ifnull(rx_delivery.number, rx_dispense.number) AS about,
  rx_dispense.prescription, rx_pack.gtin, rx_pack.batch, rx_pack.expiry,
  row_number() OVER (PARTITION BY rx_dispense.id ORDER BY rx_pack.expiry, rx_pack.place) AS place
FROM rx_dispense JOIN rx_pack ON rx_pack.dispense = rx_dispense.id
LEFT JOIN rx_delivery ON rx_delivery.dispense = rx_dispense.id
WHERE rx_pack.expiry < :today AND (rx_delivery.state = 'in-progress'
  OR rx_dispense.state IN ('preparation', 'in-progress', 'on-hold'))
AND NOT EXISTS (SELECT 1 FROM rx_pharmacy_notice WHERE kind = 'expired'
  AND about = ifnull(rx_delivery.number, rx_dispense.number))) AS pack WHERE place = 1"""


class What(NamedTuple):
    """What it is: `kind` one of KINDS, `about` the number of what it concerns."""

    kind: str
    about: str
    detail: str


@dataclass(frozen=True, slots=True)
class PharmacyNotice:
    """Something that the pharmacy has to know. What is on the shelf has neither patient nor medicine."""

    id: int
    kind: str
    about: str
    detail: str
    by: str
    at_ms: int
    acknowledged_by: str | None
    acknowledged_ms: int | None
    rx: str | None
    """The prescription's number."""
    identifier: str | None
    name: str | None
    medicine: str | None


class PharmacyNotices:
    """Methods raise StoreError, too."""

    def __init__(self, books: Books) -> None:
        self._books = books

    async def count(self, sight: Sight) -> int:
        """How many nobody has acknowledged, of the patients who are seen and of the shelf."""
        [row] = await self._books.store.read(_COUNT, _seen(sight))
        return row[0]

    async def listed(self, sight: Sight, kind: str = "", *, done: bool = False) -> list[PharmacyNotice]:
        """What nobody has acknowledged, the oldest first, at most MOST; `done`: then those that somebody has,
        the newest first. `kind` "": of all."""
        asked = {**_seen(sight), "kind": kind, "done": done}
        rows = await self._books.store.read(_LISTED, asked)
        return [
            PharmacyNotice(**{name: row[name] for name in PharmacyNotice.__dataclass_fields__})
            for row in rows
        ]

    async def acknowledge(self, number: int, sight: Sight, by: By) -> None:
        """Somebody of the pharmacy sees to it. Raises NotFound; Conflict: somebody else does already."""

        def work(db: sqlite3.Connection) -> None:
            row = db.execute(_ONE, {**_seen(sight), "id": number}).fetchone()
            if row is None:
                raise NotFound(f"there is no notice {number}: see /api/pharmacy/notices")
            if row["acknowledged_by"] is not None:
                raise Conflict(f"{row['acknowledged_by']} has acknowledged it already: look again")
            db.execute(_ACKNOWLEDGE, (by.actor, self._books.now_ms(), number))
            told = {"notice": number, "kind": row["kind"], "about": row["about"]}
            self._note(db, row["prescription"], by, told)

        await self._books.store.write(work)

    def _note(self, db: sqlite3.Connection, rx: int | None, by: By, told: dict[str, str | int]) -> None:
        action = "pharmacy-notice-acknowledged"
        if rx is not None:
            return self._books.note(db, action, of_id(db, rx), by, **told)
        entry = Entry(action, by.actor, f"product/{told['about']}", where=by.where, detail=told)
        append(db, entry, self._books.clock.utc_us())
        return None


class Expiring:
    """Looks for packs that expired while they wait on the bench, or to be handed over."""

    def __init__(self, books: Books) -> None:
        self._books = books

    async def run(self) -> None:
        """Look each hour, until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(_EVERY_S)

    async def look(self) -> int:
        """Tell of each once. Gives how many were told. Raises StoreError."""
        today = local_text(self._books.clock.utc_us(), "%Y-%m-%d")

        def work(db: sqlite3.Connection) -> int:
            found = db.execute(_EXPIRED, {"today": today}).fetchall()
            for row in found:
                detail = f"{row['expiry']}, GTIN {row['gtin']}, {row['batch']}"
                what = What("expired", row["about"], detail)
                tell(db, self._books, what, _BY, rx=of_id(db, row["prescription"]))
            return len(found)

        return await self._books.store.write(work)


def tell(db: sqlite3.Connection, books: Books, what: What, by: By, *, rx: Prescription | None) -> None:
    """Tell the pharmacy, inside the transaction that makes it so; `rx` None: of what is on the shelf."""
    told = what.kind, rx and rx.id, what.about, what.detail, by.actor, books.now_ms()
    db.execute(_ADD, told)


def _seen(sight: Sight) -> dict[str, str | None]:
    return {"patients": None if sight.patients is None else json.dumps(sorted(sight.patients))}
