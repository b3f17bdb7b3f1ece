"""The daily check of a running controller whose objects are in a bucket, and what follows from it.

keeping = Keeping([*kinds(config, store, clock)], store, clock)
await keeping.run()                 # until cancelled
keeping.why()                       # "": every row has its object, as far as was looked

What no row has named for a day goes, on record, if the place is ours (owner.py); of images their own process
does that (archive/garbage.py), which alone knows what is just being brought. So do uploads that were never
ended.
"""

import asyncio
import logging
from collections.abc import Sequence
from sqlite3 import Connection

from controller.audit.chain import append
from controller.audit.entry import Entry
from controller.clock import Clock
from controller.errors import StoreError
from controller.objects.bucket import Bucket
from controller.objects.check import DAY_MS, Report, check
from controller.objects.errors import ForeignPlace
from controller.objects.kinds import Kind
from controller.objects.owner import Owning
from controller.store import Store

DAY_S, AGAIN_S = 86_400.0, 600.0
"""Between two checks; after one that a silent place or database stopped."""
_TOLD = 20
"""Keys that are written into the log."""

log = logging.getLogger(__name__)


class Keeping:
    """See the module. Kinds that are in a folder are not looked at: nothing takes files away there."""

    def __init__(self, kinds: Sequence[Kind], store: Store, clock: Clock) -> None:
        self.kinds = [kind for kind in kinds if not kind.objects.is_local]
        self.reports: dict[str, Report] = {}
        """By kind, of the last check that was done."""
        self._store, self._clock = store, clock
        self._apart: dict[str, str] = {}
        """By kind, why nothing is taken away there."""

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                await self.look()
                wait_s = DAY_S
            except StoreError as error:
                log.error("objects cannot be checked now: %s", error)
                wait_s = AGAIN_S
            await asyncio.sleep(wait_s)

    async def look(self) -> None:
        """Once. Raises StoreError, ObjectsAway."""
        for kind in self.kinds:
            report = self.reports[kind.name] = await check(kind, self._clock)
            if not report.is_whole:
                lost = ", ".join((*report.missing, *report.changed)[:_TOLD])
                log.error("%s; bring them back from a backup: %s", report.said(), lost)
            if kind.ours and await self._owns(kind, report):
                await self._collect(kind, report)
            await self._end_uploads(kind)

    def why(self) -> str:
        """What is lost, or not known to be ours, and what to do; "": nothing, as far as was looked."""
        lost = [report.said() for report in self.reports.values() if not report.is_whole]
        told = (
            f"{'; '.join(lost)}: see `wardlink objects check`, bring them back from a backup" if lost else ""
        )
        return "; ".join(filter(None, (told, *self._apart.values())))

    async def _owns(self, kind: Kind, report: Report) -> bool:
        async def counted() -> tuple[int, int]:
            return report.rows, report.objects

        try:
            why = await Owning(kind.objects, self._store, counted).renew()
        except ForeignPlace as error:
            why = str(error)
        self._apart.pop(kind.name, None)
        if why:
            self._apart[kind.name] = f"{kind.name}: nothing is taken away, for {why}"
            log.error("%s", self._apart[kind.name])
        return not why

    async def _collect(self, kind: Kind, report: Report) -> None:
        named = await kind.rows()
        gone = [key for key in report.orphans if key not in named]
        for key in gone:
            await asyncio.to_thread(kind.objects.delete, key)
        if gone:
            log.info("%d objects of %s that no row named for a day are gone", len(gone), kind.name)
            told = Entry(
                "objects-collected", "controller", f"objects/{kind.name}", detail={"number": len(gone)}
            )
            await self._store.write(lambda db: self._note(db, told))

    async def _end_uploads(self, kind: Kind) -> None:
        if isinstance(kind.objects, Bucket):
            older_ms = self._clock.utc_us() // 1000 - DAY_MS
            if number := await asyncio.to_thread(kind.objects.drop_uploads, older_ms):
                log.info("%d uploads of %s that were never ended are gone", number, kind.name)

    def _note(self, db: Connection, entry: Entry) -> None:
        append(db, entry, self._clock.utc_us())
