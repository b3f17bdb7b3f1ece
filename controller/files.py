"""Files that only their owner may read, written whole or not at all; what survives a power cut."""

import os
from pathlib import Path


def write_private(path: Path, content: str | bytes) -> None:
    """Replace `path` by `content`, mode 0600; after a power cut it has the old content or the new one."""
    data = content.encode("utf-8") if isinstance(content, str) else content
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    beside = path.with_name(path.name + ".new")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    sync(path.parent)


def sync(path: Path) -> None:
    """A file's bytes, or names in a folder, survive a power cut from now on (fsync(2)). Raises OSError."""
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
