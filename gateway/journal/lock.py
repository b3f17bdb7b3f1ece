"""One gateway at a time uses a journal."""

import fcntl
import os
from pathlib import Path

from gateway.errors import JournalError


def take_lock(folder: Path) -> int:
    """The lock of `folder`, until its handle is closed. Raises JournalError when another process has it."""
    handle = os.open(folder / "lock", os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(handle)
        raise JournalError(
            f"{folder}: another gateway is using this journal: stop it, or set another gateway.data"
        ) from error
    return handle
