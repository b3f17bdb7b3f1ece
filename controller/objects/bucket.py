"""Objects in the bucket of an S3 endpoint. What was put is there, whole, before anybody is told so.

bucket = Bucket(access, clock)
"""

import hashlib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, Final

import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store

from controller.clock import Clock
from controller.objects.counts import Counts
from controller.objects.errors import BadObject, NoObject, ObjectsAway
from controller.objects.model import Found
from controller.objects.settings import Access
from controller.objects.sums import PART, Sums, sums
from controller.objects.versions import Versions

_CHUNK: Final = 1 << 20
_PARTS_AT_ONCE: Final = 4
_TIMEOUTS: Final = {"connect_timeout": "5s", "timeout": "60s"}
_RETRIES: Final = 3


class Bucket:
    """See controller.objects.model.Objects. Raises ConfigError: there are no credentials."""

    is_local = False

    def __init__(self, access: Access, clock: Clock) -> None:
        self.counts = Counts(clock)
        self.where = f"s3://{access.bucket}/{access.prefix}".rstrip("/")
        self._prefix = f"{access.prefix.strip('/')}/" if access.prefix.strip("/") else ""
        self._store = _opened(access)
        self._versions = Versions(access, clock)

    def put(self, key: str, content: bytes | Path) -> None:
        """See Objects. Its length and sum are asked for afterwards; if that sum is of another kind, the whole
        object."""
        expected = sums(content)
        with self.counts.one("put"):
            self._put(key, content, expected)
            self._check(key, expected)

    def get(self, key: str, offset: int = 0, length: int | None = None) -> bytes:
        """See Objects."""
        with self.counts.one("get"):
            return self._get(key, offset, length)

    async def chunks(self, key: str, offset: int, length: int) -> AsyncIterator[bytes]:
        """`length` bytes from `offset` on, in parts. Raises NoObject, BadObject, ObjectsAway."""
        left = length
        with self.counts.one("get"):
            try:
                asked: Any = {"range": (offset, offset + length)}
                found = await obstore.get_async(self._store, key, options=asked)
                async for part in found.stream(min_chunk_size=_CHUNK):
                    left -= len(part)
                    yield bytes(part)
            except FileNotFoundError:
                raise NoObject(f"{self.where}/{key}: there is no such object") from None
            except (BaseError, ValueError) as error:
                raise self._away("read", key, error) from error
            if left:
                raise BadObject(f"{self.where}/{key}: {left} of {length} bytes from {offset} on are missing")

    def size(self, key: str) -> int | None:
        """None: there is no such object. Raises ObjectsAway."""
        found = self._head(key)
        return None if found is None else int(found["size"])

    def holds(self, key: str, expected: Sums) -> bool:
        """Whether it is there with these sums, as far as its head tells. Raises ObjectsAway."""
        found = self._head(key)
        return found is not None and (found["size"], _etag(found)) == (expected.size, expected.etag)

    def digest(self, key: str) -> bytes | None:
        """See Objects."""
        with self.counts.one("get"):
            return self._digest(key)

    def delete(self, key: str) -> None:
        """See Objects. Where the bucket keeps versions, each of them is taken away by its own id."""
        with self.counts.one("delete"):
            self._delete(key)

    def groups(self) -> set[str] | None:
        """See Objects."""
        return None

    def all(self, under: str = "") -> Iterator[list[Found]]:
        """See Objects."""
        with self.counts.one("list"):
            try:
                for some in obstore.list(self._store, under or None, chunk_size=500):
                    yield [_found(one) for one in some]
            except BaseError as error:
                raise self._away("listed", under, error) from error

    def drop_uploads(self, older_ms: int) -> int:
        """Uploads that began before then (UTC) and never ended: their parts go. Returns how many."""
        return self._versions.drop_uploads(self._prefix, older_ms)

    def _put(self, key: str, content: bytes | Path, expected: Sums) -> None:
        try:
            parts = {"use_multipart": expected.size > PART, "chunk_size": PART}
            obstore.put(self._store, key, content, max_concurrency=_PARTS_AT_ONCE, **parts)
        except (BaseError, OSError) as error:
            raise self._away("written", key, error) from error

    def _get(self, key: str, offset: int, length: int | None) -> bytes:
        try:
            if length is None:
                rest: Any = {"range": {"offset": offset}} if offset else {}  # of no bytes there is no range
                return bytes(obstore.get(self._store, key, options=rest).bytes())
            found = bytes(obstore.get_range(self._store, key, start=offset, length=length))
        except FileNotFoundError:
            raise NoObject(f"{self.where}/{key}: there is no such object") from None
        except (BaseError, ValueError) as error:
            raise self._away("read", key, error) from error
        if len(found) != length:
            raise BadObject(f"{self.where}/{key}: expected {length} bytes from {offset} on, got {len(found)}")
        return found

    def _digest(self, key: str) -> bytes | None:
        found = hashlib.sha256()
        try:
            for part in obstore.get(self._store, key).stream(min_chunk_size=_CHUNK):
                found.update(part)
        except FileNotFoundError:
            return None
        except BaseError as error:
            raise self._away("read", key, error) from error
        return found.digest()

    def _delete(self, key: str) -> None:
        keys = [one.key for some in self.all(key) for one in some] if key.endswith("/") else [key]
        for one in keys:
            self._remove(one)
        self._versions.purge(self._prefix + key)
        if not key.endswith("/") and self._head(key) is not None:
            raise ObjectsAway(f"{self.where}/{key}: is still there after it was deleted")

    def _remove(self, key: str) -> None:
        try:
            obstore.delete(self._store, key)
        except FileNotFoundError:
            return
        except BaseError as error:
            raise self._away("deleted", key, error) from error

    def _check(self, key: str, expected: Sums) -> None:
        found = self._head(key)
        if found is None or found["size"] != expected.size:
            size = "nothing" if found is None else f"{found['size']} bytes"
            raise BadObject(
                f"{self.where}/{key}: expected {expected.size} bytes to be there, there is {size}"
            )
        if _etag(found) != expected.etag and self._digest(key) != expected.sha256:
            raise BadObject(f"{self.where}/{key}: was changed on its way: send it again")

    def _head(self, key: str) -> Any:
        """What is said of it; None: there is no such object."""
        try:
            return obstore.head(self._store, key)
        except FileNotFoundError:
            return None
        except BaseError as error:
            raise self._away("asked for", key, error) from error

    def _away(self, what: str, key: str, error: Exception) -> ObjectsAway:
        """Without the library's picture of its insides."""
        return ObjectsAway(f"{self.where}/{key}: cannot be {what}: {str(error).partition(chr(10))[0]}")


def _etag(head: Any) -> str:
    return (head["e_tag"] or "").strip('"')


def _found(one: Any) -> Found:
    return Found(str(one["path"]), int(one["size"]), int(one["last_modified"].timestamp() * 1000))


def _opened(access: Access) -> S3Store:
    key_id, secret = access.credentials()
    more: dict[str, Any] = {}
    if access.encryption:
        more["server_side_encryption"] = access.encryption
    if access.kms_key:
        more["sse_kms_key_id"] = access.kms_key
    client: dict[str, Any] = {"allow_http": access.endpoint.startswith("http://"), **_TIMEOUTS}
    if (trusted := access.trusted()) is not None:
        client["root_certificate"] = trusted
    return S3Store(
        access.bucket,
        prefix=access.prefix or None,
        endpoint=access.endpoint,
        region=access.region,
        access_key_id=key_id,
        secret_access_key=secret,
        virtual_hosted_style_request=False,
        client_options=client,  # pyright: ignore[reportArgumentType] - a TypedDict, made in steps
        retry_config={"max_retries": _RETRIES},
        **more,
    )
