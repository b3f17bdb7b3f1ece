"""Files in the bucket of an S3 endpoint: the same names, no folders. An object is whole or not there."""

import hashlib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Final

import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store

from controller.imaging.archive.files import hashes_of
from controller.imaging.archive.settings import ObjectSettings
from controller.imaging.errors import CannotRead

_CHUNK: Final = 1 << 20


class ObjectFiles:
    """See controller.imaging.archive.files.Files."""

    def __init__(self, settings: ObjectSettings) -> None:
        self.damaged: set[bytes] = set()
        secret = settings.secret_file.read_text(encoding="ascii").strip()
        self._store = S3Store(
            settings.bucket,
            prefix=settings.prefix or None,
            endpoint=settings.endpoint,
            region=settings.region,
            access_key_id=settings.key_id,
            secret_access_key=secret,
            virtual_hosted_style_request=False,
            client_options={"allow_http": settings.endpoint.startswith("http://")},
            retry_config={"max_retries": 3},
        )

    def put(self, sha256: bytes, content: bytes | Path) -> None:
        """See Files."""
        try:
            obstore.put(self._store, sha256.hex(), content)
        except BaseError as error:
            raise OSError(f"the object cannot be written: {_brief(error)}") from error

    def settle(self, sha256: bytes) -> None:
        """See Files: an object that is there is kept."""

    async def read(self, sha256: bytes, offset: int = 0, length: int | None = None) -> bytes:
        """See Files."""
        if length is None:
            length = await self._size(sha256) - offset
        parts = [part async for part in self.chunks(sha256, offset, length)]
        return parts[0] if len(parts) == 1 else b"".join(parts)

    async def chunks(self, sha256: bytes, offset: int, length: int) -> AsyncIterator[bytes]:
        """See Files."""
        if not length:
            return
        self._check(sha256)
        left = length
        try:
            found = await obstore.get_async(
                self._store, sha256.hex(), options={"range": (offset, offset + length)}
            )
            async for part in found.stream(min_chunk_size=_CHUNK):
                left -= len(part)
                yield bytes(part)
        except (BaseError, FileNotFoundError, ValueError) as error:
            raise CannotRead(f"{sha256.hex()}: the object cannot be read: {_brief(error)}") from error
        if left:
            raise CannotRead(f"{sha256.hex()}: expected {length} bytes from {offset} on, {left} are missing")

    def whole(self, sha256: bytes) -> bytes:
        """See Files."""
        self._check(sha256)
        try:
            return bytes(obstore.get(self._store, sha256.hex()).bytes())
        except (BaseError, FileNotFoundError) as error:
            raise CannotRead(f"{sha256.hex()}: the object cannot be read: {_brief(error)}") from error

    def digest(self, sha256: bytes) -> bytes | None:
        """See Files."""
        found = hashlib.sha256()
        try:
            for part in obstore.get(self._store, sha256.hex()).stream(min_chunk_size=_CHUNK):
                found.update(part)
        except FileNotFoundError:
            return None
        except BaseError as error:
            raise OSError(f"the object cannot be read: {_brief(error)}") from error
        return found.digest()

    async def delete(self, sha256: bytes) -> None:
        """See Files."""
        try:
            await obstore.delete_async(self._store, sha256.hex())
        except FileNotFoundError:
            return
        except BaseError as error:
            raise OSError(f"the object cannot be deleted: {_brief(error)}") from error

    async def exists(self, sha256: bytes, size: int) -> bool:
        """See Files."""
        try:
            return await self._size(sha256) == size
        except CannotRead:
            return False

    def all(self) -> Iterator[list[bytes]]:
        """See Files."""
        try:
            for found in obstore.list(self._store, chunk_size=500):
                yield hashes_of(str(one["path"]).rpartition("/")[2] for one in found)
        except BaseError as error:
            raise OSError(f"the objects cannot be listed: {_brief(error)}") from error

    async def _size(self, sha256: bytes) -> int:
        self._check(sha256)
        try:
            return (await obstore.head_async(self._store, sha256.hex()))["size"]
        except (BaseError, FileNotFoundError) as error:
            raise CannotRead(f"{sha256.hex()}: the object cannot be read: {_brief(error)}") from error

    def _check(self, sha256: bytes) -> None:
        if sha256 in self.damaged:
            raise CannotRead(f"{sha256.hex()}: the object was found to be damaged")


def _brief(error: Exception) -> str:
    """Without the library's picture of its insides."""
    return str(error).partition("\n")[0]
