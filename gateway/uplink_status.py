"""How long what follows later takes. Pure.

later = Later(); later.now(blocks, now)       now and then: how many blocks of the backlog there are
later.seconds                                 until they are there at the present rate; None: nobody knows
"""

from collections import deque
from dataclasses import dataclass, field

from devices.model.observation import Instant

_OVER_NS = 30_000_000_000
_FEWEST_NS = 5_000_000_000


@dataclass(slots=True)
class Later:
    """How fast the backlog of a lane goes away."""

    seconds: int | None = None
    _seen: deque[tuple[Instant, int]] = field(default_factory=deque[tuple[Instant, int]])

    def now(self, blocks: int, now: Instant) -> None:
        """There are `blocks`."""
        self._seen.append((now, blocks))
        while now - self._seen[0][0] > _OVER_NS:
            self._seen.popleft()
        began, before = self._seen[0]
        gone = before - blocks
        if not blocks:
            self.seconds = 0
        elif now - began < _FEWEST_NS or gone <= 0:
            self.seconds = None
        else:
            self.seconds = round(blocks * (now - began) / gone / 1e9)
