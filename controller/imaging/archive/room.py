"""How much more the archive takes, said before the disk is full: a full one loses what is on its way."""

import errno
import os
from pathlib import Path

from controller.errors import ControllerError, StoreError
from controller.imaging.archive.settings import ArchiveSettings
from controller.imaging.errors import ArchiveFull


def disk_failed(error: OSError) -> ControllerError:
    """What an error of the disk means to who stores something: ArchiveFull or StoreError, to be raised."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return ArchiveFull(f"the disk is full: {error}")
    return StoreError(f"an instance cannot be written: {error}")


class Room:
    """`used`: bytes of all files at the fast place; `quarantined`: of what waits for a person. The archive
    counts them.
    """

    def __init__(self, folder: Path, settings: ArchiveSettings) -> None:
        self.used = 0
        self.quarantined = 0
        self._folder = folder
        self._settings = settings

    def check(self, more: int) -> None:
        """Raises ArchiveFull when `more` bytes are too many."""
        quota = self._settings.quota
        if quota is not None and self.used + more > quota:
            raise ArchiveFull(f"expected room for {more} bytes, {self.used} of the quota's {quota} are used")
        disk = os.statvfs(self._folder)
        free = disk.f_bavail * disk.f_frsize
        if free - more < self._settings.reserve:
            raise ArchiveFull(
                f"expected room for {more} bytes, the disk has {free}, {self._settings.reserve} stay free"
            )

    def has_for_quarantine(self, more: int) -> bool:
        """Whether `more` bytes may wait for a person."""
        return self.quarantined + more <= self._settings.quarantine
