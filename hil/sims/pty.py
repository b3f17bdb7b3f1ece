"""A serial port that is not there: a PTY under a stable name, which can be pulled out and put back.

with Pty(folder / "ox-1") as port:      # a serial program opens folder/ox-1
    port.write(data)                    # True when a program has it open
    port.read()                         # what it wrote
"""

import contextlib
import os
import select
import tty
from pathlib import Path
from types import TracebackType
from typing import Self


class Pty:
    """The device's end of a PTY whose other end is linked to as `path` while this is open."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __enter__(self) -> Self:
        self._master, slave = os.openpty()
        tty.setraw(slave)
        os.set_blocking(self._master, False)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.unlink(missing_ok=True)
        self.path.symlink_to(os.ttyname(slave))
        # Closed here, the slave end tells (POLLHUP) whether anybody else has it open.
        os.close(slave)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.path.unlink(missing_ok=True)
        os.close(self._master)

    @property
    def is_open(self) -> bool:
        """Whether a program has the port open."""
        poll = select.poll()
        poll.register(self._master, select.POLLIN)
        return not any(events & select.POLLHUP for _, events in poll.poll(0))

    def write(self, data: bytes) -> bool:
        """Send `data`; False when nobody has the port open or the reader lags too far behind to take it."""
        return self.send(data) == len(data)

    def send(self, data: bytes) -> int:
        """Send of `data` as much as the reader takes now; how many bytes that is, 0 when nobody reads."""
        if not self.is_open:
            return 0
        try:
            return os.write(self._master, data)
        except BlockingIOError:
            return 0

    def read(self) -> bytes:
        """What the program has written since the last call."""
        with contextlib.suppress(BlockingIOError, OSError):  # EIO: nobody has it open
            return os.read(self._master, 4096)
        return b""
