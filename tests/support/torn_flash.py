"""A NOR flash whose power goes in a write or an erasure, of which some bits are done then, some are not."""

from enum import StrEnum

from hil.sims.nor_flash import NorFlash, PowerCut


class Torn(StrEnum):
    """What is done of the operation that the power goes in."""

    NOTHING = "nothing"
    PREFIX = "prefix"
    """Its bytes up to one, of which some bits."""
    BITS = "bits"
    """Any of its bits."""
    ALL = "all"


class TornFlash(NorFlash):
    """`operations` counts writes and erasures; the power goes in number `cut_at`, and that is over then."""

    def __init__(self, page: int, pages: int, *, seed: int = 0) -> None:
        super().__init__(page, pages, seed=seed)
        self.operations = 0
        self.cut_at: int | None = None
        self.torn = Torn.ALL

    def cut_in(self, operations: int, torn: Torn) -> None:
        """The power goes in the operation after so many."""
        self.cut_at, self.torn = self.operations + operations, torn

    def write(self, at: int, data: bytes) -> None:
        """As NorFlash."""
        if self._goes_on():
            super().write(at, data)
            return
        wanted = bytes(old & new for old, new in zip(self.read(at, len(data)), data, strict=True))
        self._tear(at, wanted)

    def erase(self, page: int) -> None:
        """As NorFlash."""
        if self._goes_on():
            super().erase(page)
            return
        self._tear(page * self.page, b"\xff" * self.page)

    def _goes_on(self) -> bool:
        self.operations += 1
        return self.operations - 1 != self.cut_at

    def _tear(self, at: int, wanted: bytes) -> None:
        rng, size = self._random, len(wanted)
        done = {Torn.NOTHING: 0, Torn.PREFIX: rng.randrange(size), Torn.BITS: 0, Torn.ALL: size}[self.torn]
        self.content[at : at + done] = wanted[:done]
        torn = {Torn.PREFIX: range(done, done + 1), Torn.BITS: range(size)}.get(self.torn, range(0))
        for place in torn:
            mask = rng.getrandbits(8)
            self.content[at + place] = self.content[at + place] & ~mask & 0xFF | wanted[place] & mask
        self.cut_at = None
        raise PowerCut
