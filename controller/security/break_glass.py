"""Breaking the glass: a look at a patient of another ward, for a stated reason, for 30 minutes.

Nothing asks whether the reason is good while somebody may be dying. Instead everybody on the patient's ward
sees at once who looks, the audit trail has the reason, and an auditor judges it afterwards.
"""

import asyncio
import logging
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from controller.audit.chain import append
from controller.audit.entry import Entry
from controller.clock import Clock
from controller.errors import Conflict, NotFound, StoreError
from controller.hub import Hub
from controller.registry import Bed, Registry
from controller.security.accounts import By
from controller.security.users import User
from controller.store import Store

LASTS_MS = 30 * 60_000
MOST_SHOWN = 500

log = logging.getLogger(__name__)

_INSERT = """INSERT INTO break_glass (user, patient, bed, reason, from_ms, until_ms, from_utc_ms)
VALUES (?, ?, ?, ?, ?, ?, ?)"""
_ACTIVE = "SELECT id, user, patient, from_ms, until_ms FROM break_glass WHERE until_ms > ?"
_END = "UPDATE break_glass SET until_ms = ? WHERE user = ? AND until_ms > ?"
_WAITING = f"SELECT * FROM break_glass WHERE verdict IS NULL ORDER BY id DESC LIMIT {MOST_SHOWN}"
_ALL = f"SELECT * FROM break_glass ORDER BY id DESC LIMIT {MOST_SHOWN}"
_REVIEW = """UPDATE break_glass SET verdict = ?, note = ?, reviewed_by = ?, reviewed_utc_ms = ?
WHERE id = ?"""


@dataclass(frozen=True, slots=True)
class Broken:
    """What somebody may look at: until when, in the controller's time scale."""

    bed: str
    until_ms: int


class BreakGlass:
    """All looks at other wards' patients. Its calls raise StoreError."""

    def __init__(self, store: Store, clock: Clock, registry: Registry, hub: Hub) -> None:
        self._store = store
        self._clock = clock
        self._registry = registry
        self._hub = hub
        self._told: list[dict[str, Any]] = []

    async def begin(self, who: User, patient: str, reason: str, where: str) -> Broken:
        """`who` sees `patient` from now on. Raises NotFound (on no bed), Conflict (is seen anyway)."""
        bed = self._bed_of(patient)
        if bed is None:
            await self._refused(who, patient, reason, where)
            raise NotFound(
                f"there is no patient {patient!r} on any bed: check the identifier on the wristband"
            )
        if who.wards is None or bed.ward in who.wards:
            raise Conflict(
                f"patient {patient!r} is on bed {bed.id!r} of your own ward: no need to break the glass"
            )
        now, utc_us = self._now_ms(), self._clock.utc_us()
        row = who.name, patient, bed.id, reason, now, now + LASTS_MS, utc_us // 1000
        entry = Entry("break-glass", who.name, f"bed/{bed.id}", patient=patient, where=where, why=reason)

        def work(db: sqlite3.Connection) -> None:
            db.execute(_END, (now, who.name, now))
            db.execute(_INSERT, row)
            append(db, entry, utc_us)

        await self._store.write(work)
        await self.tell()
        return Broken(bed.id, now + LASTS_MS)

    async def end(self, who: User, where: str) -> None:
        """`who` has seen enough."""
        now = self._now_ms()
        entry = Entry("break-glass-ended", who.name, where=where)

        def work(db: sqlite3.Connection) -> None:
            if db.execute(_END, (now, who.name, now)).rowcount:
                append(db, entry, self._clock.utc_us())

        await self._store.write(work)
        await self.tell()

    async def tell(self) -> None:
        """Tell the screens who looks at whom now: after each change, and every second for those that end."""
        rows = await self._store.read(_ACTIVE, (self._now_ms(),))
        items = [_item(row, bed.id) for row in rows if (bed := self._bed_of(row["patient"])) is not None]
        if items != self._told:
            self._told = items
            self._hub.break_glass(items)

    async def told(self, _app: object) -> AsyncIterator[None]:
        """A context of `Application.cleanup_ctx`: the screens are told each second what is over by now."""
        task = asyncio.create_task(self._keep_telling())
        yield
        task.cancel()

    async def _keep_telling(self) -> None:
        while True:
            try:
                await self.tell()
            except StoreError:
                log.exception("who breaks the glass could not be read; tried again")
            await asyncio.sleep(1)

    async def reviews(self, *, waiting: bool) -> list[dict[str, Any]]:
        """What auditors see: those that wait for a verdict, or all; the newest first."""
        return [_review(row) for row in await self._store.read(_WAITING if waiting else _ALL)]

    async def review(self, number: int, verdict: str, note: str, by: By) -> None:
        """Judge one. Raises NotFound, Conflict (judged already, or one's own)."""
        utc_us = self._clock.utc_us()

        def work(db: sqlite3.Connection) -> None:
            row = db.execute("SELECT * FROM break_glass WHERE id = ?", (number,)).fetchone()
            _check_judgeable(row, number, by)
            db.execute(_REVIEW, (verdict, note, by.actor, utc_us // 1000, number))
            detail: dict[str, str | int] = {"verdict": verdict, "user": row["user"]}
            of = row["patient"], f"break-glass/{number}"
            append(
                db,
                Entry("break-glass-reviewed", by.actor, of[1], "done", of[0], by.where, note, detail),
                utc_us,
            )

        await self._store.write(work)

    async def _refused(self, who: User, patient: str, reason: str, where: str) -> None:
        entry = Entry("break-glass", who.name, outcome="refused", patient=patient, where=where, why=reason)
        await self._store.write(lambda db: append(db, entry, self._clock.utc_us()))

    def _bed_of(self, patient: str) -> Bed | None:
        beds = self._registry.beds.values()
        return next((bed for bed in beds if bed.patient and bed.patient.identifier == patient), None)

    def _now_ms(self) -> int:
        return self._clock.now_us() // 1000


def _check_judgeable(row: sqlite3.Row | None, number: int, by: By) -> None:
    if row is None:
        raise NotFound(f"there is no break-glass {number}: see /api/break-glass for those there are")
    if row["verdict"] is not None:
        raise Conflict(f"break-glass {number} was judged by {row['reviewed_by']!r}: verdicts are not changed")
    if row["user"] == by.actor:
        raise Conflict("nobody judges themselves: another auditor has to")


def _item(row: sqlite3.Row, bed: str) -> dict[str, Any]:
    """The API's BREAK_GLASS, for the ward's screens: the reason is not for a wall."""
    kept = {key: row[key] for key in ("id", "user", "from_ms", "until_ms")}
    return {**kept, "bed": bed}


def _review(row: sqlite3.Row) -> dict[str, Any]:
    names = ("id", "user", "patient", "bed", "reason", "verdict", "reviewed_by", "reviewed_utc_ms", "note")
    return {
        **{name: row[name] for name in names},
        "utc_ms": row["from_utc_ms"],
        "lasted_ms": row["until_ms"] - row["from_ms"],
    }
