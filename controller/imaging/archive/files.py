"""Files by the SHA-256 of what is in them, which are never changed.

One whose name is free is written under it and synced later, beside the index (unsettled.py). Where there is
one, which may have been promised long ago, the new one is written aside, synced, and then takes its place.

Their names are hashes, in 256 folders by the first byte: nothing that a sender says becomes a path.
"""

import asyncio
import errno
import hashlib
import os
import re
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from threading import Lock
from typing import Final, Protocol
from uuid import uuid4

from controller.imaging.errors import CannotRead
from controller.objects.folder import Folder
from controller.objects.model import Objects

IN_LINE: Final = 1 << 20
"""Bytes that are read from the page cache faster than a thread is woken."""
_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL


Settle = Callable[[], None]
"""When it returns, what was `put` survives a power cut. For a thread, once. Raises OSError."""


class Files(Protocol):
    """Where the bytes are."""

    damaged: set[bytes]
    """Those that a check found missing or changed: they are not given out."""
    place: Objects
    """Where they are, as a place whose owner can be asked (controller/objects/owner.py)."""

    def put(self, sha256: bytes, content: bytes | Path) -> Settle | None:
        """Keep `content`; a file is taken over. To be called in a thread. Returns what must be called then;
        None: it survives a power cut already. Raises OSError.
        """
        ...

    def settle(self, sha256: bytes) -> None:
        """What is there now of it survives a power cut. To be called in a thread. Raises OSError."""
        ...

    async def read(self, sha256: bytes, offset: int = 0, length: int | None = None) -> bytes:
        """`length` bytes from `offset` on, or all. Raises CannotRead."""
        ...

    def chunks(self, sha256: bytes, offset: int, length: int) -> AsyncIterator[bytes]:
        """The same in parts of 1 MiB. Raises CannotRead."""
        ...

    def whole(self, sha256: bytes) -> bytes:
        """All of it. To be called in a thread. Raises CannotRead."""
        ...

    def digest(self, sha256: bytes) -> bytes | None:
        """The SHA-256 that the bytes have now; None: they are missing; b"": the disk does not give them.

        To be called in a thread. Raises OSError: it cannot be said.
        """
        ...

    async def delete(self, sha256: bytes) -> None:
        """Take it away; it may be missing. Raises OSError."""
        ...

    async def exists(self, sha256: bytes, size: int) -> bool:
        """Whether a file of that size is there."""
        ...

    def all(self) -> Iterator[list[bytes]]:
        """Everything that is there, some hundreds at a time; for a thread. Raises OSError."""
        ...


