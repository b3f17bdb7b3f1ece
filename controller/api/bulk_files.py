"""The files of one export: NDJSON beside, whole and on the disk before they are listed.

files = Files(folder); files.add("Patient", line); outputs = files.close(); publish(folder, final)
"""

import hashlib
import os
from pathlib import Path
from typing import Any, BinaryIO

from controller.api.bulk_jobs import Output
from controller.errors import ControllerError
from controller.files import sync

PER_FILE = 100_000
"""Resources in one file at most."""
ROOM_BYTES = 1024 * 1024 * 1024
"""What an export leaves free on the disk: what gateways send has to go somewhere."""


class NoRoom(ControllerError):
    """An export would take the disk's last room."""


class Files:
    """Files in one folder: `Patient-1.ndjson`, …"""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._open: dict[str, tuple[BinaryIO, Any]] = {}
        self._counts: dict[str, int] = {}
        self._names: dict[str, str] = {}
        self._numbers: dict[str, int] = {}
        self._done: list[Output] = []

    def add(self, kind: str, line: bytes) -> None:
        """One resource more."""
        if self._counts.get(kind, 0) >= PER_FILE:
            self._end(kind)
        if kind not in self._open:
            self._numbers[kind] = self._numbers.get(kind, 0) + 1
            self._names[kind], self._counts[kind] = f"{kind}-{self._numbers[kind]}.ndjson", 0
            self._open[kind] = (self._folder / self._names[kind]).open("wb"), hashlib.sha256()
        file, digest = self._open[kind]
        file.write(line)
        digest.update(line)
        self._counts[kind] += 1

    def check_room(self) -> None:
        """Raises NoRoom."""
        disk = os.statvfs(self._folder)
        free = disk.f_bavail * disk.f_frsize
        if free < ROOM_BYTES:
            raise NoRoom(
                f"expected {ROOM_BYTES >> 20} MiB free on the controller's disk, there are {free >> 20}: "
                "ask for fewer types or wards, or for less by _since"
            )

    def close(self) -> list[Output]:
        """All of them whole and on the disk."""
        for kind in sorted(self._open):
            self._end(kind)
        return sorted(self._done)

    def _end(self, kind: str) -> None:
        file, digest = self._open.pop(kind)
        file.flush()
        os.fsync(file.fileno())
        size = file.tell()
        file.close()
        self._done.append(Output(kind, self._names[kind], self._counts.pop(kind), size, digest.hexdigest()))


def publish(beside: Path, folder: Path) -> None:
    """What was made beside has its name from now on, also after a loss of power."""
    beside.rename(folder)
    for one in (folder, folder.parent):
        sync(one)
