"""Accounts, as an administrator manages them: each change is audited, and ends the sessions it concerns.

password = await accounts.create("anna", [Role.NURSE], ["ward-a"], by="admin")     # for one login
await accounts.disable("anna", by="admin")
"""

import json
import secrets
import sqlite3
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from controller.audit.chain import append
from controller.audit.entry import Entry
from controller.clock import Clock
from controller.errors import BadAccount, Conflict, NotFound
from controller.security.passwords import Passwords
from controller.security.permissions import NEEDS_WARDS, Role
from controller.security.users import ACCOUNT, check_name, set_roles
from controller.store import Store

ONCE_MS = 24 * 3_600_000
"""A one-time password can be used for so long."""
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
_GROUPS, _GROUP = 4, 4
"""79 bits in letters that nobody confuses, to be read out and typed."""

_CREATE = "INSERT INTO user (name, password, once_until_ms, all_wards, changed_ms) VALUES (?, ?, ?, ?, ?)"
_RESET = "UPDATE user SET password = ?, once_until_ms = ?, changed_ms = ? WHERE name = ?"
_LASTING = "UPDATE user SET password = ?, once_until_ms = NULL, changed_ms = ? WHERE name = ?"
_LIST = f"""SELECT account.*,
  (SELECT count(*) FROM session WHERE session.user = account.name) AS sessions
FROM ({ACCOUNT}) AS account ORDER BY name"""

Wards = Collection[str] | None
"""Ids; None: all of them."""


@dataclass(frozen=True, slots=True)
class By:
    """Who makes a change, and from where: "cli:LOGIN", or a user's name and a network address."""

    actor: str
    where: str = ""


def one_time_password() -> str:
    """A new one."""
    groups = ("".join(secrets.choice(_LETTERS) for _ in range(_GROUP)) for _ in range(_GROUPS))
    return "-".join(groups)


class Accounts:
    """The accounts of one controller. Its calls raise StoreError."""

    def __init__(self, store: Store, clock: Clock, passwords: Passwords, ended: Callable[[], None]) -> None:
        """`ended()` is called when sessions may have ended."""
        self._store = store
        self._clock = clock
        self._passwords = passwords
        self._ended = ended

    async def people(self) -> list[dict[str, Any]]:
        """Everybody, as the API's PERSON."""
        return [_person(row) for row in await self._store.read(_LIST)]

    async def create(self, name: str, roles: Collection[Role], wards: Wards, by: By) -> str:
        """Let a person in. Returns a password for one login within ONCE_MS.

        Raises BadAccount, NotFound (a ward), Conflict.
        """
        check_name(name)
        check_roles(roles)
        password = one_time_password()
        hashed, now = await self._passwords.hash(password), self._now_ms()

        def work(db: sqlite3.Connection) -> None:
            if db.execute("SELECT 1 FROM user WHERE name = ?", (name,)).fetchone():
                raise Conflict(f"there is a person {name!r} already: choose another name")
            db.execute(_CREATE, (name, hashed, now + ONCE_MS, wards is None, now))
            _place(db, name, roles, wards)
            self._audit(db, "account-created", name, by, _detail(roles, wards))

        await self._store.write(work)
        return password

    async def hand_out(self, name: str, roles: Collection[Role], wards: Wards, by: By) -> str:
        """A password for one login of a person who need not be there yet. Raises as `create` does."""
        if any(one["name"] == name for one in await self.people()):
            await self.change(name, roles, wards, by)
            return await self.reset(name, by)
        return await self.create(name, roles, wards, by)

    async def change(self, name: str, roles: Collection[Role], wards: Wards, by: By) -> None:
        """Other roles and wards: the person logs in again. Raises BadAccount, NotFound, Conflict."""
        check_roles(roles)
        if name == by.actor and Role.ADMINISTRATOR not in roles:
            raise Conflict("nobody takes administration from themselves: another administrator has to")

        def work(db: sqlite3.Connection) -> None:
            _known(db, name)
            db.execute("UPDATE user SET all_wards = ? WHERE name = ?", (wards is None, name))
            _place(db, name, roles, wards)
            self._audit(db, "account-changed", name, by, _detail(roles, wards))

        await self._ending(name, work)

    async def set_disabled(self, name: str, by: By, *, disabled: bool) -> None:
        """Shut a person out at once, or let them in again. Raises NotFound, Conflict (oneself)."""
        if name == by.actor:
            raise Conflict("nobody disables themselves: another administrator has to")
        row = self._now_ms() if disabled else None, name

        def work(db: sqlite3.Connection) -> None:
            _known(db, name)
            db.execute("UPDATE user SET disabled_ms = ? WHERE name = ?", row)
            self._audit(db, "account-disabled" if disabled else "account-enabled", name, by)

        await self._ending(name, work)

    async def reset(self, name: str, by: By) -> str:
        """A new password for one login within ONCE_MS; the old one is no longer right. Raises NotFound."""
        password = one_time_password()
        hashed, now = await self._passwords.hash(password), self._now_ms()

        def work(db: sqlite3.Connection) -> None:
            _known(db, name)
            db.execute(_RESET, (hashed, now + ONCE_MS, now, name))
            self._audit(db, "password-reset", name, by)

        await self._ending(name, work)
        return password

    async def forget_second_factor(self, name: str, by: By) -> None:
        """The person lost it, and sets up another one. Raises NotFound."""

        def work(db: sqlite3.Connection) -> None:
            _known(db, name)
            db.execute("UPDATE user SET totp = NULL, totp_offered = NULL WHERE name = ?", (name,))
            db.execute("DELETE FROM recovery_code WHERE user = ?", (name,))
            self._audit(db, "second-factor-forgotten", name, by)

        await self._ending(name, work)

    async def choose_password(self, name: str, password: str, by: By) -> None:
        """A lasting password, which the caller has checked; the sessions end. Raises NotFound."""
        hashed, now = await self._passwords.hash(password), self._now_ms()

        def work(db: sqlite3.Connection) -> None:
            _known(db, name)
            db.execute(_LASTING, (hashed, now, name))
            self._audit(db, "password-changed", name, by)

        await self._ending(name, work)

    async def _ending(self, name: str, work: Callable[[sqlite3.Connection], None]) -> None:
        def whole(db: sqlite3.Connection) -> None:
            work(db)
            db.execute("DELETE FROM session WHERE user = ?", (name,))

        await self._store.write(whole)
        self._ended()

    def _audit(
        self,
        db: sqlite3.Connection,
        action: str,
        name: str,
        by: By,
        detail: dict[str, str | int] | None = None,
    ) -> None:
        entry = Entry(action, by.actor, f"user/{name}", where=by.where, detail=detail or {})
        append(db, entry, self._clock.utc_us())

    def _now_ms(self) -> int:
        return self._clock.now_us() // 1000


