"""Passkeys: Web Authentication Level 3. A device knows its person (PIN, finger, face) and signs a challenge.

options = await passkeys.registration_options(owner, site)          # for navigator.credentials.create
await passkeys.register(owner, "phone", credential, site)
options = passkeys.login_options(site)                              # for navigator.credentials.get
account = await passkeys.login(credential, site)
"""

import secrets
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import webauthn
from webauthn.helpers import bytes_to_base64url, options_to_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from controller.audit.chain import append
from controller.audit.entry import Entry
from controller.clock import Clock
from controller.errors import Conflict, LoginRefused, NotFound
from controller.security.challenges import LIFE_S, Challenges
from controller.security.passkey_answer import answer_of, bytes_of
from controller.security.users import Account, find_account
from controller.store import Store

MOST = 10
"""Passkeys of one person."""
_VERIFIED = UserVerificationRequirement.REQUIRED
_FIND = """SELECT passkey.*, passkey_owner.user FROM passkey JOIN passkey_owner USING (handle)
WHERE passkey.id = ?"""
_OF_USER = """SELECT passkey.* FROM passkey JOIN passkey_owner USING (handle)
WHERE passkey_owner.user = ? ORDER BY made_utc_s, passkey.id"""
_INSERT = "INSERT INTO passkey (id, handle, name, key, sign_count, made_utc_s) VALUES (?, ?, ?, ?, ?, ?)"
_USED = "UPDATE passkey SET sign_count = ?, used_utc_s = ? WHERE id = ? AND sign_count = ?"
_OWN = "id = ? AND handle = (SELECT handle FROM passkey_owner WHERE user = ?)"


@dataclass(frozen=True, slots=True)
class Site:
    """Where passkeys hold: the relying party's id (a domain) and the only origin that may ask."""

    id: str
    origin: str


@dataclass(frozen=True, slots=True)
class Owner:
    """Who looks after their passkeys, in which session (its token), and from which address."""

    name: str
    session: str
    where: str


@dataclass(frozen=True, slots=True)
class Passkey:
    """What its owner sees of it. Times are UTC, seconds since 1970."""

    id: str
    """As the browser writes it: base64url."""
    name: str
    made_utc_s: int
    used_utc_s: int | None


