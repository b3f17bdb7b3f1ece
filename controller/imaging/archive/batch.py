"""What one request or association brings: stored together, answered one by one.

async with archive.begin("dicomweb:anna") as batch:
    incoming = batch.part()
    incoming.write(data)                 # as it comes
    await batch.take(incoming)           # reading, writing and syncing go on in a thread
    verdicts = await batch.commit()      # durable and findable
"""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from sqlite3 import Connection
from typing import TYPE_CHECKING, Self
from uuid import uuid4

from controller.imaging.archive.doubts import names_known
from controller.imaging.archive.incoming import Incoming
from controller.imaging.archive.index import Arrival, place, refusal
from controller.imaging.archive.judging import Announced, Fault, Judged, judge, unread
from controller.imaging.archive.room import disk_failed
from controller.imaging.archive.sameness import same_data
from controller.imaging.archive.verdicts import Verdict

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

    def __init__(self, archive: "Archive", actor: str) -> None:
        self._archive = archive
        self._actor = actor
        self._parts: list[Incoming] = []
        self._jobs: list[asyncio.Future[Judged | Fault]] = []
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
            self._jobs.append(_done(fault))
            return
        self._bytes += incoming.size
        self._archive.room.check(self._bytes)
        if self._waiting + incoming.size > IN_FLIGHT:
            await asyncio.gather(*self._jobs, return_exceptions=True)
            self._waiting = 0
        self._waiting += incoming.size
        await self._archive.garbage.hold(incoming.sha256)
        self._held.append(incoming.sha256)
        self._parts.remove(incoming)
        loop = asyncio.get_running_loop()
        self._jobs.append(loop.run_in_executor(self._archive.threads, self._keep, incoming, announced))

    def _keep(self, incoming: Incoming, announced: Announced) -> Judged | Fault:
        """In a thread. When this returns, the file is in its place if it is to be kept. Raises OSError."""
        sha256, size, content = incoming.sha256, incoming.size, incoming.content()
        try:
            item = judge(content, sha256, size, announced)
            if isinstance(item, Fault):
                if not item.for_a_person or not self._archive.room.has_for_quarantine(
                    self._quarantined + size
                ):
                    return item
                self._quarantined += size
                item = replace(item, kept=True)
            self._archive.files.put(sha256, content)
            return item
        finally:
            if isinstance(content, Path):
                content.unlink(missing_ok=True)

    async def commit(self, around: Around = _alone, *, trusted: bool = False) -> list[Verdict]:
        """One verdict for each `take`, in that order; what is stored is on the disk and found at once.

        `around`: what else belongs to the transaction; `trusted`: no doubt about patients.
        Raises ArchiveFull, StoreError: nothing of the batch is known to be there, send it again.
        """
        arrival = Arrival(self._archive.clock.now_us() // 1000, self._actor, trusted=trusted)
        arrival.known_only = self._archive.settings.known_only
        arrival.same = partial(same_data, self._archive.files)
        try:
            items = await asyncio.gather(*self._jobs)
            patients = {item.study: item.patient_id for item in items if isinstance(item, Judged)}
            arrival.hospital = await names_known(self._archive.hospital, self._archive.glance, patients)
            _, verdicts = await asyncio.gather(
                self._archive.files.settle(self._held),
                self._archive.store.write(
                    lambda db: around(db, lambda: [self._placed(db, item, arrival) for item in items])
                ),
            )
        except OSError as error:
            raise disk_failed(error) from error
        self._archive.room.used += arrival.added
        self._archive.room.quarantined += arrival.quarantined
        kept = (item.sha256 for item in items if isinstance(item, Judged) or item.kept)
        self._archive.files.damaged.difference_update(kept)
        self._archive.garbage.release(self._held)
        self._held, self._jobs = [], []
        return verdicts

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
        await asyncio.gather(*self._jobs, return_exceptions=True)
        held, self._parts, self._jobs, self._held = self._held, [], [], []
        if held:
            self._archive.garbage.release(held)
            await asyncio.shield(self._archive.garbage.unreferenced(held))


def _done(fault: Fault) -> "asyncio.Future[Judged | Fault]":
    done: asyncio.Future[Judged | Fault] = asyncio.get_running_loop().create_future()
    done.set_result(fault)
    return done
