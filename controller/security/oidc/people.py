"""From an identity of the provider to a person here: found by issuer and subject, never by name alone.

A name is a claim, which the provider lets people change: who takes over the name of an account that is here
already does not take over the account.
"""

import json
import sqlite3

from controller.audit.chain import append
from controller.audit.entry import Entry
from controller.clock import Clock
from controller.errors import LoginRefused
from controller.security.oidc.logout_token import REMEMBERED_S, LogoutToken
from controller.security.oidc.mapping import Identity
from controller.security.permissions import NEEDS_WARDS
from controller.security.users import Account, find_account, set_roles
from controller.store import Store

_FIND = "SELECT user, mapped FROM oidc_person WHERE issuer = ? AND subject = ?"
_LINK = "INSERT INTO oidc_person VALUES (?, ?, ?, ?, ?)"
_SEEN = "UPDATE oidc_person SET mapped = ?, last_utc_s = ? WHERE issuer = ? AND subject = ?"
_STATE = """SELECT disabled_ms, all_wards,
  (SELECT json_group_array(role) FROM (SELECT role FROM user_role WHERE user = :user ORDER BY role)) AS roles,
  (SELECT json_group_array(ward) FROM (SELECT ward FROM user_ward WHERE user = :user ORDER BY ward)) AS wards
FROM user WHERE name = :user"""
_FORGET = "DELETE FROM oidc_logout WHERE until_utc_s <= ?"
_ONCE = "INSERT OR IGNORE INTO oidc_logout VALUES (?, ?)"
_END_ALL = "DELETE FROM session WHERE user = :user RETURNING user"
# A session that came without a name of its own ends with any other of its person.
_END_ONE = """DELETE FROM session WHERE how = 'oidc' AND (:user IS NULL OR user = :user)
  AND (provider_sid = :sid OR (provider_sid IS NULL AND :user IS NOT NULL)) RETURNING user"""


class OidcPeople:
    """Lets people of the provider in. `creates`: those without a role get an account, too."""

    def __init__(self, store: Store, clock: Clock, *, creates: bool) -> None:
        self._store = store
        self._clock = clock
        self._creates = creates

    async def enter(self, identity: Identity, where: str) -> Account:
        """The person, with the roles and wards of their groups as they are now.

        A role that came from a group goes with it. Raises LoginRefused, StoreError.
        """
        name, refused = await self._store.write(lambda db: self._enter(db, identity, where))
        if refused is not None:
            raise refused
        account = await find_account(self._store, name)
        if account is None:
            raise LoginRefused("unknown", "this account was removed just now: log in again")
        return account

    async def log_out(self, asked: LogoutToken, where: str) -> int:
        """End the sessions that the provider says are over; how many they were.

        With a `sid` that one, without it all of the person, however they began. Raises LoginRefused when the
        token was used before, StoreError.
        """
        return await self._store.write(lambda db: self._log_out(db, asked, where))

    def _log_out(self, db: sqlite3.Connection, asked: LogoutToken, where: str) -> int:
        now_s = self._now_s()
        db.execute(_FORGET, (now_s,))
        if db.execute(_ONCE, (asked.jti, now_s + REMEMBERED_S)).rowcount == 0:
            raise LoginRefused("jti", "this logout token was used already: make another")
        held = db.execute(_FIND, (asked.issuer, asked.subject)).fetchone()
        if asked.subject is not None and held is None:
            return 0
        over = {"user": held and held["user"], "sid": asked.sid}
        ended = db.execute(_END_ALL if asked.sid is None else _END_ONE, over).fetchall()
        for user in sorted({row["user"] for row in ended}):
            self._audit(db, "logout", user, where, {"how": "back-channel"})
        return len(ended)

    def _enter(
        self, db: sqlite3.Connection, identity: Identity, where: str
    ) -> tuple[str, LoginRefused | None]:
        """(the user, None), or why not: what led to it is kept then, too: a lost role stays lost."""
        held = db.execute(_FIND, (identity.issuer, identity.subject)).fetchone()
        if held is None and not (identity.roles or self._creates):
            return "", LoginRefused("unknown", "your groups give you no role here: ask an administrator")
        user = held["user"] if held else identity.name
        if held is None:
            if db.execute("SELECT 1 FROM user WHERE name = ?", (user,)).fetchone():
                return "", LoginRefused("taken", f"{user!r} is somebody else's here: ask an administrator")
            self._make(db, identity, where)
        mapped = bool(identity.roles)
        if mapped or (held and held["mapped"]):
            self._set(db, user, identity, where)
        db.execute(_SEEN, (mapped, self._now_s(), identity.issuer, identity.subject))
        state = db.execute(_STATE, {"user": user}).fetchone()
        if state["disabled_ms"] is not None:
            return user, LoginRefused("disabled", "this account is disabled: ask an administrator")
        if held and held["mapped"] and not mapped:
            return user, LoginRefused("unknown", "your groups give you no role now: ask an administrator")
        if state["roles"] == "[]":
            return user, LoginRefused("no-role", "you have no role here yet: ask an administrator for one")
        return user, None

    def _make(self, db: sqlite3.Connection, identity: Identity, where: str) -> None:
        sql = "INSERT INTO user (name, all_wards, changed_ms) VALUES (?, 0, ?)"
        db.execute(sql, (identity.name, self._clock.now_us() // 1000))
        whose = identity.issuer, identity.subject, identity.name
        db.execute(_LINK, (*whose, bool(identity.roles), self._now_s()))
        self._audit(db, "user-made", identity.name, where, {"issuer": identity.issuer})

    def _set(self, db: sqlite3.Connection, user: str, identity: Identity, where: str) -> None:
        """Give the person the roles and wards of the groups, and nothing beside."""
        before = tuple(db.execute(_STATE, {"user": user}).fetchone())
        set_roles(db, user, identity.roles)
        sees_all = not identity.wards and not identity.roles & NEEDS_WARDS
        db.execute("UPDATE user SET all_wards = ? WHERE name = ?", (sees_all, user))
        db.execute("DELETE FROM user_ward WHERE user = ?", (user,))
        for ward in identity.wards:
            db.execute("INSERT INTO user_ward SELECT ?, id FROM ward WHERE id = ?", (user, ward))
        if before != tuple(db.execute(_STATE, {"user": user}).fetchone()):
            roles = json.dumps(sorted(role.value for role in identity.roles))
            detail = {"roles": roles, "wards": json.dumps(sorted(identity.wards))}
            self._audit(db, "user-mapped", user, where, detail)

    def _audit(
        self, db: sqlite3.Connection, action: str, user: str, where: str, detail: dict[str, str]
    ) -> None:
        entry = Entry(action, "oidc", f"user/{user}", where=where, detail=detail)
        append(db, entry, self._clock.utc_us())

    def _now_s(self) -> int:
        return self._clock.utc_us() // 1_000_000
