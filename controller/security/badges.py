"""How a person is known where nobody logs in, as at a robot's drawer: by a badge, or by name and PIN.

await badges.set_pin("nina", "4711", By("nina"))
await badges.enrol("nina", "04A2F1C9", By("admin"))       # what a scanner reads
who = await badges.who(Shown(badge="04A2F1C9"), "robot:R1")       # Known(user, "badge"); raises NotProved

Tries are slowed like logins. A PIN says no more than who stands there: nobody logs in by one.
"""

import re
import sqlite3
from typing import Literal, NamedTuple

from controller.audit.chain import append
from controller.audit.entry import REFUSED, Entry
from controller.clock import Clock
from controller.errors import BadAccount, Conflict, NotFound, NotProved
from controller.security.accounts import By
from controller.security.passwords import Passwords
from controller.security.sealing import Sealing
from controller.security.throttle import Throttle
from controller.security.users import Account, User, check_password, find_account
from controller.store import Store

Way = Literal["badge", "pin", "login"]
_PIN = re.compile(r"[0-9]{4,8}", re.ASCII)
_AGAIN = re.compile(r"([0-9]{2,4})\1+", re.ASCII)
_RUNS = "01234567890", "09876543210"
SHORTEST, LONGEST = 4, 256
"""Characters of what a scanner reads off a badge."""
_SET_PIN = """INSERT INTO user_pin (user, pin, at_ms) VALUES (?, ?, ?)
ON CONFLICT (user) DO UPDATE SET pin = excluded.pin, at_ms = excluded.at_ms, used_ms = NULL"""
_ENROL = """INSERT INTO user_badge (user, digest, by, at_ms) VALUES (?, ?, ?, ?) ON CONFLICT (user)
DO UPDATE SET digest = excluded.digest, by = excluded.by, at_ms = excluded.at_ms, used_ms = NULL"""
_WHOSE = "SELECT user FROM user_badge WHERE digest = ?"
_HELD = """SELECT user.name, user_pin.at_ms AS pin_ms, user_pin.used_ms AS pin_used_ms,
  user_badge.at_ms AS badge_ms, user_badge.used_ms AS badge_used_ms, user_badge.by AS badge_by
FROM user LEFT JOIN user_pin ON user_pin.user = user.name LEFT JOIN user_badge ON user_badge.user = user.name
WHERE :person IS NULL OR user.name = :person"""
_USED = {
    "pin": "UPDATE user_pin SET used_ms = ? WHERE user = ?",
    "badge": "UPDATE user_badge SET used_ms = ? WHERE user = ?",
}


class Shown(NamedTuple):
    """What somebody shows: a badge, or a name with the PIN or the password."""

    person: str = ""
    pin: str = ""
    badge: str = ""
    password: str = ""


class Known(NamedTuple):
    """Who that is, and by what it is known."""

    user: User
    how: Way


class Held(NamedTuple):
    """What a person has: since when and when last used, in the controller's time scale. None: none, never."""

    pin_ms: int | None = None
    pin_used_ms: int | None = None
    badge_ms: int | None = None
    badge_used_ms: int | None = None
    badge_by: str | None = None
    """Who enrolled it."""


