"""The files of an image as a file system, from which MicroPython imports.

vfs.mount(ReadOnly(read), "/image")

What MicroPython asks of one that is written in Python: docs.micropython.org, "Working with filesystems", and
`mp_vfs_import_stat` of extmod/vfs.c.
"""

import io

from firmware.core import contents

_FOLDER, _FILE = 0x4000, 0x8000
_ENOENT, _EROFS = 2, 30


class ReadOnly:
    """The image that `read(at, size)` gives. Raises ValueError if it is none."""

    def __init__(self, read) -> None:
        self._read = read
        self._files = contents.files(read)

    def mount(self, _readonly, _mkfs) -> None:
        """Nothing is to be done."""

    def umount(self) -> None:
        """Nothing is to be done."""

    def open(self, path: str, mode: str) -> io.BytesIO:
        """A file, in memory: the largest has a few kilobytes. Raises OSError."""
        if "w" in mode or "a" in mode or "+" in mode:
            raise OSError(_EROFS)
        found = self._files.get(path.strip("/"))
        if found is None:
            raise OSError(_ENOENT)
        return io.BytesIO(self._read(found[0], found[1]))

    def stat(self, path: str) -> tuple:
        """As `os.stat`. Raises OSError."""
        name = path.strip("/")
        if name in self._files:
            return _FILE, 0, 0, 0, 0, 0, self._files[name][1], 0, 0, 0
        if any(one.startswith(name + "/") for one in self._files):
            return _FOLDER, 0, 0, 0, 0, 0, 0, 0, 0, 0
        raise OSError(_ENOENT)
