"""The archive of images: files by what is in them, and an index of what they say.

archive = await Archive.open(folder, clock)
async with archive.begin("dicomweb:anna") as batch: ...         # see batch.py
for one in await archive.find(sight, study): ...                # see stored.py
    content = await archive.files.read(one.sha256)

In `folder`: imaging.sqlite, files/ by SHA-256 (or a bucket: objects.py; what is old at a slow
place: tiers.py), incoming/ for what is on its way. One process writes.
"""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Final, ParamSpec, TypeVar

from controller.clock import Clock
from controller.errors import StoreError
from controller.imaging.archive import stored as looking
from controller.imaging.archive.batch import Batch
from controller.imaging.archive.doubts import Hospital
from controller.imaging.archive.files import Files, LocalFiles
from controller.imaging.archive.frames import Known
from controller.imaging.archive.garbage import Garbage
from controller.imaging.archive.glance import Glance
from controller.imaging.archive.keeping import look_whose
from controller.imaging.archive.objects import ObjectFiles
from controller.imaging.archive.occupied import Occupied
from controller.imaging.archive.room import Room
from controller.imaging.archive.settings import ArchiveSettings
from controller.imaging.archive.slow import SlowFolder
from controller.imaging.archive.stored import Stored
from controller.imaging.archive.tiers import Tiers
from controller.imaging.archive.unsettled import Unsettled, check_unsettled
from controller.imaging.archive.verdicts import Outcome, Verdict
from controller.imaging.sight import WHOLE, Sight
from controller.objects.errors import ForeignPlace
from controller.objects.owner import Owning
from controller.store import Store

__all__ = ["Archive", "ArchiveSettings", "Batch", "Outcome", "Stored", "Verdict"]

P = ParamSpec("P")
T = TypeVar("T")
THREADS: Final = 4
"""That read headers, write files and wait for the disk."""
_NEWEST: Final = """SELECT DISTINCT sha256, size FROM instance JOIN file ON sha256 = file
WHERE tier = 0 AND instance.id > (SELECT max(id) - 10000 FROM instance)"""
_DAMAGED: Final = "SELECT sha256 FROM file WHERE damaged <> ''"
_USED: Final = "SELECT ifnull(sum(size), 0) AS bytes FROM file WHERE tier = 0"
_FILES: Final = "SELECT count(*) AS number FROM file WHERE tier = 0"
_SLOW: Final = "SELECT count(*) AS number FROM file WHERE tier = 1"
_WAITING: Final = "SELECT ifnull(sum(size), 0) AS bytes FROM quarantine WHERE settled_ms IS NULL"


