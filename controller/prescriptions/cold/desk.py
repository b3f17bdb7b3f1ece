"""The pharmacy's side of what must stay cold: it is packed into a box, watched, and judged.

made = await desk.pack(over, "box-1", by)
found = await desk.shown([delivery, …])          # by delivery: Told
made = await desk.judge(over, "released", by)    # by.why says why
"""

import json
import sqlite3
from collections.abc import Collection
from typing import Literal, NamedTuple

from controller.errors import Conflict, OrderError
from controller.identity.certificates import By
from controller.imaging.sight import Sight
from controller.prescriptions import custody, delivered, notices
from controller.prescriptions.books import Books, check_revision
from controller.prescriptions.cold import boxes, rows
from controller.prescriptions.cold.record import COLD, Course, Record
from controller.prescriptions.cold.rows import Cold
from controller.prescriptions.cold.states import VERDICTS, ColdState
from controller.prescriptions.custody import Hand
from controller.prescriptions.delivered import Delivery, held
from controller.prescriptions.delivery import Deliveries, Over, check_not_returning
from controller.prescriptions.model import Prescription
from controller.steps import check_step

DISCARDED = "discarded"


class Told(NamedTuple):
    """A delivery that must stay cold: its record until now, or until it ended."""

    cold: Cold
    record: Record
    state: ColdState


class ColdDesk:
    """Methods raise StoreError, too."""

    def __init__(self, books: Books, deliveries: Deliveries) -> None:
        self._books = books
        self._deliveries = deliveries
        self._known: dict[int, tuple[str, Course]] = {}
        """What was read of deliveries on their way, by which readings."""

    async def pack(self, over: Over, place: str, by: By) -> Delivery:
        """It is in this box from now on. What the formulary does not know as cooled is kept at 2 to 8 °C.

        Raises NotFound, Outdated, Conflict.
        """

        def work(db: sqlite3.Connection) -> Delivery:
            found, rx = self._deliveries.under_way(db, over)
            check_not_returning(found)
            boxes.check_usable(db, place)
            cold = rows.held(db, found.id)
            if cold is None:
                rows.add(db, found.number, COLD)
            elif cold.boxes and cold.boxes[-1].place == place:
                raise Conflict(f"delivery {found.number} is in box {place} already")
            rows.pack(db, found.id, place, self._books.now_ms(), by.actor)
            self._books.note(db, "cold-packed", rx, by, delivery=found.number, box=place)
            return self._deliveries.change(db, found, rx, found.state, by)

        return await self._books.store.write(work)

    async def judge(self, over: Over, verdict: Literal["released", "discarded"], by: By) -> Delivery:
        """A pharmacist says what it is good for, on its way or after it was received; `by.why` says why.

        Raises NotFound, Outdated, Conflict, OrderError.
        """
        if not by.why.strip():
            raise OrderError(f"expected a reason why it is {verdict}, got none: say why")

        def work(db: sqlite3.Connection) -> Delivery:
            found, rx = held(db, over.number, over.sight)
            check_revision(found.number, found.revision, over.revision)
            cold, now_ms = rows.held(db, found.id), self._books.now_ms()
            if cold is None:
                raise Conflict(f"delivery {found.number} has no need to be cold: there is nothing to judge")
            record = rows.look(db, cold, now_ms, self._books.gap_ms)
            check_step(VERDICTS, cold.state(record), ColdState(verdict))
            rows.judge(db, cold, verdict, record, (by.why, by.actor, now_ms))
            told = {"verdict": verdict, "outside-ms": record.outside_ms, "gap-ms": record.gap_ms}
            self._books.note(db, "cold-judged", rx, by, delivery=found.number, **told)
            last = custody.last(db, found.id)
            hand = Hand(last.holder, last.spot, last.seal, last.drawer, last.verified)
            custody.add(db, self._books, (rx, found.id, found.number), hand, by)
            if verdict == DISCARDED:
                notices.tell(db, self._books, rx, DISCARDED, f"{found.number}: {by.why}")
            return self._deliveries.change(db, found, rx, found.state, by)

        return await self._books.store.write(work)

    async def to_judge(self, sight: Sight) -> list[tuple[Delivery, Prescription]]:
        """What was received and waits for a pharmacist."""
        return await delivered.to_judge(self._books, sight)

    async def shown(self, deliveries: Collection[int]) -> dict[int, Told]:
        """Those of them that must stay cold, by the delivery's id."""
        found = await self._books.store.read(rows.OF_ALL, (json.dumps(list(deliveries)),))
        return {one.delivery: await self._told(one) for one in map(rows.cold_of, found)}

    async def _told(self, cold: Cold) -> Told:
        record = cold.record or (await self._course(cold)).until(self._books.now_ms())
        return Told(cold, record, cold.state(record))

    async def _course(self, cold: Cold) -> Course:
        """Readings are read again only where others came, or their times are known better."""
        asked = cold.asked(self._books.now_ms())
        [seen] = await self._books.store.read(rows.SEEN, asked)
        name = f"{rows.fingerprint(seen)} {cold.boxes}"
        known = self._known.get(cold.delivery)
        if known is None or known[0] != name:
            readings = await self._books.store.read(rows.READINGS, asked)
            known = self._known[cold.delivery] = name, rows.course(cold, readings, self._books.gap_ms)
        return known[1]
