"""The slow place: a folder that may be far away, for example a mount of network storage.

It may stop answering, for hours and without an error: everything is done in threads of its own, and nobody
waits longer than PATIENCE_S. Then, and when it is not the folder that it should be, all are refused at once
for AGAIN_US. A mount that is missing looks like an empty folder: a file in it (MARK) tells them apart.
"""

import asyncio
import errno
import hashlib
import io
import logging
import os
import shutil
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import BinaryIO, Final, TypeVar
from uuid import uuid4

from controller.clock import Clock
from controller.imaging.archive.files import IN_LINE, sync
from controller.imaging.errors import CannotRead, OutOfReach

T = TypeVar("T")

MARK: Final = "wardlink-archive"
PATIENCE_S: Final = 10.0
"""For each MiB."""
AGAIN_US: Final = 30_000_000
QUICK_US: Final = 1_000_000
"""What answers within is as good as the fast place (PS3.3, C.4.23: ONLINE)."""
_THREADS: Final = 4

log = logging.getLogger(__name__)


class SlowFolder:
    """`damaged`: see Files; `mark`: what its MARK must say. Its methods do what those of Files do."""

    def __init__(self, folder: Path, damaged: set[bytes], clock: Clock) -> None:
        self.damaged = damaged
        self.patience_s = PATIENCE_S
        self.mark = ""
        self._folder = folder
        self._clock = clock
        self._threads = ThreadPoolExecutor(_THREADS, "slow")
        self._took_us = 0
        self._silent_until_us = 0
        self._why = ""

    @property
    def answers(self) -> bool:
        """Whether it did when it was last asked, or may be asked again."""
        return self._clock.now_us() >= self._silent_until_us

    @property
    def quick(self) -> bool:
        """Whether its last answer came soon."""
        return self.answers and self._took_us < QUICK_US

    def close(self) -> None:
        """Nothing is asked any more; what hangs is left alone."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def prepare(self, *, first: bool) -> None:
        """Look whether it is ours, also if it was not just now; `first`: nothing of ours is there yet, it
        becomes ours. Raises OSError.
        """
        self._silent_until_us = 0
        await self._ask(lambda: self._prepare(first=first))

    async def bring(self, sha256: bytes, source: Path) -> None:
        """Copy `source` here; it stays. When this returns, a power cut does no harm. Raises OSError."""
        await asyncio.wrap_future(self._begin(lambda: self._copy(sha256, source)))

    async def read(self, sha256: bytes, offset: int = 0, length: int | None = None) -> bytes:
        """See Files."""
        if length is None:
            length = await self._given(sha256, lambda: self._size(sha256)) - offset
        return b"".join([part async for part in self.chunks(sha256, offset, length)])

    async def chunks(self, sha256: bytes, offset: int, length: int) -> AsyncIterator[bytes]:
        """See Files."""
        for at, size in _parts(offset, length):
            yield await self._given(sha256, lambda at=at, size=size: self._part(sha256, at, size))

    def whole(self, sha256: bytes) -> bytes:
        """See Files."""
        if sha256 in self.damaged:
            raise _damaged(sha256)
        try:
            size = self._wait(lambda: self._size(sha256))
            parts = _parts(0, size)
            return b"".join(self._wait(lambda at=at, n=n: self._part(sha256, at, n)) for at, n in parts)
        except OSError as error:
            raise self._unread(sha256, error) from error

    def digest(self, sha256: bytes) -> bytes | None:
        """See Files."""
        found = hashlib.sha256()
        try:
            size = self._wait(lambda: self._size(sha256))
            for at, length in _parts(0, size):
                found.update(self._wait(lambda at=at, length=length: self._part(sha256, at, length)))
        except FileNotFoundError:
            return None
        except OSError as error:
            if error.errno == errno.EIO:
                return b""
            raise
        return found.digest()

    async def delete(self, sha256: bytes) -> None:
        """See Files."""
        await self._ask(lambda: self._unlink(sha256))

    async def exists(self, sha256: bytes, size: int) -> bool:
        """See Files."""
        try:
            return await self._ask(lambda: self._size(sha256)) == size
        except OSError:
            return False

    async def _given(self, sha256: bytes, work: Callable[[], T]) -> T:
        if sha256 in self.damaged:
            raise _damaged(sha256)
        try:
            return await self._ask(work)
        except OSError as error:
            raise self._unread(sha256, error) from error

    async def _ask(self, work: Callable[[], T]) -> T:
        try:
            async with asyncio.timeout(self.patience_s):
                return await asyncio.wrap_future(self._begin(work))
        except TimeoutError as error:
            raise self._silence(f"no answer in {self.patience_s:g} s") from error

    def _wait(self, work: Callable[[], T]) -> T:
        try:
            return self._begin(work).result(self.patience_s)
        except TimeoutError as error:
            raise self._silence(f"no answer in {self.patience_s:g} s") from error

    def _begin(self, work: Callable[[], T]) -> "Future[T]":
        if not self.answers:
            raise OSError(self._why)
        return self._threads.submit(self._do, work)

    def _do(self, work: Callable[[], T]) -> T:
        """In a thread of its own. An error is the file's only if the place is there."""
        begun_us = self._clock.now_us()
        try:
            return work()
        except OSError:
            self._check_mark()
            raise
        finally:
            self._took_us = self._clock.now_us() - begun_us

    def _unread(self, sha256: bytes, error: OSError) -> CannotRead:
        return (CannotRead if self.answers else OutOfReach)(f"{sha256.hex()}: {error}")

    def _silence(self, why: str) -> OSError:
        """Refuse all for a while; the error to be raised."""
        self._why = f"the slow place {self._folder} cannot be used: {why}"
        if self.answers:
            log.error("%s", self._why)
        self._silent_until_us = self._clock.now_us() + AGAIN_US
        return OSError(self._why)

    def _check_mark(self) -> None:
        """Raises OSError: it is not there, or not ours."""
        try:
            found = (self._folder / MARK).read_text(encoding="ascii", errors="replace")
        except OSError as error:
            told = f"is it mounted? its file {MARK} cannot be read ({error.strerror})"
            raise self._silence(told) from error
        if found != self.mark:
            raise self._silence(f"it belongs to another archive, says its file {MARK}")

    def _prepare(self, *, first: bool) -> None:
        aside = self._folder / "tmp"
        if first and not (self._folder / MARK).exists():
            aside.mkdir(exist_ok=True, mode=0o700)
            self._write(io.BytesIO(self.mark.encode("ascii")), self._folder / MARK)
        self._check_mark()
        aside.mkdir(exist_ok=True, mode=0o700)
        for left in aside.iterdir():
            left.unlink()

    def _copy(self, sha256: bytes, source: Path) -> None:
        self._check_mark()
        target = self._path(sha256)
        target.parent.mkdir(exist_ok=True, mode=0o700)
        with source.open("rb") as given:
            self._write(given, target)

    def _write(self, given: BinaryIO, target: Path) -> None:
        """Whole or not at all, and on the disk when this returns."""
        aside = self._folder / "tmp" / uuid4().hex
        try:
            with aside.open("xb") as file:
                shutil.copyfileobj(given, file, IN_LINE)
                file.flush()
                os.fsync(file.fileno())
                # Who checks the copy must read what the disk has, not what this machine still remembers.
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
            aside.rename(target)
        except OSError:
            aside.unlink(missing_ok=True)
            raise
        sync(target.parent)
        sync(self._folder)

    def _unlink(self, sha256: bytes) -> None:
        self._check_mark()  # where nothing is mounted, nothing is deleted
        self._path(sha256).unlink(missing_ok=True)

    def _size(self, sha256: bytes) -> int:
        return self._path(sha256).stat().st_size

    def _part(self, sha256: bytes, offset: int, length: int) -> bytes:
        with self._path(sha256).open("rb", buffering=0) as file:
            found = os.pread(file.fileno(), length, offset)
        if len(found) != length:
            raise OSError(f"expected {length} bytes from {offset} on, the file has {len(found)}")
        return found

    def _path(self, sha256: bytes) -> Path:
        name = sha256.hex()
        return self._folder / name[:2] / name


def _parts(offset: int, length: int) -> list[tuple[int, int]]:
    """Where each MiB begins, and its bytes."""
    end = offset + length
    return [(at, min(IN_LINE, end - at)) for at in range(offset, end, IN_LINE)]


def _damaged(sha256: bytes) -> CannotRead:
    return CannotRead(f"{sha256.hex()}: the file was found to be damaged; bring it back from a backup")
