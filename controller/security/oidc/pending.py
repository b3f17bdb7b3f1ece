"""Logins that are under way at the identity provider: each can come back once, soon, to the same browser."""

import hashlib
import secrets
from base64 import urlsafe_b64encode
from collections import OrderedDict
from dataclasses import dataclass

from controller.clock import Clock
from controller.errors import LoginRefused

LIFE_S = 600
"""A person may take so long at the provider."""
MOST = 10_000
MOST_OF_ADDRESS = 200
"""Logins under way; of those above it the oldest is forgotten, first of the address that has too many."""


@dataclass(frozen=True, slots=True)
class Pending:
    """What must come back, or be shown, at the end of one login."""

    state: str
    """In the address and in the browser's cookie: ties the answer to the browser that asked."""
    nonce: str
    """In the ID token: ties it to this login."""
    verifier: str
    """RFC 7636: ties the code to us."""
    address: str
    replaces: str | None
    """The session of the screen, which the new one ends: its cookie does not come along on the way back."""
    until_us: int

    @property
    def challenge(self) -> str:
        """S256 of the verifier (RFC 7636, section 4.2)."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        return urlsafe_b64encode(digest).rstrip(b"=").decode()


class PendingLogins:
    """The logins under way, in the order of their beginning."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._held: OrderedDict[str, Pending] = OrderedDict()

    def begin(self, address: str, replaces: str | None) -> Pending:
        """A login begins at a browser at `address`."""
        self._forget_old()
        self._make_room(address)
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        until_us = self._clock.now_us() + LIFE_S * 1_000_000
        self._held[state] = pending = Pending(state, nonce, verifier, address, replaces, until_us)
        return pending

    def take(self, state: str, cookie: str) -> Pending:
        """The login that `state` belongs to; it is over with this. Raises LoginRefused."""
        if not cookie or state != cookie:
            raise LoginRefused("state", "this login was not begun in this browser: begin again")
        self._forget_old()
        pending = self._held.pop(state, None)
        if pending is None:
            raise LoginRefused("state", "this login has been used, or took too long: begin again")
        return pending

    def _forget_old(self) -> None:
        now = self._clock.now_us()
        while self._held and next(iter(self._held.values())).until_us <= now:
            self._held.popitem(last=False)

    def _make_room(self, address: str) -> None:
        own = [state for state, one in self._held.items() if one.address == address]
        if len(own) >= MOST_OF_ADDRESS:
            del self._held[own[0]]
        elif len(self._held) >= MOST:
            self._held.popitem(last=False)
