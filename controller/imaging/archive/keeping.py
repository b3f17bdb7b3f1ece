"""What an open archive does by itself: it checks files, moves old ones, deletes what is over its time."""

import asyncio
import logging
from typing import TYPE_CHECKING, Final

from controller.errors import StoreError
from controller.imaging.archive.moving import move_old
from controller.imaging.archive.objects import ObjectFiles
from controller.imaging.archive.retention import expire
from controller.imaging.archive.scrub import scrub
from controller.objects.errors import ForeignPlace
from controller.objects.owner import Owning

if TYPE_CHECKING:
    from controller.imaging.archive.archive import Archive

HOUR_S: Final = 3600.0
DAY_MS: Final = 86_400_000
AGAIN_S: Final = 60.0
"""After a disk or an index that did not answer."""

log = logging.getLogger(__name__)


async def look_whose(owning: Owning) -> None:
    """Whether the files are this index's, if their place answers: why nothing is deleted is in the log.

    Raises ForeignPlace: they are another's.
    """
    try:
        if why := await owning.renew():
            log.error("no file is deleted, for %s: see docs/objects.md, `wardlink objects own`", why)
    except ForeignPlace:
        raise
    except (StoreError, OSError) as error:
        log.error("no file is deleted before it is known whose they are: %s", error)


async def keep(archive: "Archive") -> None:
    """Until cancelled."""
    async with asyncio.TaskGroup() as group:
        group.create_task(_sweep(archive))
        group.create_task(_scrub(archive))
        group.create_task(_tidy(archive))
        group.create_task(_move(archive))
        group.create_task(_collect(archive))


async def _sweep(archive: "Archive") -> None:
    if archive.after_crash:
        try:
            await archive.garbage.sweep()
        except (StoreError, OSError) as error:
            log.error("what a crash left cannot be taken away now: %s", error)


async def _collect(archive: "Archive") -> None:
    """Daily: objects that no row has named for a day, which an upload left whose rows were never made."""
    while isinstance(files := archive.files, ObjectFiles):
        try:
            await look_whose(archive.owning)
            await archive.garbage.sweep(files.older(archive.clock.utc_us() // 1000 - DAY_MS))
        except (StoreError, OSError) as error:
            log.error("objects without a row cannot be taken away now: %s", error)
        await asyncio.sleep(DAY_MS / 1000)


async def _scrub(archive: "Archive") -> None:
    while archive.settings.scrub_rate:
        try:
            await scrub(archive)
        except (StoreError, OSError) as error:
            log.error("files cannot be checked now: %s", error)
            await asyncio.sleep(AGAIN_S)


async def _tidy(archive: "Archive") -> None:
    while True:
        try:
            await look_whose(archive.owning)
            if gone := await expire(archive):
                log.info("%d studies were over their time and are deleted", gone)
            await archive.garbage.collect()
        except StoreError as error:
            log.error("studies over their time cannot be deleted now: %s", error)
        await asyncio.sleep(HOUR_S)


async def _move(archive: "Archive") -> None:
    while archive.tiers is not None:
        try:
            if moved := await move_old(archive, archive.tiers):
                log.info("%d files of old studies are at the slow place now", moved)
        except (StoreError, OSError) as error:
            log.error("old studies cannot be moved now: %s", error)
        await asyncio.sleep(HOUR_S)
