"""Sessions, kept on the server: the cookie is a random token, the database has its hash only."""

import hashlib
import secrets
import sqlite3

from controller.clock import Clock
from controller.security.permissions import Role
from controller.security.users import User
from controller.store import Store

IDLE_MS = 12 * 3_600_000
"""A session ends this long after its last use: a shift. A board that is open uses its session."""
_TOUCH_MS = 5 * 60_000
_FIND = """SELECT user.name, user.role, session.used_ms FROM session JOIN user ON user.name = session.user
WHERE session.digest = ?"""


class Sessions:
    """Begins, finds and ends sessions."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def begin(self, user: User) -> str:
        """A new session's token, 256 bits. Raises StoreError."""
        token = secrets.token_urlsafe(32)
        now = self._now_ms()

        def work(db: sqlite3.Connection) -> None:
            db.execute("DELETE FROM session WHERE used_ms < ?", (now - IDLE_MS,))
            db.execute("INSERT INTO session VALUES (?, ?, ?, ?)", (_digest(token), user.name, now, now))

        await self._store.write(work)
        return token

    async def find(self, token: str | None) -> User | None:
        """Whose session this is; None when there is none any more. Raises StoreError."""
        if token is None:
            return None
        rows = await self._store.read(_FIND, (_digest(token),))
        now = self._now_ms()
        if not rows or rows[0]["used_ms"] < now - IDLE_MS:
            return None
        if rows[0]["used_ms"] < now - _TOUCH_MS:
            await self._touch(token, now)
        return User(rows[0]["name"], Role(rows[0]["role"]))

    async def end(self, token: str) -> None:
        """The token opens nothing any more. Raises StoreError."""
        digest = _digest(token)
        await self._store.write(lambda db: db.execute("DELETE FROM session WHERE digest = ?", (digest,)))

    async def _touch(self, token: str, now: int) -> None:
        row = now, _digest(token)
        await self._store.write(lambda db: db.execute("UPDATE session SET used_ms = ? WHERE digest = ?", row))

    def _now_ms(self) -> int:
        return self._clock.now_us() // 1000


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
