"""The heads of the controller's audit trail, kept where whoever changes the trail cannot take them back.

heads = HeadFile(data / "audit")
heads.take(line, clock.now())          # every minute; OSError when the disk does not take it

`wardlink audit verify --heads FILE` reads the files. Nobody who floods the gateway with heads pushes an
earlier one out before its time: at most one is kept every EVERY_S, MOST_BYTES of them and as many before.
"""

import os
from pathlib import Path

FILE, EARLIER = "heads.jws", "heads-earlier.jws"
EVERY_S = 50
MOST_BYTES = 4_000_000
"""Of one file: some 8 days of heads."""
_LONGEST = 2048


class HeadFile:
    """The files in `folder`, of one gateway."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._again_ns = 0
        self._last = ""

    def take(self, line: str, now_ns: int) -> bool:
        """Keep `line` if it is new and its time has come. Whether it was kept. Raises OSError."""
        if line == self._last or now_ns < self._again_ns:
            return False
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = self.folder / FILE
        if path.exists() and path.stat().st_size >= MOST_BYTES:
            path.replace(self.folder / EARLIER)
        _add(path, line)
        self._again_ns, self._last = now_ns + EVERY_S * 1_000_000_000, line
        return True


def _add(path: Path, line: str) -> None:
    """Append for good; half a line, which a power cut left, goes first."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        size = os.fstat(handle).st_size
        begin = max(size - _LONGEST, 0)
        end = begin + os.pread(handle, size - begin, begin).rfind(b"\n") + 1
        os.ftruncate(handle, end)
        os.pwrite(handle, line.encode("ascii") + b"\n", end)
        os.fsync(handle)
    finally:
        os.close(handle)