class LocalFiles:
    """On a local disk: see Files."""

    def __init__(self, folder: Path) -> None:
        self.damaged: set[bytes] = set()
        self.folder = folder
        self.place: Objects = Folder(folder)
        self._folder = str(folder)
        self._taking_place = Lock()
        self._aside = folder / "tmp"
        self._aside.mkdir(parents=True, exist_ok=True, mode=0o700)
        for left in self._aside.iterdir():
            left.unlink()
        for first in range(256):
            (folder / f"{first:02x}").mkdir(exist_ok=True, mode=0o700)

    def path(self, sha256: bytes) -> Path:
        """Where it is, or would be."""
        return Path(self._name(sha256))

    def _name(self, sha256: bytes) -> str:
        """Its path, for each request: a Path takes ten times as long to make."""
        name = sha256.hex()
        return f"{self._folder}/{name[:2]}/{name}"

    def put(self, sha256: bytes, content: bytes | Path) -> Settle | None:
        """See Files."""
        name = self._name(sha256)
        if isinstance(content, Path):
            return self._replace(content, name)
        try:
            file = os.open(name, _NEW, 0o600)
        except FileExistsError:
            aside = self._aside / uuid4().hex
            try:
                _write_new(aside, content)
            except OSError:
                aside.unlink(missing_ok=True)
                raise
            return self._replace(aside, name)
        try:
            write_all(file, content)
        except OSError:
            self._give_up(file, name)
            raise
        return partial(_settle, file, Path(name).parent)

    def _replace(self, aside: Path, name: str) -> None:
        """`aside` is synced and takes the place of what is there, if anything is. Raises OSError."""
        try:
            sync(aside)
            with self._taking_place:
                aside.rename(name)
        except OSError:
            aside.unlink(missing_ok=True)
            raise
        sync(Path(name).parent)

    def _give_up(self, file: int, name: str) -> None:
        """Take away what could not be written, unless another has taken its place."""
        try:
            with self._taking_place:
                if os.path.samestat(os.fstat(file), Path(name).stat()):
                    Path(name).unlink()
        finally:
            os.close(file)

    def settle(self, sha256: bytes) -> None:
        """See Files."""
        path = self.path(sha256)
        if path.exists():
            sync(path)
        sync(path.parent)

    async def read(self, sha256: bytes, offset: int = 0, length: int | None = None) -> bytes:
        """See Files."""
        file = self._open(sha256)
        try:
            if length is None:
                length = os.fstat(file).st_size - offset
            if length <= IN_LINE:
                return _exactly(file, length, offset)
            return await asyncio.to_thread(_exactly, file, length, offset)
        finally:
            os.close(file)

    async def chunks(self, sha256: bytes, offset: int, length: int) -> AsyncIterator[bytes]:
        """See Files."""
        file = self._open(sha256)
        try:
            end = offset + length
            for at in range(offset, end, IN_LINE):
                yield await asyncio.to_thread(_exactly, file, min(IN_LINE, end - at), at)
        finally:
            os.close(file)

    def whole(self, sha256: bytes) -> bytes:
        """See Files."""
        with os.fdopen(self._open(sha256), "rb") as file:
            return file.read()

    def digest(self, sha256: bytes) -> bytes | None:
        """See Files."""
        try:
            with self.path(sha256).open("rb") as file:
                return hashlib.file_digest(file, "sha256").digest()
        except FileNotFoundError:
            return None
        except OSError as error:
            if error.errno == errno.EIO:
                return b""
            raise

    async def delete(self, sha256: bytes) -> None:
        """See Files."""
        self.path(sha256).unlink(missing_ok=True)

    async def exists(self, sha256: bytes, size: int) -> bool:
        """See Files."""
        try:
            return self.path(sha256).stat().st_size == size
        except OSError:
            return False

    def all(self) -> Iterator[list[bytes]]:
        """See Files."""
        for first in range(256):
            yield hashes_of(path.name for path in (self.folder / f"{first:02x}").iterdir())

    def _open(self, sha256: bytes) -> int:
        if sha256 in self.damaged:
            raise CannotRead(f"{sha256.hex()}: the file was found to be damaged; bring it back from a backup")
        try:
            return os.open(self._name(sha256), os.O_RDONLY)
        except OSError as error:
            raise CannotRead(f"{sha256.hex()}: {error.strerror}") from error


def hashes_of(names: Iterable[str]) -> list[bytes]:
    """Of the files that can be ours."""
    return [bytes.fromhex(name) for name in names if re.fullmatch("[0-9a-f]{64}", name)]


def write_all(file: int, content: bytes) -> None:
    """All of it. Raises OSError."""
    left = memoryview(content)
    while left:
        left = left[os.write(file, left) :]


def _write_new(path: Path, content: bytes) -> None:
    file = os.open(path, _NEW, 0o600)
    try:
        write_all(file, content)
    finally:
        os.close(file)


def _settle(file: int, folder: Path) -> None:
    try:
        os.fsync(file)
    finally:
        os.close(file)
    sync(folder)


def _exactly(file: int, length: int, offset: int) -> bytes:
    try:
        found = os.pread(file, length, offset)
    except OSError as error:
        raise CannotRead(f"expected {length} bytes from {offset} on: {error.strerror}") from error
    if len(found) != length:
        raise CannotRead(f"expected {length} bytes from {offset} on, the file has {len(found)}")
    return found


def sync(path: Path) -> None:
    """A file's bytes, a folder's names survive a power cut from now on. Raises OSError."""
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
