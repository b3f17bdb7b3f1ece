"""People who may log in.

await set_password(store, clock, "nurse", "correct horse battery staple")      # also makes the user
account = await find_account(store, "nurse")                                   # None: there is none
"""

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

from controller.clock import Clock
from controller.errors import BadAccount
from controller.security.passwords import LONGEST, Passwords
from controller.security.permissions import Permission, Role, permissions_of
from controller.store import Store

SHORTEST = 8
"""Characters of a password (NIST SP 800-63B, 5.1.1.1)."""
_NAME_LONGEST = 64
ACCOUNT = """SELECT user.*,
  (SELECT json_group_array(role) FROM user_role WHERE user_role.user = user.name) AS roles,
  (SELECT json_group_array(ward) FROM user_ward WHERE user_ward.user = user.name) AS wards
FROM user"""
_SET = """INSERT INTO user (name, password, all_wards, changed_ms) VALUES (?, ?, 1, ?)
ON CONFLICT (name) DO UPDATE
SET password = excluded.password, once_until_ms = NULL, changed_ms = excluded.changed_ms"""


@dataclass(frozen=True, slots=True)
class User:
    """A person who is logged in."""

    name: str
    roles: frozenset[Role]
    wards: frozenset[str] | None = None
    """Ids of the person's wards; None: all there are."""

    @property
    def permissions(self) -> frozenset[Permission]:
        """What the roles allow."""
        return permissions_of(self.roles)


@dataclass(frozen=True, slots=True)
class Account:
    """What is kept of a person."""

    user: User
    password: str | None
    """Argon2id; None: this person logs in in another way only."""
    once_until_ms: int | None
    """Until when its one-time password, which must be changed, can be used; None: it is a lasting one."""
    totp: str | None
    """The second factor's secret, sealed; None: there is no second factor."""
    totp_step: int
    """The time step of the last code that was used: neither it nor an earlier one opens again."""
    disabled: bool


def account_of(row: sqlite3.Row) -> Account:
    """The account in a row of ACCOUNT."""
    wards = None if row["all_wards"] else frozenset[str](json.loads(row["wards"]))
    user = User(row["name"], frozenset(Role(role) for role in json.loads(row["roles"])), wards)
    disabled = row["disabled_ms"] is not None
    return Account(user, row["password"], row["once_until_ms"], row["totp"], row["totp_step"], disabled)


async def find_account(store: Store, name: str) -> Account | None:
    """The account of that name, disabled or not. Raises StoreError."""
    rows = await store.read(f"{ACCOUNT} WHERE user.name = ?", (name,))
    return account_of(rows[0]) if rows else None


async def accounts_of(store: Store, names: Iterable[str]) -> dict[str, Account]:
    """The accounts of these names, as far as there are any. Raises StoreError."""
    told = json.dumps(sorted(names))
    rows = await store.read(f"{ACCOUNT} WHERE user.name IN (SELECT value FROM json_each(?))", (told,))
    return {row["name"]: account_of(row) for row in rows}


async def set_password(store: Store, clock: Clock, user: str, password: str, role: Role = Role.NURSE) -> None:
    """Give `user` a lasting password and a role, and end the sessions of the old one.

    A user who does not exist yet is made, with all wards. Raises BadAccount, StoreError.
    """
    check_name(user)
    check_new_password(password)
    hashed = await Passwords().hash(password)
    now = clock.now_us() // 1000

    def work(db: sqlite3.Connection) -> None:
        db.execute(_SET, (user, hashed, now))
        set_roles(db, user, (role,))
        db.execute("DELETE FROM session WHERE user = ?", (user,))

    await store.write(work)


def set_roles(db: sqlite3.Connection, user: str, roles: Iterable[Role]) -> None:
    """`user` has these roles and no other, inside a transaction."""
    db.execute("DELETE FROM user_role WHERE user = ?", (user,))
    db.executemany("INSERT INTO user_role VALUES (?, ?)", [(user, role.value) for role in set(roles)])


async def check_password(
    store: Store, passwords: Passwords, clock: Clock, user: str, password: str
) -> Account | None:
    """The account, or None; it takes as long for a name that does not exist. Raises StoreError.

    A disabled account has no right password, nor has one whose one-time password came too late.
    """
    account = await find_account(store, user)
    usable = account is not None and not account.disabled and not _is_late(account, clock)
    stored = account.password if account is not None and usable else None
    if len(password) > LONGEST or not await passwords.matches(stored, password):
        return None
    return account


def _is_late(account: Account, clock: Clock) -> bool:
    return account.once_until_ms is not None and account.once_until_ms <= clock.now_us() // 1000


def check_name(user: str) -> None:
    """Raises BadAccount."""
    # A colon is for what is no person in the audit trail: "token:ehr", "gateway:ward-a".
    if not user.strip() or len(user) > _NAME_LONGEST or not user.isprintable() or ":" in user:
        raise BadAccount(f"a user name has 1 to {_NAME_LONGEST} printable characters, no colon; got {user!r}")


def check_new_password(password: str) -> None:
    """Raises BadAccount."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise BadAccount(
            f"a password has {SHORTEST} to {LONGEST} characters, this one has {len(password)}: choose another"
        )
