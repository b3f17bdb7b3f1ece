"""Brings pictures out of visits into the archive of images, whatever ends on the way.

    snapshots = Snapshots(books)
    snapshots.archive = archive                       # archive(who, about, jpeg): what the archive answers
    number = await snapshots.keep(visit, taken, by)   # it is in the trail, and waits
    one = await snapshots.bring(number)               # kept or refused; it still waits: the archive is silent
    await snapshots.run()                             # what waits, at the start and again and again

Two databases cannot commit as one. The word of the press comes first, with the picture; the archive takes the
same picture once, however often it is told; what it answered is written last, with a second line of the
trail. Whatever is killed in between, what waits is told again. Methods raise StoreError.
"""

import asyncio
import hashlib
import json
import logging
import sqlite3
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from controller.identity.certificates import By
from controller.imaging.errors import ServiceRefused, ServiceSilent
from controller.telemedicine.books import Books, held
from controller.telemedicine.model import Visit
from controller.telemedicine.snapshots import book
from controller.telemedicine.snapshots.book import Became, Snapshot, Taken

AGAIN_S = 10.0
"""How often what waits is told again."""
_TAKEN = frozenset({"stored", "already", "held"})
_NOT_NOW = (429, 500, 502, 503, 504, 507)
"""Statuses of what is tried again: RFC 9110, and 507 of RFC 4918: there is no room."""
_LONGEST = 400
"""Characters of a reason that is kept."""
log = logging.getLogger(__name__)

Archive = Callable[[By, Mapping[str, Any], bytes], Awaitable[Mapping[str, Any]]]
"""Its answer: outcome, study, series, instance, message. Raises ServiceRefused, ServiceSilent."""


class Snapshots:
    """Of one controller."""

    archive: Archive | None = None
    """None: there is none, or it is not known yet."""

    def __init__(self, books: Books) -> None:
        self._books = books

    async def keep(self, visit: Visit, taken: Taken, by: By) -> int:
        """From here on it is not lost. Returns its number."""
        digest = hashlib.sha256(taken.bare).hexdigest()
        who = by.actor, by.where, self._books.utc_ms()

        def work(db: sqlite3.Connection) -> int:
            number = book.add(db, visit.id, taken, who)
            self._books.note(db, "visit-picture-taken", visit, by, snapshot=number, sha256=digest)
            return number

        return await self._books.store.write(work)

    async def of(self, visit: Visit) -> list[Snapshot]:
        """The earliest first."""
        return [book.snapshot(row) for row in await self._books.store.read(book.OF_VISIT, (visit.number,))]

    async def run(self) -> None:
        """What waits is told to the archive, again and again. Until cancelled."""
        while True:
            await self.settle()
            await asyncio.sleep(AGAIN_S)

    async def settle(self) -> None:
        """Tell the archive once of all that waits."""
        for row in await self._books.store.read(book.WAITING):
            await self.bring(row["id"])

    async def bring(self, number: int) -> Snapshot:
        """What became of it; it still waits if the archive does not answer, or cannot take it now."""
        one, taken = await self._books.store.write(lambda db: book.one(db, number))
        if taken is None or self.archive is None:
            return one
        try:
            became = await self._tell(self.archive, one, taken)
        except ServiceSilent as error:
            log.info("a picture of visit %s waits for the archive: %s", one.number, error)
            return one
        except ServiceRefused as error:
            if error.status in _NOT_NOW:
                return one
            became = Became("refused", why=str(error)[:_LONGEST])
        return await self._settled(one, became)

    async def _tell(self, archive: Archive, one: Snapshot, taken: Taken) -> Became:
        by, about = By(one.actor, one.address), json.loads(taken.about)
        bare = await archive(by, {**about, "which": "bare", "bare": ""}, taken.bare)
        if bare["outcome"] not in _TAKEN:
            return Became("refused", why=str(bare["message"])[:_LONGEST])
        names = {"study": bare["study"], "series": bare["series"], "bare_uid": bare["instance"]}
        if taken.annotated is None:
            return Became("kept", **names)
        which = {"which": "annotated", "bare": hashlib.sha256(taken.bare).hexdigest()}
        drawn = await archive(by, {**about, **which}, taken.annotated)
        if drawn["outcome"] not in _TAKEN:
            return Became("refused", **names, why=str(drawn["message"])[:_LONGEST])
        return Became("kept", **names, annotated_uid=drawn["instance"])

    async def _settled(self, one: Snapshot, became: Became) -> Snapshot:
        def work(db: sqlite3.Connection) -> Snapshot:
            if book.settle(db, one.id, became):
                detail = {"snapshot": one.id, "study": became.study, "bare": became.bare_uid}
                more = {"annotated": became.annotated_uid, "why": became.why}
                said = {name: value for name, value in {**detail, **more}.items() if value}
                by = By(one.actor, one.address)
                self._books.note(db, f"visit-picture-{became.state}", held(db, one.number), by, **said)
            return book.one(db, one.id)[0]

        return await self._books.store.write(work)
