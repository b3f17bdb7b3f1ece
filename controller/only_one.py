"""A data folder has one controller."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from controller.errors import ControllerError


@contextmanager
def only_one(data: Path) -> Iterator[None]:
    """Hold the data folder. Raises ControllerError when another controller has it."""
    (data / "run").mkdir(parents=True, exist_ok=True, mode=0o700)
    with (data / "run" / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ControllerError(
                f"{data}: another controller uses this folder: end it, or give this one another `data`"
            ) from None
        yield
