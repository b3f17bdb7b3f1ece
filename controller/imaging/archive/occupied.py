"""One process at a time has an archive, and the next one knows whether it ended as it should."""

import fcntl
from pathlib import Path

from controller.errors import StoreError


class Occupied:
    """A file that is there, and locked, while an archive is open."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "occupied"
        self.after_crash = self._path.exists()
        """The process before did not come to `leave`."""
        self._file = self._path.open("w")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            self._file.close()
            raise StoreError(f"{folder}: another process has this archive open") from error

    def leave(self) -> None:
        """All is in order."""
        if self._file.closed:
            return
        self._path.unlink()
        self._file.close()
