"""One process at a time makes files in a folder."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from controller.errors import LakeError


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """No other process is in such a block of this folder, which is made. Raises LakeError: one is."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LakeError(f"{folder}: another process writes there: wait until it is done") from None
        yield
