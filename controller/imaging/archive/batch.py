"""What one request or association brings: stored together, answered one by one.

async with archive.begin("dicomweb:anna") as batch:
    incoming = batch.part()
    incoming.write(data)                 # as it comes
    await batch.take(incoming)           # reading, writing and syncing go on in a thread
    verdicts = await batch.commit()      # durable and findable
"""

import asyncio
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from sqlite3 import Connection
from typing import TYPE_CHECKING, Self
from uuid import uuid4

from controller.imaging.archive.doubts import names_known
from controller.imaging.archive.files import Settle
from controller.imaging.archive.incoming import Incoming
from controller.imaging.archive.index import Arrival, place, refusal
from controller.imaging.archive.job import Job
from controller.imaging.archive.judging import Announced, Fault, Judged, judge, seen, unread
from controller.imaging.archive.room import disk_failed
from controller.imaging.archive.sameness import same_data
from controller.imaging.archive.verdicts import Verdict
from controller.imaging.sight import Sight

if TYPE_CHECKING:
    from controller.imaging.archive.archive import Archive

Around = Callable[[Connection, Callable[[], list[Verdict]]], list[Verdict]]
"""Work in the transaction of a batch: it places the instances by calling its second argument."""


def _alone(_db: Connection, place: Callable[[], list[Verdict]]) -> list[Verdict]:
    return place()


IN_FLIGHT = 64 << 20
"""Bytes of one batch that may be in memory, waiting for the disk."""


