"""Objects as files of a folder: their keys are paths in it."""

import hashlib
import os
import shutil
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Final

from controller.files import sync, write_private
from controller.objects.errors import BadObject, NoObject, ObjectsAway
from controller.objects.model import Found

_AT_ONCE: Final = 500
_UNFINISHED: Final = ".new"
"""The end of a name under which something is being written: see write_private."""


class Folder:
    """See controller.objects.model.Objects."""

    is_local = True

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, key: str, content: bytes | Path) -> None:
        """See Objects."""
        try:
            write_private(self.folder / key, content.read_bytes() if isinstance(content, Path) else content)
        except OSError as error:
            raise self._away(key, "kept", error) from error

    def get(self, key: str, offset: int = 0, length: int | None = None) -> bytes:
        """See Objects."""
        try:
            with (self.folder / key).open("rb") as file:
                file.seek(offset)
                found = file.read() if length is None else file.read(length)
        except FileNotFoundError:
            raise NoObject(f"{self.folder / key}: there is no such file") from None
        except OSError as error:
            raise self._away(key, "read", error) from error
        if length is not None and len(found) != length:
            raise BadObject(f"{self.folder / key}: expected {length} bytes from {offset} on")
        return found

    def digest(self, key: str) -> bytes | None:
        """See Objects."""
        try:
            with (self.folder / key).open("rb") as file:
                return hashlib.file_digest(file, "sha256").digest()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._away(key, "read", error) from error

    def delete(self, key: str) -> None:
        """See Objects."""
        path = self.folder / key
        try:
            if key.endswith("/"):
                if path.exists():
                    shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
            if path.parent.exists():
                sync(path.parent)
        except OSError as error:
            raise self._away(key, "removed", error) from error

    def groups(self) -> set[str] | None:
        """See Objects."""
        try:
            return {one.name for one in self.folder.iterdir()} if self.folder.exists() else set()
        except OSError as error:
            raise self._away("", "listed", error) from error

    def all(self, under: str = "") -> Iterator[list[Found]]:
        """See Objects."""
        try:
            found = self._files(self.folder / under)
            while some := [*islice(found, _AT_ONCE)]:
                yield some
        except OSError as error:
            raise self._away(under, "listed", error) from error

    def _files(self, folder: Path) -> Iterator[Found]:
        for path, _, names in os.walk(folder):
            for name in names:
                if not name.endswith(_UNFINISHED):
                    one = Path(path) / name
                    seen = one.stat()
                    key = one.relative_to(self.folder).as_posix()
                    yield Found(key, seen.st_size, seen.st_mtime_ns // 1_000_000)

    def _away(self, key: str, what: str, error: OSError) -> ObjectsAway:
        return ObjectsAway(f"{self.folder / key}: cannot be {what}: {error.strerror}")