class Archive:
    """An open archive; made by `open`."""

    def __init__(
        self, folder: Path, clock: Clock, settings: ArchiveSettings, store: Store, occupied: Occupied
    ) -> None:
        self.folder = folder
        self.clock = clock
        self.settings = settings
        self.store = store
        self.threads = ThreadPoolExecutor(THREADS, "archive")
        self.tiers: Tiers | None = None
        """Where there is a slow place beside the fast one."""
        self.files: Files
        if settings.objects:
            self.files = ObjectFiles(settings.objects, clock)
        else:
            self.files = fast = LocalFiles(folder / "files")
            if settings.slow_folder:
                self.files = self.tiers = Tiers(fast, SlowFolder(settings.slow_folder, fast.damaged, clock))
        self.room = Room(folder, settings)
        self.owning = Owning(self.files.place, store, self._counted)
        """Whether these files are this index's."""
        self.garbage = Garbage(store, self.files, self.owning)
        self.unsettled = Unsettled()
        self.places = Known()
        self._occupied = occupied
        self.glance = Glance(store.path)
        self.hospital: Hospital | None = None
        """Who is asked whether a patient of a new study is one; None: nobody is."""
        self.after_crash = occupied.after_crash
        """Files may be there that no row names: `keep` takes them away."""

    @classmethod
    async def open(
        cls,
        folder: Path,
        clock: Clock,
        settings: ArchiveSettings | None = None,
        hospital: Hospital | None = None,
    ) -> "Archive":
        """Open the archive in `folder`, or begin one there. What a crash left half done is put right.

        `hospital` is asked for the patients of new studies: a study of somebody whom it does not know, or by
        another name, is held. Without it, nobody is unknown.

        Raises StoreError, also when another process has it open, or the files are another index's; OSError.
        """
        store = await Store.open(folder / "imaging.sqlite", "controller.imaging.archive")
        settings = settings or ArchiveSettings()
        try:
            await _reachable(store, settings)
            archive = cls(folder, clock, settings, store, Occupied(folder))
        except (StoreError, OSError):
            await store.close()
            raise
        archive.hospital = hospital
        try:
            await look_whose(archive.owning)
        except ForeignPlace:
            await archive.close()
            raise
        await archive._put_right()
        return archive

    async def close(self) -> None:
        """Finish what is under way and close."""
        await asyncio.to_thread(self.threads.shutdown)
        self.glance.close()
        if self.tiers is not None:
            self.tiers.slow.close()
        await self.store.close()
        self._occupied.leave()

    def begin(self, actor: str, sight: Sight = WHOLE) -> Batch:
        """For what one request or association brings; `actor` brings it: "dicomweb:anna", "ae:CT1".

        `sight`: whose images it may bring. A person brings only those of patients whom the person may see;
        programs, modalities and our own processes bring anybody's.
        """
        return Batch(self, actor, sight)

    async def find(
        self, sight: Sight, study: str, series: str | None = None, instance: str | None = None
    ) -> list[Stored]:
        """The instances of a study, ordered by number of their series, their own, and UID.

        Raises NoSuchImage, also for what is there and may not be seen.
        """
        query, asked = looking.find_query(sight, study, series, instance)
        if instance is not None:
            return looking.found(self.glance.rows(query, asked))
        return looking.found(await self.store.read(query, asked))

    async def metadata(self, stored: Sequence[Stored]) -> list[bytes]:
        """DICOM JSON of each, in the same order; BulkDataURI is "bulkdata/PATH". Raises NoSuchImage."""
        return await looking.metadata(self.store, stored)

    async def in_thread(self, work: Callable[P, T], *args: P.args, **named: P.kwargs) -> T:
        """`work` where it holds up nothing else."""
        return await asyncio.get_running_loop().run_in_executor(self.threads, partial(work, *args, **named))

    async def _put_right(self) -> None:
        """After a crash: forget what was on its way, take away what was to go, look for what may be lost."""
        incoming = self.folder / "incoming"
        incoming.mkdir(exist_ok=True, mode=0o700)
        for left in incoming.iterdir():
            left.unlink()
        if self.tiers is not None:
            self.tiers.slow.mark = (await self.store.read("SELECT text FROM slow_mark"))[0]["text"]
        await self.garbage.collect()
        await check_unsettled(self)
        if self.after_crash and self.settings.objects is None:  # an object is on the disk before its row is
            await self._look_for_the_newest()
        self.files.damaged.update(row["sha256"] for row in await self.store.read(_DAMAGED))
        self.room.used = (await self.store.read(_USED))[0]["bytes"]
        self.room.quarantined = (await self.store.read(_WAITING))[0]["bytes"]

    async def _counted(self) -> tuple[int, int]:
        [row] = await self.store.read(_FILES)
        there = await asyncio.to_thread(lambda: sum(map(len, self.files.all())))
        return row["number"], there

    async def _look_for_the_newest(self) -> None:
        """By name and size alone: a disk may have lost in a crash what it said it had."""
        newest = await self.store.read(_NEWEST)
        missing = [row["sha256"] for row in newest if not await self.files.exists(row["sha256"], row["size"])]
        mark = "UPDATE file SET damaged = 'missing' WHERE sha256 = ?"
        await self.store.write(lambda db: db.executemany(mark, [(sha256,) for sha256 in missing]))


async def _reachable(store: Store, settings: ArchiveSettings) -> None:
    """Raises StoreError: files are at a slow place, and the settings name none."""
    number = (await store.read(_SLOW))[0]["number"]
    if number and (settings.objects is not None or settings.slow_folder is None):
        raise StoreError(f"expected slow_folder, where {number} of the archive's files are: give it again")
