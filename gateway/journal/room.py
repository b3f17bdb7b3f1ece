"""How full the journal is, and its disk. On the journal's thread: it waits for the disk."""

import os
from typing import NamedTuple

from gateway.journal.journal import Journal


class Room(NamedTuple):
    """Percent: `used` of the journal's quota, `free` of its disk for whom the gateway runs as."""

    used: int
    free: int


def room(journal: Journal) -> Room:
    """Raises OSError."""
    disk = os.statvfs(journal.folder)
    return Room(100 * journal.size() // journal.quota, 100 * disk.f_bavail // max(disk.f_blocks, 1))
