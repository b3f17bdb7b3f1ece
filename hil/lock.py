"""One demo a data folder: a lock that the kernel releases whatever becomes of its holder."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hil.errors import DemoRunning


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock file `path`, which tells who holds it. Raises DemoRunning."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            holder = json.loads(file.read() or "{}")
            raise DemoRunning(
                f"another demo (process {holder.get('pid', 'unknown')}) uses {path.parent}: "
                "stop it, or give this one a folder of its own with --data"
            ) from None
        file.truncate(0)
        file.write(json.dumps({"pid": os.getpid()}))
        file.flush()
        yield
