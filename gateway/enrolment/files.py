"""Small secret files that are there whole or not at all, and that only their owner can read."""

import os
import stat
from pathlib import Path

from gateway.errors import IdentityError
from gateway.journal.segment import sync_folder

_LARGEST = 65_536


def make_folder(folder: Path) -> None:
    """Make it, durable, for the owner only. Raises OSError."""
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=0o700)
        sync_folder(folder.parent)


def write_whole(path: Path, data: bytes) -> None:
    """Replace `path`: after a power cut it has the old content or the new. Raises OSError."""
    new = path.with_name(path.name + ".new")
    new.unlink(missing_ok=True)
    handle = os.open(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    try:
        written = 0
        while written < len(data):
            written += os.pwrite(handle, data[written:], written)
        os.fsync(handle)
    finally:
        os.close(handle)
    new.rename(path)
    sync_folder(path.parent)


def remove(path: Path) -> None:
    """Remove `path` for good, if it is there. Raises OSError."""
    if path.exists():
        path.unlink()
        sync_folder(path.parent)


def read(path: Path) -> bytes | None:
    """The content; None when there is no such file. Raises IdentityError."""
    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise IdentityError(f"{path}: cannot be read ({error.strerror})") from error
    if len(data) > _LARGEST:
        raise IdentityError(f"{path}: expected at most {_LARGEST} bytes, got more")
    return data


def read_private(path: Path) -> bytes | None:
    """The same of a secret. Raises IdentityError, also when others can read it."""
    if path.exists() and stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise IdentityError(f"{path}: others can read it: if nobody has, chmod 600 {path}")
    return read(path)
