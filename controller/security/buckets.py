"""Rate limits: a bucket for each key, which fills steadily and which each request takes one from."""

from collections import OrderedDict
from dataclasses import dataclass

from controller.clock import Clock

KEPT = 10_000
"""Keys remembered; the ones longest unused go first, with full buckets mostly."""


@dataclass(slots=True)
class _Bucket:
    left: float
    at_us: int


class Buckets:
    """As many requests at once as `holds`, and `per_s` each second in the long run, for each key."""

    def __init__(self, clock: Clock, per_s: float, holds: int) -> None:
        self._clock = clock
        self._per_s = per_s
        self._holds = holds
        self._held: OrderedDict[str, _Bucket] = OrderedDict()

    def take(self, key: str) -> int:
        """Take one. 0: it was there; otherwise whole seconds until there will be one."""
        bucket = self._filled(key)
        if bucket.left < 1:
            return -int(-(1 - bucket.left) // self._per_s)
        bucket.left -= 1
        return 0

    def is_empty(self, key: str) -> bool:
        """Whether `take` would give nothing."""
        return self._filled(key).left < 1

    def _filled(self, key: str) -> _Bucket:
        now = self._clock.now_us()
        bucket = self._held.setdefault(key, _Bucket(self._holds, now))
        self._held.move_to_end(key)
        bucket.left = min(self._holds, bucket.left + (now - bucket.at_us) / 1e6 * self._per_s)
        bucket.at_us = now
        if len(self._held) > KEPT:
            self._held.popitem(last=False)
        return bucket
