"""Two places for files: what comes is kept at the fast one, what is old moves to the slow one (moving.py).

A file is looked for at the fast place first. It is copied before it is deleted: it always is at one of them.
"""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

from controller.imaging.archive.files import LocalFiles, Settle
from controller.imaging.archive.slow import SlowFolder
from controller.imaging.errors import CannotRead


class Tiers:
    """See controller.imaging.archive.files.Files."""

    def __init__(self, fast: LocalFiles, slow: SlowFolder) -> None:
        self.damaged = fast.damaged
        self.place = fast.place
        self.fast = fast
        self.slow = slow
        self.looked: set[bytes] = set()
        """What was given out since the index was last told."""

    def put(self, sha256: bytes, content: bytes | Path) -> Settle | None:
        """See Files."""
        return self.fast.put(sha256, content)

    def settle(self, sha256: bytes) -> None:
        """See Files. A copy at the slow place was on its disk before the index named it."""
        self.fast.settle(sha256)

    async def read(self, sha256: bytes, offset: int = 0, length: int | None = None) -> bytes:
        """See Files."""
        return await self._place(sha256).read(sha256, offset, length)

    def chunks(self, sha256: bytes, offset: int, length: int) -> AsyncIterator[bytes]:
        """See Files."""
        return self._place(sha256).chunks(sha256, offset, length)

    def _place(self, sha256: bytes) -> LocalFiles | SlowFolder:
        """Where it is. The fast place opens it, and loses it, in the loop's thread: nothing comes between."""
        self.looked.add(sha256)
        return self.fast if self.fast.path(sha256).exists() else self.slow

    def whole(self, sha256: bytes) -> bytes:
        """See Files."""
        try:
            return self.fast.whole(sha256)
        except CannotRead:
            return self.slow.whole(sha256)

    def digest(self, sha256: bytes) -> bytes | None:
        """See Files."""
        found = self.fast.digest(sha256)
        return self.slow.digest(sha256) if found is None else found

    async def delete(self, sha256: bytes) -> None:
        """See Files. A slow place that does not answer keeps nothing at the fast one."""
        await self.fast.delete(sha256)
        await self.slow.delete(sha256)

    async def exists(self, sha256: bytes, size: int) -> bool:
        """See Files."""
        return await self.fast.exists(sha256, size) or await self.slow.exists(sha256, size)

    def all(self) -> Iterator[list[bytes]]:
        """See Files. Of the fast place alone: what is copied to the slow one has a row that names it."""
        return self.fast.all()
