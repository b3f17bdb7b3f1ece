"""People who may log in.

await set_password(store, clock, "nurse", "correct horse battery staple")      # also makes the user
"""

import sqlite3
from dataclasses import dataclass

from controller.clock import Clock
from controller.errors import ControllerError
from controller.security.passwords import LONGEST, Passwords
from controller.security.permissions import Role
from controller.store import Store

SHORTEST = 8
"""Characters of a password (NIST SP 800-63B, 5.1.1.1)."""
_NAME_LONGEST = 64
_SET = """INSERT INTO user (name, password, role, changed_ms) VALUES (?, ?, ?, ?)
ON CONFLICT (name) DO UPDATE
SET password = excluded.password, role = excluded.role, changed_ms = excluded.changed_ms"""


class BadPassword(ControllerError):
    """A user name or password that cannot be used."""


@dataclass(frozen=True, slots=True)
class User:
    """A person who is logged in."""

    name: str
    role: Role


async def set_password(store: Store, clock: Clock, user: str, password: str, role: Role = Role.NURSE) -> None:
    """Give `user`, who need not exist yet, a password and a role, and end the sessions of the old one.

    Raises BadPassword, StoreError.
    """
    _check(user, password)
    hashed = await Passwords().hash(password)
    row = user, hashed, role.value, clock.now_us() // 1000

    def work(db: sqlite3.Connection) -> None:
        db.execute(_SET, row)
        db.execute("DELETE FROM session WHERE user = ?", (user,))

    await store.write(work)


async def check_password(store: Store, passwords: Passwords, user: str, password: str) -> User | None:
    """The user, or None; it takes as long for a name that does not exist. Raises StoreError."""
    rows = await store.read("SELECT password, role FROM user WHERE name = ?", (user,))
    stored = rows[0]["password"] if rows else None
    if len(password) > LONGEST or not await passwords.matches(stored, password):
        return None
    return User(user, Role(rows[0]["role"]))


def _check(user: str, password: str) -> None:
    if not user.strip() or len(user) > _NAME_LONGEST or not user.isprintable():
        raise BadPassword(f"a user name has 1 to {_NAME_LONGEST} printable characters; {user!r} does not")
    if not SHORTEST <= len(password) <= LONGEST:
        raise BadPassword(
            f"a password has {SHORTEST} to {LONGEST} characters, this one has {len(password)}: choose another"
        )
