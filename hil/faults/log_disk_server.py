"""The process behind a log disk: `python -m hil.faults.log_disk_server FOLDER IMAGE LOG`.

It mounts FOLDER, in which there is one file, `disk`, a copy of IMAGE, and logs what is done to it until
FOLDER is unmounted. It needs root, /dev/fuse and libfuse (Debian: fuse3), and is a process of its own for
their sake.
"""

import sys
from errno import ENOENT
from pathlib import Path
from stat import S_IFDIR, S_IFREG
from typing import Any, BinaryIO

from mfusepy import FUSE, FuseOSError, Operations

from hil.faults.log_disk import FLUSH, MARK, WRITE, packed


class _Disk(Operations):
    """One file, `disk`. FUSE serves it in one thread, so the log has one order."""

    use_ns = True

    def __init__(self, image: bytes, log: BinaryIO) -> None:
        self._content = bytearray(image)
        self._log = log

    def getattr(self, path: str, fh: int | None = None) -> dict[str, Any]:
        if path == "/":
            return {"st_mode": S_IFDIR | 0o700, "st_nlink": 2}
        if path == "/disk":
            return {"st_mode": S_IFREG | 0o600, "st_nlink": 1, "st_size": len(self._content)}
        raise FuseOSError(ENOENT)

    def readdir(self, path: str, fh: int) -> list[str]:
        return [".", "..", "disk"]

    def read(self, path: str, size: int, offset: int, fh: int) -> bytes:
        return bytes(self._content[offset : offset + size])

    def write(self, path: str, data: bytes, offset: int, fh: int) -> int:
        self._content[offset : offset + len(data)] = data
        self._log.write(packed(WRITE, offset, data))
        return len(data)

    def fsync(self, path: str, datasync: int, fh: int) -> int:
        self._log.write(packed(FLUSH))
        return 0

    def setxattr(self, path: str, name: str, value: bytes, options: int, position: int = 0) -> int:
        self._log.write(packed(MARK, 0, bytes(value)))
        return 0


def main(folder: Path, image: Path, log: Path) -> None:
    """Serve until unmounted."""
    with log.open("wb") as out:
        FUSE(_Disk(image.read_bytes(), out), str(folder), foreground=True, nothreads=True)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
