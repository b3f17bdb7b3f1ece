"""Cooled boxes: places of the registry with an ordinary thermometer, in which medicines are carried.

await boxes.use("box-1", True, by)
await boxes.listed()                    # [Box, …]

Readings and alarms of a box are those of its place: the ordinary ones.
"""

import sqlite3
from dataclasses import dataclass

from controller.audit.chain import append
from controller.audit.entry import Entry
from controller.errors import Conflict, NotFound
from controller.identity.certificates import By
from controller.prescriptions.books import Books

_ALL = """SELECT cooled_box.place, bed.name, cooled_box.in_use,
  (SELECT count(*) FROM rx_cold_box AS held JOIN rx_cold ON rx_cold.delivery = held.delivery
   WHERE held.place = cooled_box.place AND rx_cold.ended_ms IS NULL AND held.turn =
     (SELECT max(turn) FROM rx_cold_box WHERE delivery = held.delivery)) AS deliveries,
  (SELECT count(*) FROM assignment WHERE bed = cooled_box.place AND to_ms IS NULL) AS devices
FROM cooled_box JOIN bed ON bed.id = cooled_box.place ORDER BY cooled_box.place"""
_PLACE = "SELECT 1 FROM bed WHERE id = ?"
_LIES = "SELECT 1 FROM stay WHERE bed = ? AND to_ms IS NULL"
_USE = """INSERT INTO cooled_box (place, in_use, by, at_ms) VALUES (?, ?, ?, ?)
ON CONFLICT (place) DO UPDATE SET in_use = excluded.in_use, by = excluded.by, at_ms = excluded.at_ms"""
_ONE = "SELECT in_use FROM cooled_box WHERE place = ?"
_MEASURED = "SELECT 1 FROM assignment WHERE bed = ? AND to_ms IS NULL LIMIT 1"


@dataclass(frozen=True, slots=True)
class Box:
    """A cooled box, and how many deliveries are in it."""

    place: str
    name: str
    in_use: bool
    deliveries: int
    devices: int
    """Thermometers there; 0: nobody would know how warm it is."""


class Boxes:
    """Methods raise StoreError, too."""

    def __init__(self, books: Books) -> None:
        self._books = books

    async def listed(self) -> list[Box]:
        """All of them, by place."""
        rows = await self._books.store.read(_ALL)
        names = Box.__dataclass_fields__
        return [Box(**{**{n: row[n] for n in names}, "in_use": bool(row["in_use"])}) for row in rows]

    async def use(self, place: str, by: By, *, in_use: bool) -> None:
        """Say that a place is a cooled box, or that nothing more is put into it. Raises NotFound: there is no
        such place; Conflict: somebody lies there."""

        def work(db: sqlite3.Connection) -> None:
            if db.execute(_PLACE, (place,)).fetchone() is None:
                raise NotFound(f"there is no place {place!r:.40}: an engineer adds it as a bed is added")
            if db.execute(_LIES, (place,)).fetchone() is not None:
                raise Conflict(f"somebody lies at {place}: a cooled box is a place of its own")
            db.execute(_USE, (place, int(in_use), by.actor, self._books.now_ms()))
            entry = Entry(
                "cooled-box", by.actor, f"bed/{place}", where=by.where, detail={"used": int(in_use)}
            )
            append(db, entry, self._books.clock.utc_us())

        await self._books.store.write(work)


def check_usable(db: sqlite3.Connection, place: str) -> None:
    """Whether something may be put into it, inside a transaction. Raises NotFound, Conflict."""
    row = db.execute(_ONE, (place,)).fetchone()
    if row is None:
        raise NotFound(f"there is no cooled box {place!r:.40}: see /api/pharmacy/boxes for those there are")
    if not row["in_use"]:
        raise Conflict(f"box {place} is out of use: take another")
    if db.execute(_MEASURED, (place,)).fetchone() is None:
        raise Conflict(f"no thermometer is in box {place}: take another, or have one assigned to it")
