"""Sessions, kept on the server: the cookie is a random token, the database has its hash only.

token = await sessions.begin(user, How.PASSWORD, where=request.remote or "", replaces=old_token)
session = await sessions.find(token)          # None: log in
token = await sessions.renew(token)           # whenever rights rise: an older copy of the token opens nothing
"""

import asyncio
import hashlib
import json
import secrets
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from controller.audit.chain import append
from controller.audit.entry import Entry
from controller.clock import Clock
from controller.errors import NotFound
from controller.security.limits import LIMITS, Limits, strictest
from controller.security.permissions import (
    NEEDS_SECOND_FACTOR,
    WHILE_INCOMPLETE,
    WHILE_LOCKED,
    Permission,
    Role,
)
from controller.security.users import ACCOUNT, Account, User, account_of
from controller.store import Store
from controller.view import View

_TOUCH_MS = 5 * 60_000
_FIND = f"""SELECT account.*, session.how, session.began_ms, session.used_ms, session.input_ms,
  (SELECT json_group_array(patient) FROM break_glass
   WHERE break_glass.user = account.name AND until_ms > :now) AS patients
FROM session JOIN ({ACCOUNT}) AS account ON account.name = session.user WHERE session.digest = :digest"""
_BEGIN = """INSERT INTO session (digest, user, how, began_ms, used_ms, input_ms, id, address, provider_sid)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"""
_HELD = """SELECT id, how, address, began_ms, used_ms, digest FROM session
WHERE user = ? AND used_ms >= ? AND began_ms >= ? ORDER BY began_ms DESC, id"""


class How(StrEnum):
    """How a person proved who they are."""

    PASSWORD = "password"
    PASSWORD_AND_CODE = "password+code"
    PASSKEY = "passkey"
    OIDC = "oidc"


class State(StrEnum):
    """Whether a session has all that its person's roles allow, or why it has less."""

    OPEN = "open"
    LOCKED = "locked"
    """Nobody touched the screen for a while: only the board goes on."""
    CHANGE_PASSWORD = "change-password"
    """The password is a one-time one."""
    SET_UP_SECOND_FACTOR = "set-up-second-factor"
    """A role asks for a second factor, and there is none yet."""


_PERMITTED = {
    State.LOCKED: WHILE_LOCKED,
    State.CHANGE_PASSWORD: WHILE_INCOMPLETE,
    State.SET_UP_SECOND_FACTOR: WHILE_INCOMPLETE,
}


@dataclass(frozen=True, slots=True)
class Session:
    """A session that holds: who, and what it may do and see now."""

    user: User
    how: How
    state: State
    view: View
    lock_ms: int | None
    """Its screen locks so long after the last touch; None: never."""
    began_ms: int
    """When its person logged in, in the controller's time scale."""

    @property
    def permissions(self) -> frozenset[Permission]:
        """What it may do: in no state more than its person's roles allow."""
        return self.user.permissions & _PERMITTED.get(self.state, frozenset(Permission))


@dataclass(frozen=True, slots=True)
class Held:
    """A session as its person sees it; times are in the controller's scale."""

    id: str
    """By which it can be ended, and nothing else."""
    how: How
    address: str
    """From where the person logged in."""
    began_ms: int
    used_ms: int
    """To five minutes."""
    here: bool
    """It is the one of the token that was shown."""


