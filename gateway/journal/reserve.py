"""A file that does nothing but keep space: given up when the disk is full, so that shedding still works."""

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(slots=True)
class Reserve:
    """`size` bytes at `path`."""

    path: Path
    size: int

    def take(self) -> None:
        """Set the space aside, where the disk has plenty besides. Raises OSError."""
        if self.path.exists() or self._room() < 4 * self.size:
            return
        handle = os.open(self.path, os.O_CREAT | os.O_WRONLY, 0o600)
        try:
            os.posix_fallocate(handle, 0, self.size)
        finally:
            os.close(handle)

    def give_up(self) -> None:
        """Free the space. Raises OSError."""
        self.path.unlink(missing_ok=True)

    def _room(self) -> int:
        disk = os.statvfs(self.path.parent)
        return disk.f_bavail * disk.f_frsize