def check_roles(roles: Collection[Role]) -> None:
    """Raises BadAccount when there are none."""
    if not roles:
        raise BadAccount(f"expected at least one role of {', '.join(Role)}, got none: name one")


def wards_for(roles: Collection[Role], wards: Collection[str], *, everywhere: bool) -> Wards:
    """What "no wards given" means for people of these roles. Raises BadAccount when they must be given."""
    if everywhere and wards:
        raise BadAccount("expected some wards or all of them, got both: take one out")
    if everywhere or not (wards or NEEDS_WARDS & set(roles)):
        return None
    if not wards:
        needy = ", ".join(sorted(NEEDS_WARDS & set(roles)))
        raise BadAccount(
            f"expected the wards of a person who is {needy}, got none: name them, or say all wards"
        )
    return wards


def _place(db: sqlite3.Connection, name: str, roles: Collection[Role], wards: Wards) -> None:
    set_roles(db, name, roles)
    db.execute("DELETE FROM user_ward WHERE user = ?", (name,))
    known = {row["id"] for row in db.execute("SELECT id FROM ward")}
    if unknown := sorted(set(wards or ()) - known):
        raise NotFound(f"there is no ward {unknown[0]!r}; there are: {', '.join(sorted(known)) or 'none'}")
    db.executemany("INSERT INTO user_ward VALUES (?, ?)", [(name, ward) for ward in set(wards or ())])


def _known(db: sqlite3.Connection, name: str) -> None:
    if db.execute("SELECT 1 FROM user WHERE name = ?", (name,)).fetchone() is None:
        raise NotFound(f"there is no person {name!r}: see /api/people for those there are")


def _detail(roles: Collection[Role], wards: Wards) -> dict[str, str | int]:
    where = "all" if wards is None else " ".join(sorted(set(wards)))
    return {"roles": " ".join(sorted(set(roles))), "wards": where}


def _person(row: sqlite3.Row) -> dict[str, Any]:
    return {
        "name": row["name"],
        "roles": sorted(json.loads(row["roles"])),
        "wards": None if row["all_wards"] else sorted(json.loads(row["wards"])),
        "disabled": row["disabled_ms"] is not None,
        "one_time_password": row["once_until_ms"] is not None,
        "password": row["password"] is not None,
        "second_factor": row["totp"] is not None,
        "sessions": row["sessions"],
    }
