"""API tokens: what programs show instead of a session. They are not ambient: no browser sends one by itself.

text = await tokens.make(Wanted("ehr", "system/Observation.rs", days=90), by="anna", where="10.0.0.7")
token = await tokens.find(text)             # None: unknown, expired or revoked
"""

import hashlib
import json
import re
import secrets
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass

from controller.audit.chain import append
from controller.audit.entry import Entry
from controller.clock import Clock
from controller.errors import Conflict, NotFound
from controller.security.scopes import Scope, parse_scopes, scope_text
from controller.store import Store

PREFIX = "wl_"
"""Scanners for leaked secrets find wl_[A-Za-z0-9_-]{43}."""
LONGEST_DAYS = 365
_DAY_S = 86_400
_TOUCH_S = 60
"""How exact the time of the last use is."""
_FORM = re.compile(r"wl_[A-Za-z0-9_-]{43}", re.ASCII)
_INSERT = """INSERT INTO api_token (name, digest, scopes, wards, made_by, made_utc_s, expires_utc_s)
VALUES (?, ?, ?, ?, ?, ?, ?)"""
_REVOKE = "UPDATE api_token SET revoked_utc_s = ?, revoked_by = ? WHERE name = ? AND revoked_utc_s IS NULL"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A token that somebody asks for."""

    name: str
    scopes: frozenset[Scope]
    days: int
    """Until it expires: 1 to LONGEST_DAYS."""
    wards: frozenset[str] | None = None
    """Ids of the wards whose patients it shows; None: all."""


@dataclass(frozen=True, slots=True)
class Token:
    """What is known of a token; the token itself is not. Times are UTC, seconds since 1970."""

    name: str
    scopes: frozenset[Scope]
    wards: frozenset[str] | None
    made_by: str
    made_utc_s: int
    expires_utc_s: int
    used_utc_s: int | None
    revoked_utc_s: int | None
    revoked_by: str | None

    @property
    def actor(self) -> str:
        """Its name in the audit trail, which no person can have."""
        return f"token:{self.name}"


class Tokens:
    """Makes, finds and revokes tokens. `tell` is called when one ends, for streams that are open with it."""

    def __init__(self, store: Store, clock: Clock, tell: Callable[[], None]) -> None:
        self._store = store
        self._clock = clock
        self._tell = tell

    async def make(self, wanted: Wanted, by: str, where: str) -> str:
        """A new token, shown once: 256 bits after PREFIX. Raises Conflict, NotFound, StoreError."""
        text = PREFIX + secrets.token_urlsafe(32)
        now = self._now_s()
        wards = None if wanted.wards is None else json.dumps(sorted(wanted.wards))
        scopes, expires = scope_text(wanted.scopes), now + wanted.days * _DAY_S
        row = wanted.name, _digest(text), scopes, wards, by, now, expires
        detail = {"scopes": scopes, "wards": wards or "all", "expires_utc_s": expires}

        def work(db: sqlite3.Connection) -> None:
            if db.execute("SELECT 1 FROM api_token WHERE name = ?", (wanted.name,)).fetchone():
                raise Conflict(f"there is, or was, a token {wanted.name!r}: take another name")
            for ward in sorted(wanted.wards or ()):
                if not db.execute("SELECT 1 FROM ward WHERE id = ?", (ward,)).fetchone():
                    raise NotFound(f"there is no ward {ward!r}: see /api/wards for those there are")
            db.execute(_INSERT, row)
            entry = Entry("token-made", by, f"token/{wanted.name}", where=where, detail=detail)
            append(db, entry, self._clock.utc_us())

        await self._store.write(work)
        return text

    async def all(self) -> list[Token]:
        """Every token that ever was, the newest first. Raises StoreError."""
        rows = await self._store.read("SELECT * FROM api_token ORDER BY made_utc_s DESC, name")
        return [_token(row) for row in rows]

    async def revoke(self, name: str, by: str, where: str) -> None:
        """The token opens nothing from now on, and its streams end. Raises NotFound, StoreError."""
        now = self._now_s()

        def work(db: sqlite3.Connection) -> None:
            if db.execute(_REVOKE, (now, by, name)).rowcount == 0:
                raise NotFound(f"there is no token {name!r} that is not revoked: see /api/tokens")
            append(db, Entry("token-revoked", by, f"token/{name}", where=where), self._clock.utc_us())

        await self._store.write(work)
        self._tell()

    async def find(self, text: str) -> Token | None:
        """The token; None if there is none like it, it has expired or is revoked. Raises StoreError."""
        if not _FORM.fullmatch(text):
            return None
        rows = await self._store.read("SELECT * FROM api_token WHERE digest = ?", (_digest(text),))
        now = self._now_s()
        if not rows or rows[0]["revoked_utc_s"] is not None or rows[0]["expires_utc_s"] <= now:
            return None
        if (rows[0]["used_utc_s"] or 0) < now - _TOUCH_S:
            used = now, rows[0]["name"]
            await self._store.write(
                lambda db: db.execute("UPDATE api_token SET used_utc_s = ? WHERE name = ?", used)
            )
        return _token(rows[0])

    def _now_s(self) -> int:
        return self._clock.utc_us() // 1_000_000


def _token(row: sqlite3.Row) -> Token:
    wards = None if row["wards"] is None else frozenset[str](json.loads(row["wards"]))
    times = {name: row[name] for name in ("made_utc_s", "expires_utc_s", "used_utc_s", "revoked_utc_s")}
    scopes = parse_scopes(row["scopes"])
    return Token(row["name"], scopes, wards, row["made_by"], **times, revoked_by=row["revoked_by"])


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
