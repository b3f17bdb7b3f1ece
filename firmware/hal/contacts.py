"""Contacts that bounce: a state counts once it has held for 50 ms.

contacts = Contacts()
changed = contacts.update(0b101, now_ms)        # at least every 20 ms
"""

HOLD_MS = 50


class Contacts:
    """The contacts by bit. `active` are those that are on; None before the first has held."""

    def __init__(self) -> None:
        self.active = None
        self._seen = None
        self._since = 0

    def update(self, seen: int, now_ms: int) -> bool:
        """Take what is seen now. Whether `active` changed."""
        if seen != self._seen:
            self._seen = seen
            self._since = now_ms
        if now_ms - self._since < HOLD_MS or seen == self.active:
            return False
        self.active = seen
        return True