class Passkeys:
    """Registers and checks passkeys."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._challenges = Challenges(clock)

    async def registration_options(self, owner: Owner, site: Site) -> str:
        """PublicKeyCredentialCreationOptions as JSON, for one answer from that session. Raises StoreError."""
        held = await self._store.read(_OF_USER, (owner.name,))
        options = webauthn.generate_registration_options(
            rp_id=site.id,
            rp_name="Wardlink",
            user_id=await self._handle(owner.name),
            user_name=owner.name,
            challenge=self._challenges.give(f"register {owner.session}"),
            timeout=LIFE_S * 1000,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED, user_verification=_VERIFIED
            ),
            exclude_credentials=[PublicKeyCredentialDescriptor(id=row["id"]) for row in held],
        )
        return options_to_json(options)

    async def register(self, owner: Owner, name: str, credential: Mapping[str, Any], site: Site) -> None:
        """Keep the new passkey under `name`. Raises LoginRefused, Conflict, StoreError."""
        answer = answer_of(credential)
        self._challenges.take(f"register {owner.session}", answer.challenge)
        try:
            made = webauthn.verify_registration_response(
                credential=dict(credential),
                expected_challenge=answer.challenge,
                expected_rp_id=site.id,
                expected_origin=site.origin,
                require_user_verification=True,
            )
        except (WebAuthnException, ValueError, TypeError, KeyError) as error:
            raise LoginRefused("passkey", f"the new passkey does not hold: {error}: try again") from error
        handle = await self._handle(owner.name)
        count, now = made.sign_count, self._now_s()
        row = made.credential_id, handle, name, made.credential_public_key, count, now

        def work(db: sqlite3.Connection) -> None:
            names = [held["name"] for held in db.execute(_OF_USER, (owner.name,))]
            if len(names) >= MOST:
                raise Conflict(f"you have {MOST} passkeys, which is the most: remove one first")
            if name in names:
                raise Conflict(f"you have a passkey {name!r} already: take another name")
            if db.execute(_FIND, (made.credential_id,)).fetchone():
                raise Conflict("this passkey is registered already: log in with it")
            db.execute(_INSERT, row)
            append(db, _entry("passkey-added", owner, made.credential_id), self._clock.utc_us())

        await self._store.write(work)

    def login_options(self, site: Site) -> str:
        """PublicKeyCredentialRequestOptions as JSON: no name is asked for, the passkey says whose it is."""
        options = webauthn.generate_authentication_options(
            rp_id=site.id,
            challenge=self._challenges.give("login"),
            timeout=LIFE_S * 1000,
            user_verification=_VERIFIED,
        )
        return options_to_json(options)

    async def login(self, credential: Mapping[str, Any], site: Site) -> Account:
        """Whose passkey it is. Raises LoginRefused, StoreError."""
        answer = answer_of(credential)
        self._challenges.take("login", answer.challenge)
        rows = await self._store.read(_FIND, (answer.id,))
        if not rows:
            raise LoginRefused("unknown", "this passkey is not known here: log in otherwise, and add it")
        owner = rows[0]["user"]
        if answer.handle != rows[0]["handle"]:
            raise LoginRefused("owner", "this passkey is of another account: log in otherwise", owner)
        await self._count(rows[0], _verified(credential, answer.challenge, rows[0], site))
        account = await find_account(self._store, owner)
        if account is None or account.disabled:
            raise LoginRefused("disabled", "this account is disabled: ask an administrator", owner)
        return account

    async def of(self, user: str) -> list[Passkey]:
        """The person's passkeys. Raises StoreError."""
        rows = await self._store.read(_OF_USER, (user,))
        return [
            Passkey(bytes_to_base64url(row["id"]), row["name"], row["made_utc_s"], row["used_utc_s"])
            for row in rows
        ]

    async def remove(self, owner: Owner, passkey: str) -> None:
        """It opens nothing any more. Raises NotFound, StoreError."""
        await self._change(owner, passkey, "passkey-removed", f"DELETE FROM passkey WHERE {_OWN}")

    async def rename(self, owner: Owner, passkey: str, name: str) -> None:
        """It is shown as `name`. Raises NotFound, StoreError."""
        statement = f"UPDATE passkey SET name = ? WHERE {_OWN}"
        await self._change(owner, passkey, "passkey-renamed", statement, name)

    async def _change(self, owner: Owner, passkey: str, action: str, statement: str, *values: str) -> None:
        try:
            key = bytes_of(passkey)
        except LoginRefused:
            key = b""  # of no passkey

        def work(db: sqlite3.Connection) -> None:
            if db.execute(statement, (*values, key, owner.name)).rowcount == 0:
                raise NotFound(f"you have no passkey {passkey!r:.100}: see /api/passkeys")
            append(db, _entry(action, owner, key), self._clock.utc_us())

        await self._store.write(work)

    async def _handle(self, user: str) -> bytes:
        """What authenticators keep of the person: it says nothing to others (WebAuthn, section 14.6.1)."""
        fresh = secrets.token_bytes(64)

        def work(db: sqlite3.Connection) -> bytes:
            db.execute("INSERT OR IGNORE INTO passkey_owner VALUES (?, ?)", (fresh, user))
            return db.execute("SELECT handle FROM passkey_owner WHERE user = ?", (user,)).fetchone()[0]

        return await self._store.write(work)

    async def _count(self, row: sqlite3.Row, count: int) -> None:
        """Take the signature counter (WebAuthn, section 6.1.1): one that does not rise means a copy."""
        used = count, self._now_s(), row["id"], row["sign_count"]
        went_back = (count or row["sign_count"]) and count <= row["sign_count"]
        if went_back or await self._store.write(lambda db: db.execute(_USED, used).rowcount) == 0:
            raise LoginRefused("sign-count", "this passkey may be a copy: tell an administrator", row["user"])

    def _now_s(self) -> int:
        return self._clock.utc_us() // 1_000_000


def _verified(credential: Mapping[str, Any], challenge: bytes, row: sqlite3.Row, site: Site) -> int:
    """The signature counter. The stored one is compared afterwards, by us: here any would do."""
    try:
        return webauthn.verify_authentication_response(
            credential=dict(credential),
            expected_challenge=challenge,
            expected_rp_id=site.id,
            expected_origin=site.origin,
            credential_public_key=row["key"],
            credential_current_sign_count=0,
            require_user_verification=True,
        ).new_sign_count
    except (WebAuthnException, ValueError, TypeError, KeyError) as error:
        message = f"the passkey's answer does not hold: {error}: try again"
        raise LoginRefused("passkey", message, row["user"]) from error


def _entry(action: str, owner: Owner, key: bytes) -> Entry:
    return Entry(action, owner.name, f"passkey/{bytes_to_base64url(key)[:16]}", where=owner.where)
