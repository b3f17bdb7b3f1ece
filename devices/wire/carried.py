"""What a path carries, bytes a second: what arrived in each second in which the path was full. Pure.

carried.arrived(now, size, is_full)
carried.rate                        None: it has not been full lately, so nobody knows
"""

from dataclasses import dataclass

from devices.model.observation import Instant

_SPAN_NS = 1_000_000_000
_NEWEST = 0.5
"""The weight of the newest second: a link that changes is known after two."""
_STALL_NS = 5_000_000_000
"""Where nothing arrives for so long there is no network: that says nothing of how much it carries."""
_FORGOTTEN = 8
"""After so many seconds in which nothing waited the path has room."""


@dataclass(slots=True)
class Carried:
    """Of one path."""

    rate: float | None = None
    _began: Instant | None = None
    _last: Instant | None = None
    _bytes: int = 0
    _full: int = 0
    """Bytes that arrived while the path was full."""
    _idle: int = 0
    """Seconds in a row in which it was not."""

    def arrived(self, now: Instant, size: int, *, is_full: bool) -> None:
        """The next hop has `size` bytes more; `is_full`: others wait, or these have waited."""
        if self._began is None or self._last is None or now - self._last > _STALL_NS:
            self._began, self._bytes, self._full = now, 0, 0
        self._last = now
        self._bytes += size
        self._full += size * is_full
        if now - self._began >= _SPAN_NS:
            self._take(self._bytes / (now - self._began) * 1e9, is_full=self._full * 2 > self._bytes)
            self._began, self._bytes, self._full = now, 0, 0

    def _take(self, seen: float, *, is_full: bool) -> None:
        self._idle = 0 if is_full else self._idle + 1
        if self._idle >= _FORGOTTEN:
            self.rate = None
        elif is_full:
            self.rate = seen if self.rate is None else self.rate + _NEWEST * (seen - self.rate)
        elif self.rate is not None:  # it carries that much, and perhaps more
            self.rate = max(self.rate, seen)