class Badges:
    """Methods raise StoreError, and ConfigError: the key's file cannot be used."""

    def __init__(
        self, store: Store, clock: Clock, passwords: Passwords, throttle: Throttle, key: Sealing
    ) -> None:
        self._store = store
        self._clock = clock
        self._passwords = passwords
        self._throttle = throttle
        self._key = key

    async def held(self, person: str) -> Held:
        """What `person` has."""
        rows = await self._store.read(_HELD, {"person": person})
        return _held(rows[0]) if rows else Held()

    async def all_held(self) -> dict[str, Held]:
        """What everybody has, by name."""
        return {row["name"]: _held(row) for row in await self._store.read(_HELD, {"person": None})}

    async def set_pin(self, person: str, pin: str, by: By) -> None:
        """Another PIN. Raises BadAccount: it is not 4 to 8 digits, or anybody's first guess; NotFound."""
        if why := weakness(pin):
            raise BadAccount(f"expected a PIN of 4 to 8 digits that nobody guesses first: {why}")
        row = person, await self._passwords.hash(pin), self._clock.now_us() // 1000
        await self._change("pin-set", person, by, (_SET_PIN, row))

    async def forget_pin(self, person: str, by: By) -> None:
        """None from now on. Raises NotFound."""
        await self._change("pin-forgotten", person, by, ("DELETE FROM user_pin WHERE user = ?", (person,)))

    async def enrol(self, person: str, token: str, by: By) -> None:
        """The badge of `person`, in place of the one before. Raises BadAccount, NotFound; Conflict: another
        person's."""
        if not SHORTEST <= len(token) <= LONGEST or not token.isprintable():
            raise BadAccount(f"expected {SHORTEST} to {LONGEST} printable characters off a badge")
        row = person, self._digest(token), by.actor, self._clock.now_us() // 1000

        def work(db: sqlite3.Connection) -> None:
            held = db.execute(_WHOSE, (row[1],)).fetchone()
            if held is not None and held["user"] != person:
                raise Conflict("this badge is another person's: take it from that person first")
            self._apply(db, "badge-enrolled", person, by, (_ENROL, row))

        await self._store.write(work)

    async def forget_badge(self, person: str, by: By) -> None:
        """It is lost: it shows nobody from now on. Raises NotFound."""
        dropped = "DELETE FROM user_badge WHERE user = ?", (person,)
        await self._change("badge-forgotten", person, by, dropped)

    async def who(self, shown: Shown, where: str) -> Known:
        """Who shows it, at `where`. Raises NotProved: it is nobody's who may come in, or too many tries."""
        name = "badge:" if shown.badge else shown.person if shown.password else f"pin:{shown.person}"
        if wait_s := self._throttle.wait_s(name, where):
            raise NotProved(f"too many wrong tries: try again in {wait_s} s")
        self._throttle.tried(name, where)
        known = await self._find(shown)
        if known is None:
            await self._refused(shown, where)
            raise NotProved("the badge, or the name with this PIN or password, is nobody's: try again")
        self._throttle.succeeded(name, where)
        if known.how in _USED:
            used = self._clock.now_us() // 1000, known.user.name
            await self._store.write(lambda db: db.execute(_USED[known.how], used))
        return known

    async def _find(self, shown: Shown) -> Known | None:
        if shown.badge:
            rows = await self._store.read(_WHOSE, (self._digest(shown.badge),))
            account = await find_account(self._store, rows[0]["user"]) if rows else None
            return _known(account, "badge")
        if shown.password:
            held = self._store, self._passwords, self._clock
            return _known(await check_password(*held, shown.person, shown.password), "login")
        rows = await self._store.read("SELECT pin FROM user_pin WHERE user = ?", (shown.person,))
        if not await self._passwords.matches(rows[0]["pin"] if rows else None, shown.pin):
            return None
        return _known(await find_account(self._store, shown.person), "pin")

    async def _refused(self, shown: Shown, where: str) -> None:
        """In the trail; a name that is nobody's is not kept: people mistake the fields."""
        account = await find_account(self._store, shown.person)
        name = account.user.name if account else ""
        detail = {"by": "badge" if shown.badge else "password" if shown.password else "pin"}
        entity = f"user/{name}" if name else "user"
        entry = Entry("proof-refused", name or "nobody", entity, outcome=REFUSED, where=where, detail=detail)
        await self._store.write(lambda db: append(db, entry, self._clock.utc_us()))

    async def _change(
        self, action: str, person: str, by: By, change: tuple[str, tuple[str | int, ...]]
    ) -> None:
        await self._store.write(lambda db: self._apply(db, action, person, by, change))

    def _apply(
        self,
        db: sqlite3.Connection,
        action: str,
        person: str,
        by: By,
        change: tuple[str, tuple[str | int | bytes, ...]],
    ) -> None:
        if db.execute("SELECT 1 FROM user WHERE name = ?", (person,)).fetchone() is None:
            raise NotFound(f"there is no person {person!r:.80}: see /api/people")
        db.execute(*change)
        append(db, Entry(action, by.actor, f"user/{person}", where=by.where), self._clock.utc_us())

    def _digest(self, token: str) -> bytes:
        return self._key.digest(token, "badge")


def weakness(pin: str) -> str:
    """Why it is not taken as a PIN; "": it is."""
    if not _PIN.fullmatch(pin):
        return "this is not 4 to 8 digits"
    if len(set(pin)) == 1:
        return "all digits are the same"
    if any(pin in run for run in _RUNS):
        return "it is a run such as 1234"
    return "the same digits come again, as in 1212" if _AGAIN.fullmatch(pin) else ""


def _held(row: sqlite3.Row) -> Held:
    return Held(*(row[name] for name in Held._fields))


def _known(account: Account | None, how: Way) -> Known | None:
    return None if account is None or account.disabled else Known(account.user, how)
