"""Slows a login down after failures: 3 are free, then 1, 2, 4 … s, at most 60 s, until one succeeds.

A key is a user name at an address, so a stranger elsewhere cannot lock a nurse out; an address has a key
of its own with more free tries, so trying many names from one place is slow too.
"""

from collections import OrderedDict
from dataclasses import dataclass

from controller.clock import Clock

FREE = 3
FREE_FOR_ADDRESS = 15
LONGEST_S = 60
FORGET_S = 900
"""A failure counts for so long."""
KEPT = 10_000
"""Keys remembered; the ones longest unused go first."""


@dataclass(slots=True)
class _Failures:
    count: int
    last_us: int


class Throttle:
    """Failures by key."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._held: OrderedDict[tuple[str, ...], _Failures] = OrderedDict()

    def wait_s(self, user: str, address: str) -> int:
        """Whole seconds until this login may be tried; 0 is now."""
        waits = (self._wait_us(key, free) for key, free in _keys(user, address))
        return -(-max(waits) // 1_000_000)

    def tried(self, user: str, address: str) -> None:
        """A login begins: it counts as failed until `succeeded`, so many at once count too."""
        for key, _ in _keys(user, address):
            count = self._current(key) + 1
            self._held[key] = _Failures(count, self._clock.now_us())
            self._held.move_to_end(key)
        while len(self._held) > KEPT:
            self._held.popitem(last=False)

    def succeeded(self, user: str, address: str) -> None:
        """The login was right: that user's failures at that address are forgotten."""
        self._held.pop((user, address), None)
        if held := self._held.get((address,)):
            held.count -= 1

    def _current(self, key: tuple[str, ...]) -> int:
        held = self._held.get(key)
        if held is None or self._clock.now_us() - held.last_us > FORGET_S * 1_000_000:
            return 0
        return held.count

    def _wait_us(self, key: tuple[str, ...], free: int) -> int:
        over = self._current(key) - free
        if over < 0:
            return 0
        wait_us = min(2 ** min(over, 10), LONGEST_S) * 1_000_000
        return max(self._held[key].last_us + wait_us - self._clock.now_us(), 0)


def _keys(user: str, address: str) -> tuple[tuple[tuple[str, ...], int], ...]:
    return ((user, address), FREE), ((address,), FREE_FOR_ADDRESS)
