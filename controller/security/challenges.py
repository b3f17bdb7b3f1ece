"""Challenges for passkeys: 32 random bytes, each good for one answer and a short time."""

import secrets
from collections import OrderedDict

from controller.clock import Clock
from controller.errors import LoginRefused

LIFE_S = 120
MOST = 10_000


class Challenges:
    """The challenges without an answer yet. `purpose` keeps what was given for one thing from another."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._held: OrderedDict[tuple[str, bytes], int] = OrderedDict()

    def give(self, purpose: str) -> bytes:
        """A new one."""
        challenge, now = secrets.token_bytes(32), self._clock.now_us()
        while self._held and (next(iter(self._held.values())) <= now or len(self._held) >= MOST):
            self._held.popitem(last=False)
        self._held[purpose, challenge] = now + LIFE_S * 1_000_000
        return challenge

    def take(self, purpose: str, challenge: bytes) -> None:
        """It is used up with this. Raises LoginRefused when it was not given, or too long ago."""
        until_us = self._held.pop((purpose, challenge), None)
        if until_us is None or until_us <= self._clock.now_us():
            raise LoginRefused("challenge", "this answer was used already, or came too late: try again")
