"""Slows guessing down: by name, and in all. What is refused because of it is not even looked at.

After the free failures each next try has to wait 1, 2, 4 … s, at most 60, until one of that name succeeds.
Whoever is logged in notices nothing.
"""

from collections import OrderedDict
from dataclasses import dataclass, field

from devices.model.observation import Instant

FREE, FREE_IN_ALL = 3, 20
LONGEST_S = 60
FORGET_S = 900
"""A failure counts for so long."""
_KEPT = 1000
_ALL = None
_NS = 1_000_000_000


@dataclass(slots=True)
class Throttle:
    """Failures by name; None: all together."""

    _held: OrderedDict[str | None, tuple[int, Instant]] = field(
        default_factory=OrderedDict[str | None, tuple[int, Instant]]
    )

    def wait_s(self, name: str, now: Instant) -> int:
        """Whole seconds until this name may be tried; 0 is now."""
        return max(self._wait_s(name, FREE, now), self._wait_s(_ALL, FREE_IN_ALL, now))

    def tried(self, name: str, now: Instant) -> None:
        """A try begins: it counts as failed until `succeeded`, so many at once count, too."""
        for key in (name, _ALL):
            self._held[key] = self._count(key, now) + 1, now
            self._held.move_to_end(key)
        while len(self._held) > _KEPT:
            self._held.popitem(last=False)

    def succeeded(self, name: str) -> None:
        """It was right: the failures of that name are forgotten, and this try is none."""
        self._held.pop(name, None)
        count, at = self._held.get(_ALL, (0, Instant(0)))
        self._held[_ALL] = max(count - 1, 0), at

    def _count(self, key: str | None, now: Instant) -> int:
        count, at = self._held.get(key, (0, now))
        return count if now - at < FORGET_S * _NS else 0

    def _wait_s(self, key: str | None, free: int, now: Instant) -> int:
        over = self._count(key, now) - free
        if over < 0:
            return 0
        until = self._held[key][1] + min(2 ** min(over, 10), LONGEST_S) * _NS
        return max(-(-(until - now) // _NS), 0)
