"""NOR flash in memory, as the node's ring wants it: bits are cleared by writing, set by erasing a page.

The power may go after any byte: then the byte that was being written, or the page that was being erased, has
some bits of before and some of after.
"""

from random import Random


class PowerCut(Exception):
    """The power went; what is in the flash stays."""


class NorFlash:
    """`page` bytes a page. `budget`: bytes written before the power goes (an erasure counts as one)."""

    def __init__(self, page: int, pages: int, *, seed: int = 0) -> None:
        self.page = page
        self.pages = pages
        self.content = bytearray(b"\xff" * page * pages)
        self.budget: int | None = None
        self.erased = [0] * pages
        """How often each page was erased."""
        self._random = Random(seed)

    def read(self, at: int, size: int) -> bytes:
        """`size` bytes."""
        return bytes(self.content[at : at + size])

    def write(self, at: int, data: bytes) -> None:
        """Clear the bits that are clear in `data`. Raises PowerCut."""
        if at % 4 or len(data) % 4:
            raise ValueError(f"expected whole words, got {len(data)} bytes at {at}")
        for place, byte in enumerate(data, at):
            torn = self._spend()
            self.content[place] &= byte | (self._random.getrandbits(8) if torn else 0)
            self._end(torn)

    def erase(self, page: int) -> None:
        """Set all bits of a page. Raises PowerCut."""
        torn = self._spend()
        for place in range(page * self.page, (page + 1) * self.page):
            self.content[place] |= self._random.getrandbits(8) if torn else 0xFF
        self.erased[page] += 1
        self._end(torn)

    def _spend(self) -> bool:
        if self.budget is None:
            return False
        self.budget -= 1
        return self.budget < 0

    def _end(self, torn: bool) -> None:
        if torn:
            self.budget = None
            raise PowerCut