class Sessions:
    """Begins, finds and ends sessions."""

    def __init__(self, store: Store, clock: Clock, limits: Mapping[Role, Limits] = LIMITS) -> None:
        self._store = store
        self._clock = clock
        self._limits = limits
        self._changed = asyncio.Event()

    async def begin(
        self, user: User, how: How, where: str = "", replaces: str | None = None, sid: str | None = None
    ) -> str:
        """A new session's token, 256 bits. The session of the token that it replaces ends.

        `sid` is the identity provider's name for it. Raises StoreError.
        """
        token, now = secrets.token_urlsafe(32), self._now_ms()
        row = _digest(token), user.name, how.value, now, now, now, secrets.token_hex(8), where, sid
        entry = Entry("login", user.name, f"user/{user.name}", where=where, detail={"how": how.value})
        oldest = now - max(limits.idle_ms for limits in self._limits.values())

        def work(db: sqlite3.Connection) -> None:
            db.execute("DELETE FROM session WHERE used_ms < ?", (oldest,))
            if replaces is not None:
                db.execute("DELETE FROM session WHERE digest = ?", (_digest(replaces),))
            db.execute(_BEGIN, row)
            append(db, entry, self._clock.utc_us())

        await self._store.write(work)
        self.tell()
        return token

    async def find(self, token: str | None) -> Session | None:
        """The session of `token`; None when there is none any more. Raises StoreError."""
        if token is None:
            return None
        now = self._now_ms()
        rows = await self._store.read(_FIND, {"digest": _digest(token), "now": now})
        if not rows or (account := account_of(rows[0])).disabled:
            return None
        limits = strictest(self._limits, account.user.roles)
        used_ms, began_ms = rows[0]["used_ms"], rows[0]["began_ms"]
        if used_ms < now - limits.idle_ms or began_ms < now - limits.longest_ms:
            return None
        if used_ms < now - _TOUCH_MS:
            await self._set(token, "used_ms", now)
        how = How(rows[0]["how"])
        locked = limits.lock_ms is not None and rows[0]["input_ms"] < now - limits.lock_ms
        view = View(account.user.wards, frozenset(json.loads(rows[0]["patients"])))
        state = _state(account, how, locked=locked)
        return Session(account.user, how, state, view, limits.lock_ms, began_ms)

    async def renew(self, token: str) -> str:
        """Another token for the same session, unlocked: its rights rise. The old one opens nothing.

        Raises StoreError.
        """
        new = secrets.token_urlsafe(32)
        row = _digest(new), self._now_ms(), _digest(token)
        await self._store.write(
            lambda db: db.execute("UPDATE session SET digest = ?, input_ms = ? WHERE digest = ?", row)
        )
        self.tell()
        return new

    async def touched(self, token: str) -> None:
        """The person touched the screen, which is not locked. Raises StoreError."""
        await self._set(token, "input_ms", self._now_ms())

    async def lock(self, token: str) -> None:
        """Lock the screen now. Raises StoreError."""
        await self._set(token, "input_ms", 0)

    async def end(self, token: str, who: User, where: str = "") -> None:
        """The token opens nothing any more. Raises StoreError."""
        digest, entry = _digest(token), Entry("logout", who.name, f"user/{who.name}", where=where)

        def work(db: sqlite3.Connection) -> None:
            db.execute("DELETE FROM session WHERE digest = ?", (digest,))
            append(db, entry, self._clock.utc_us())

        await self._store.write(work)
        self.tell()

    async def held(self, user: User, token: str | None = None) -> list[Held]:
        """The sessions of `user` that hold, the newest first; one is that of `token`. Raises StoreError."""
        now, limits = self._now_ms(), strictest(self._limits, user.roles)
        rows = await self._store.read(_HELD, (user.name, now - limits.idle_ms, now - limits.longest_ms))
        here = None if token is None else _digest(token)
        return [
            Held(number, How(how), address, began_ms, used_ms, digest == here)
            for number, how, address, began_ms, used_ms, digest in rows
        ]

    async def end_one(self, name: str, number: str, by: str, where: str = "") -> None:
        """The session `number` of the user `name` ends. Raises NotFound, StoreError."""
        entry = Entry(
            "logout", by, f"user/{name}", where=where, detail={"how": "from-list", "session": number}
        )

        def work(db: sqlite3.Connection) -> None:
            if db.execute("DELETE FROM session WHERE id = ? AND user = ?", (number, name)).rowcount == 0:
                raise NotFound(f"{name!r} has no session {number!r:.40} any more: look at the list again")
            append(db, entry, self._clock.utc_us())

        await self._store.write(work)
        self.tell()

    async def end_all(self, name: str) -> None:
        """All sessions of the user `name` end. Raises StoreError."""
        await self._store.write(lambda db: db.execute("DELETE FROM session WHERE user = ?", (name,)))
        self.tell()

    def tell(self) -> None:
        """Sessions or people changed here: whoever waits for `changed` looks again."""
        waited, self._changed = self._changed, asyncio.Event()
        waited.set()

    @property
    def changed(self) -> asyncio.Event:
        """Set when something changes here from now on; what another process changes is not told."""
        return self._changed

    async def _set(self, token: str, column: str, value: int) -> None:
        row = value, _digest(token)
        await self._store.write(
            lambda db: db.execute(f"UPDATE session SET {column} = ? WHERE digest = ?", row)
        )

    def _now_ms(self) -> int:
        return self._clock.now_us() // 1000


def _state(account: Account, how: How, *, locked: bool) -> State:
    if how in (How.PASSWORD, How.PASSWORD_AND_CODE) and account.once_until_ms is not None:
        return State.CHANGE_PASSWORD
    if how is How.PASSWORD and account.totp is None and account.user.roles & NEEDS_SECOND_FACTOR:
        return State.SET_UP_SECOND_FACTOR
    return State.LOCKED if locked else State.OPEN


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