class Batch:
    """See the module; made by `Archive.begin`."""

    def __init__(self, archive: "Archive", actor: str, sight: Sight) -> None:
        self._archive = archive
        self._actor = actor
        self._sight = sight
        self._parts: list[Incoming] = []
        self._jobs: list[Job] = []
        self._held: list[bytes] = []
        self._bytes = self._waiting = self._quarantined = 0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.abandon()

    def part(self) -> Incoming:
        """For the next instance."""
        incoming = Incoming(
            self._archive.folder / "incoming" / uuid4().hex,
            self._archive.settings.largest,
            lambda size: self._archive.room.check(self._bytes + size),
        )
        self._parts.append(incoming)
        return incoming

    async def take(
        self, incoming: Incoming, study: str | None = None, expected: tuple[str, str] | None = None
    ) -> None:
        """Judge and keep what came. `study`: what it must be of; `expected`: SOP class and instance
        that were announced.

        Raises ArchiveFull; whatever else is wrong is a verdict.
        """
        announced = Announced(study or "", *(expected or ("", "")))
        if incoming.too_large:
            told = f"expected at most {self._archive.settings.largest} bytes, got {incoming.size}"
            fault = unread(b"", incoming.size, announced, "file-too-large", told)
            self._parts.remove(incoming)
            self._jobs.append(Job(self._archive.threads, b"", lambda: (fault, None)))
            return
        self._bytes += incoming.size
        self._archive.room.check(self._bytes)
        if self._waiting + incoming.size > IN_FLIGHT:
            await self._settled()
            self._waiting = 0
        self._waiting += incoming.size
        await self._archive.garbage.hold(incoming.sha256)
        self._held.append(incoming.sha256)
        self._parts.remove(incoming)
        work = partial(self._keep, incoming, announced)
        self._jobs.append(Job(self._archive.threads, incoming.sha256, work))

    def _keep(self, incoming: Incoming, announced: Announced) -> tuple[Judged | Fault, Settle | None]:
        """In a thread. If it is to be kept, the file is in its place then, to be settled. Raises OSError."""
        sha256, size, content = incoming.sha256, incoming.size, incoming.content()
        try:
            item = seen(judge(content, sha256, size, announced), self._sight)
            if isinstance(item, Fault):
                if not item.for_a_person or not self._archive.room.has_for_quarantine(
                    self._quarantined + size
                ):
                    return item, None
                self._quarantined += size
                item = replace(item, kept=True)
            return item, self._archive.files.put(sha256, content)
        finally:
            if isinstance(content, Path):
                content.unlink(missing_ok=True)

    async def commit(self, around: Around = _alone, *, trusted: bool = False) -> list[Verdict]:
        """One verdict for each `take`, in that order; what is stored is on the disk and found at once.

        `around`: what else belongs to the transaction; `trusted`: no doubt about patients.
        Raises ArchiveFull, StoreError: nothing of the batch is known to be there, send it again.
        """
        try:
            items = await asyncio.gather(*(job.judged() for job in self._jobs))
            arrival = await self._arrival(items, trusted=trusted)
            verdicts = await self._index(items, arrival, around)
            self._archive.room.used += arrival.added
            self._archive.room.quarantined += arrival.quarantined
            await self._settle()
        except OSError as error:
            raise disk_failed(error) from error
        kept = (item.sha256 for item in items if _is_kept(item))
        self._archive.files.damaged.difference_update(kept)
        self._archive.garbage.release(self._held)
        self._held, self._jobs = [], []
        return verdicts

    async def _arrival(self, items: Sequence[Judged | Fault], *, trusted: bool) -> Arrival:
        patients = {item.study: item.patient_id for item in items if isinstance(item, Judged)}
        waits = {job.sha256: job.wait for job in self._jobs}
        return Arrival(
            self._archive.clock.now_us() // 1000,
            self._actor,
            trusted=trusted,
            known_only=self._archive.settings.known_only,
            hospital=await names_known(self._archive.hospital, self._archive.glance, patients),
            same=partial(same_data, self._archive.files),
            settle=lambda sha256: waits[sha256](),
        )

    async def _index(
        self, items: Sequence[Judged | Fault], arrival: Arrival, around: Around
    ) -> list[Verdict]:
        """The rows are on the disk when it returns; which of the files are not yet is noted with them."""
        unsettled, pairs = self._archive.unsettled, tuple(zip(items, self._jobs, strict=True))

        def work(db: Connection) -> tuple[list[Verdict], Collection[bytes]]:
            verdicts = around(db, lambda: [self._placed(db, item, arrival) for item in items])
            late = [job.sha256 for item, job in pairs if _is_kept(item) and not job.is_settled]
            return verdicts, unsettled.note(db, late)

        verdicts, forgotten = await self._archive.store.write(work)
        unsettled.forgotten(forgotten)
        return verdicts

    async def _settle(self) -> None:
        """When it returns, the files are on the disk. Raises OSError: what is not, is not given out."""
        errors = await self._settled()
        lost = [job.sha256 for job in self._jobs if not job.is_settled]
        self._archive.files.damaged.update(lost)
        self._archive.unsettled.settled(job.sha256 for job in self._jobs if job.is_settled)
        if errors:
            raise errors[0]

    async def _settled(self) -> list[BaseException]:
        """Wait for all jobs; what went wrong."""
        waiting = [job.settled() for job in self._jobs if not job.is_settled]
        return [
            error for error in await asyncio.gather(*waiting, return_exceptions=True) if error is not None
        ]

    def _placed(self, db: Connection, item: Judged | Fault, arrival: Arrival) -> Verdict:
        if isinstance(item, Judged) or item.kept:
            return place(db, item, arrival)
        if item.for_a_person:
            return refusal(item, "no-room", f"{item.message}; and too much waits in quarantine")
        return refusal(item, item.reason, item.message)

    async def abandon(self) -> None:
        """Take away what was not committed. Raises StoreError."""
        for part in self._parts:
            part.drop()
        await self._settled()
        held, self._parts, self._jobs, self._held = self._held, [], [], []
        if held:
            self._archive.garbage.release(held)
            await asyncio.shield(self._archive.garbage.unreferenced(held))


def _is_kept(item: Judged | Fault) -> bool:
    return isinstance(item, Judged) or item.kept
