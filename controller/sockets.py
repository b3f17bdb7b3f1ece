"""Sockets in the file system, however long the path is.

The kernel takes 107 bytes of a path (unix(7)), and a data folder may lie deeper. A longer one is named by its
folder's open descriptor: /proc/self/fd/N/name.
"""

import os
from functools import cache
from pathlib import Path

LONGEST = 107
"""Bytes."""


def reachable(path: Path) -> str:
    """`path` as this process can give it to bind and connect. Raises OSError: there is no such folder."""
    text = str(path)
    if len(os.fsencode(text)) <= LONGEST:
        return text
    folder = path.parent.stat()
    return f"/proc/self/fd/{_opened(path.parent, folder.st_dev, folder.st_ino)}/{path.name}"


@cache
def _opened(folder: Path, _device: int, _inode: int) -> int:
    """Open as long as the process lives; another folder at the same path is opened anew."""
    return os.open(folder, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
