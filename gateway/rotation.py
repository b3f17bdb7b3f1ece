"""In which order one lane tries several brokers of one controller, each as good as the others. Pure.

    rotation = Rotation(urls, seed="ward-a/vital")
    url = rotation.now(now)            # connect there
    rotation.failed(now)               # it could not be reached, or not any more: the next one
    if better := rotation.better(now): # the one that this lane likes best may serve again
        rotation.go(better)            # once it has been seen to

Each lane of each gateway has an order of its own, the same at every start, so that they spread over the
brokers and one that is added moves few. An address that failed is left alone for a while, twice as long each
time, so nobody flaps; if all have failed, the one is tried whose while is over first.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from devices.model.observation import Instant

_SECOND = 1_000_000_000
_BEGIN = Instant(0)
_FIRST_REST_S, _LONGEST_REST_S = 30, 960
_GOOD_S = 600
"""A connection that lasted so long was a good one: its address has no past."""
_PATIENCE_S, _LONGEST_PATIENCE_S = 2.5, 60.0
"""For so long there may be no controller at a broker before another one is tried; twice as long each time."""


@dataclass(slots=True)
class _Known:
    url: str
    fails: int = 0
    until: Instant = _BEGIN
    """It is left alone until then."""


@dataclass(slots=True)
class Rotation:
    """Of one lane."""

    urls: Sequence[str]
    seed: str
    patience_s: float = _PATIENCE_S
    _order: list[_Known] = field(init=False)
    _at: _Known = field(init=False)
    _since: Instant = _BEGIN
    _failures: int = 0
    _moving: bool = False

    def __post_init__(self) -> None:
        ranked = sorted(self.urls, key=lambda url: sha256(f"{self.seed} {url}".encode()).digest())
        self._order = [_Known(url) for url in ranked]
        self._at = self._order[0]

    def now(self, now: Instant) -> str:
        """Where to connect now."""
        self._since = now
        return self._at.url

    @property
    def all_failed(self) -> bool:
        """Whether each of them has failed since one worked."""
        return self._failures >= len(self._order)

    def worked(self) -> None:
        """The present one takes this gateway, and a controller is there."""
        self._failures, self.patience_s = 0, _PATIENCE_S

    def lonely(self) -> None:
        """No controller was at the present one: it will be waited for longer."""
        self.patience_s = min(2 * self.patience_s, _LONGEST_PATIENCE_S)

    def failed(self, now: Instant) -> None:
        """The present one could not be reached, or not any more; unless it is left for a better one."""
        if self._moving:
            self._moving = False
            return
        at = self._at
        if now - self._since >= _GOOD_S * _SECOND:
            at.fails = 0
        _leave_alone(at, now)
        self._failures += 1
        others = [one for one in self._order if one is not at] or self._order
        # Sorting is stable: among those that are not left alone the lane's own order counts.
        self._at = min(others, key=lambda one: max(one.until, now))

    def better(self, now: Instant) -> str | None:
        """The first in this lane's order that is not left alone, unless it is the present one."""
        first = next((one for one in self._order if one is self._at or one.until <= now), self._at)
        return None if first is self._at else first.url

    def not_yet(self, url: str, now: Instant) -> None:
        """It was looked at and does not serve: it is left alone."""
        _leave_alone(next(one for one in self._order if one.url == url), now)

    def go(self, url: str) -> None:
        """The next connection is there; the end of this one is no failure."""
        self._at, self._moving = next(one for one in self._order if one.url == url), True


def _leave_alone(known: _Known, now: Instant) -> None:
    rest_s = min(_FIRST_REST_S * 2**known.fails, _LONGEST_REST_S)
    known.fails += 1
    known.until = Instant(now + rest_s * _SECOND)
