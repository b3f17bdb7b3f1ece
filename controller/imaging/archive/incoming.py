"""One instance on its way in: bytes as they come, hashed as they come, in memory or, if large, in a file."""

import hashlib
from collections.abc import Callable
from io import FileIO
from pathlib import Path
from typing import Final

from controller.imaging.archive.files import write_all
from controller.imaging.archive.room import disk_failed

IN_MEMORY: Final = 8 << 20
"""Bytes; more go to a temporary file."""


class Incoming:
    """Write all of it, then hand it to `Batch.take`."""

    def __init__(self, path: Path, largest: int, check_room: Callable[[int], None]) -> None:
        self.size = 0
        self.too_large = False
        """More than `largest` came: the bytes are dropped, and counted on."""
        self._path = path
        self._largest = largest
        self._check_room = check_room
        self._hash = hashlib.sha256()
        self._chunks: list[bytes] = []
        self._file: FileIO | None = None

    def write(self, data: bytes) -> None:
        """Some more of it. Raises ArchiveFull, StoreError."""
        self.size += len(data)
        if self.too_large:
            return
        if self.size > self._largest:
            self.too_large = True
            self.drop()
            return
        self._hash.update(data)
        if self._file is None:
            self._chunks.append(data)
            if self.size <= IN_MEMORY:
                return
            data, self._chunks = b"".join(self._chunks), []
        if self.size // IN_MEMORY != (self.size - len(data)) // IN_MEMORY:
            self._check_room(self.size)
        try:
            self._file = self._file or self._path.open("xb", buffering=0)
            write_all(self._file.fileno(), data)
        except OSError as error:
            raise disk_failed(error) from error

    @property
    def sha256(self) -> bytes:
        """Of all that was written."""
        return self._hash.digest()

    def content(self) -> bytes | Path:
        """All of it: its bytes, or the temporary file, which whoever asks owns from now on."""
        if self._file is None:
            content = self._chunks[0] if len(self._chunks) == 1 else b"".join(self._chunks)
            self._chunks = []
            return content
        self._file.close()
        self._file = None
        return self._path

    def drop(self) -> None:
        """Forget it."""
        self._chunks = []
        if self._file is not None:
            self._file.close()
            self._file = None
            self._path.unlink()
