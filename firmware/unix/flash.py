"""A flash in a file."""

SLOTS_PAGES = 50


class Flash:
    """A flash for `Ring` or `Slots`, in the file at `path`, which is made if it is not there."""

    page = 4096

    def __init__(self, path: str, pages: int = 32) -> None:
        self.pages = pages
        try:
            self._file = open(path, "r+b")  # noqa: PTH123, SIM115 - MicroPython has no pathlib
        except OSError:
            self._file = open(path, "w+b")  # noqa: PTH123, SIM115
            self._file.write(b"\xff" * (self.page * self.pages))

    def read(self, at: int, size: int) -> bytes:
        """`size` bytes."""
        self._file.seek(at)
        return self._file.read(size)

    def write(self, at: int, data: bytes) -> None:
        """Clear the bits that are clear in `data`."""
        cleared = bytes([old & new for old, new in zip(self.read(at, len(data)), data)])  # noqa: B905 - nor `strict`
        self._put(at, cleared)

    def erase(self, page: int) -> None:
        """Set all bits of a page."""
        self._put(page * self.page, b"\xff" * self.page)

    def _put(self, at: int, data: bytes) -> None:
        self._file.seek(at)
        self._file.write(data)
        self._file.flush()
