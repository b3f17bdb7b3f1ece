"""Homes: places of the registry where patients live, with devices that nobody of the hospital looks at.

homes = Homes(store, clock)
await homes.use("home-4713", by, is_home=True)
await homes.all()                       # frozenset({"home-4713"})

Who lives there is on that place as on a bed: what is measured there is of that stay, and of the patient.
"""

import sqlite3

from controller.audit.chain import append
from controller.audit.entry import Entry
from controller.clock import Clock
from controller.errors import NotFound
from controller.identity.certificates import By
from controller.store import Store

_ALL = "SELECT place FROM home"
_PLACE = "SELECT 1 FROM bed WHERE id = ?"
_ADD = "INSERT OR IGNORE INTO home (place, by, at_ms) VALUES (?, ?, ?)"
_DROP = "DELETE FROM home WHERE place = ?"


class Homes:
    """Methods raise StoreError, too."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def all(self) -> frozenset[str]:
        """Places that are homes."""
        return frozenset(row["place"] for row in await self._store.read(_ALL))

    async def use(self, place: str, by: By, *, is_home: bool) -> None:
        """Say that a place is a home, or is none any more; said again, nothing again. Raises NotFound."""

        def work(db: sqlite3.Connection) -> None:
            if db.execute(_PLACE, (place,)).fetchone() is None:
                raise NotFound(f"there is no place {place!r:.40}: an engineer adds it as a bed is added")
            row = (place, by.actor, self._clock.now_us() // 1000)
            changed = db.execute(_ADD, row) if is_home else db.execute(_DROP, (place,))
            if changed.rowcount:
                told = Entry(
                    "home", by.actor, f"bed/{place}", where=by.where, detail={"is_home": int(is_home)}
                )
                append(db, told, self._clock.utc_us())

        await self._store.write(work)
