"""Files in the bucket of an S3 endpoint: the same names, no folders. An object is whole or not there."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

from controller.clock import Clock
from controller.imaging.archive.files import hashes_of
from controller.imaging.errors import CannotRead, OutOfReach
from controller.objects.bucket import Bucket
from controller.objects.errors import BadObject, NoObject, ObjectError
from controller.objects.model import Objects
from controller.objects.settings import Access

_EVER = 1 << 62
"""Milliseconds: nothing came later."""


class ObjectFiles:
    """See controller.imaging.archive.files.Files."""

    def __init__(self, access: Access, clock: Clock) -> None:
        self.damaged: set[bytes] = set()
        self.bucket = Bucket(access, clock)
        self.place: Objects = self.bucket

    def put(self, sha256: bytes, content: bytes | Path) -> None:
        """See Files: when this returns it is there, whole, and survives whatever the bucket survives."""
        try:
            self.bucket.put(sha256.hex(), content)
        except ObjectError as error:
            raise OSError(str(error)) from error

    def settle(self, sha256: bytes) -> None:
        """See Files: an object that is there is kept."""

    async def read(self, sha256: bytes, offset: int = 0, length: int | None = None) -> bytes:
        """See Files."""
        self._check(sha256)
        if length is None and not offset:
            return await asyncio.to_thread(self.whole, sha256)
        if length is None:
            length = await self._size(sha256) - offset
        parts = [part async for part in self.chunks(sha256, offset, length)]
        return parts[0] if len(parts) == 1 else b"".join(parts)

    async def chunks(self, sha256: bytes, offset: int, length: int) -> AsyncIterator[bytes]:
        """See Files. The last part of a whole object is given out when its sum is right: whoever reads learns
        that something is missing, and never has all of a wrong picture."""
        if not length:
            return
        self._check(sha256)
        found, held = hashlib.sha256(), b""
        try:
            async for part in self.bucket.chunks(sha256.hex(), offset, length):
                found.update(part)
                if held:
                    yield held
                held = part
            if not offset and found.digest() != sha256 and await self._size(sha256) == length:
                raise _changed(sha256)
        except ObjectError as error:
            raise _unread(error) from error
        yield held

    def whole(self, sha256: bytes) -> bytes:
        """See Files."""
        self._check(sha256)
        try:
            content = self.bucket.get(sha256.hex())
        except ObjectError as error:
            raise _unread(error) from error
        if hashlib.sha256(content).digest() != sha256:
            raise _changed(sha256)
        return content

    def digest(self, sha256: bytes) -> bytes | None:
        """See Files."""
        try:
            return self.bucket.digest(sha256.hex())
        except ObjectError as error:
            raise OSError(str(error)) from error

    async def delete(self, sha256: bytes) -> None:
        """See Files: with every version."""
        try:
            await asyncio.to_thread(self.bucket.delete, sha256.hex())
        except ObjectError as error:
            raise OSError(str(error)) from error

    async def exists(self, sha256: bytes, size: int) -> bool:
        """See Files."""
        try:
            return await self._size(sha256) == size
        except CannotRead:
            return False

    def all(self) -> Iterator[list[bytes]]:
        """See Files."""
        yield from self.older(_EVER)

    def older(self, than_ms: int) -> Iterator[list[bytes]]:
        """Those that came before then (UTC); for a thread. Raises OSError."""
        try:
            for some in self.bucket.all():
                yield hashes_of(one.key for one in some if one.changed_ms < than_ms)
        except ObjectError as error:
            raise OSError(str(error)) from error

    async def _size(self, sha256: bytes) -> int:
        self._check(sha256)
        try:
            size = await asyncio.to_thread(self.bucket.size, sha256.hex())
        except ObjectError as error:
            raise _unread(error) from error
        if size is None:
            raise CannotRead(f"{sha256.hex()}: there is no such object")
        return size

    def _check(self, sha256: bytes) -> None:
        if sha256 in self.damaged:
            raise CannotRead(f"{sha256.hex()}: the object was found to be damaged")


def _changed(sha256: bytes) -> CannotRead:
    return CannotRead(f"{sha256.hex()}: the object is not what was stored: bring it back from a backup")


def _unread(error: ObjectError) -> CannotRead:
    """A place that does not answer is no damage."""
    if isinstance(error, NoObject | BadObject):
        return CannotRead(str(error))
    return OutOfReach(f"the images' store does not answer, they may well be whole: try again ({error})")
