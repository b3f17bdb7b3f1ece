"""Files whose rows may be on the disk before their bytes are: index and files are synced side by side.

The transaction that makes the rows of such a file notes its hash, and forgets those that are certain since.
Nothing of them was acknowledged; when the archive opens, what is noted is read: power may have gone between.
"""

import logging
from collections.abc import Collection, Iterable
from sqlite3 import Connection
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from controller.imaging.archive.archive import Archive

_NOTE: Final = "INSERT OR IGNORE INTO unsettled VALUES (?)"
_FORGET: Final = "DELETE FROM unsettled WHERE sha256 = ?"
_NOTED: Final = "SELECT sha256 FROM unsettled JOIN file USING (sha256)"
_MARK: Final = "UPDATE file SET damaged = ? WHERE sha256 = ?"

log = logging.getLogger(__name__)


class Unsettled:
    """Of one archive."""

    def __init__(self) -> None:
        self._certain: set[bytes] = set()
        """Noted, and on the disk by now."""

    def note(self, db: Connection, hashes: Collection[bytes]) -> Collection[bytes]:
        """In the transaction of their rows. Returns those that it forgets, for `forgotten`."""
        self._certain.difference_update(hashes)  # of one that was deleted and comes again
        certain = tuple(self._certain)
        db.executemany(_FORGET, [(sha256,) for sha256 in certain])
        db.executemany(_NOTE, [(sha256,) for sha256 in hashes])
        return certain

    def forgotten(self, hashes: Iterable[bytes]) -> None:
        """That transaction is on the disk."""
        self._certain.difference_update(hashes)

    def settled(self, hashes: Iterable[bytes]) -> None:
        """Their bytes are on the disk."""
        self._certain.update(hashes)


async def check_unsettled(archive: "Archive") -> None:
    """Read what is noted: a file that is not what it should be is marked as damaged.

    Raises StoreError, OSError.
    """
    noted = [row["sha256"] for row in await archive.store.read(_NOTED)]
    marks: list[tuple[str, bytes]] = []
    for sha256 in noted:
        await archive.in_thread(archive.files.settle, sha256)
        found = await archive.in_thread(archive.files.digest, sha256)
        if found != sha256:
            marks.append(("missing" if found is None else "changed", sha256))
            log.error("the file %s did not come to the disk, which its sender was not told", sha256.hex())

    def work(db: Connection) -> None:
        db.executemany(_MARK, marks)
        db.execute("DELETE FROM unsettled")

    await archive.store.write(work)
