"""Second factor: codes that change every 30 s (TOTP, RFC 6238), and recovery codes for a lost phone.

offer = await factors.offer("anna")                    # shows secret and QR code; nothing is asked for yet
codes = await factors.confirm("anna", "492039")        # from now on a code is asked for; None: it was wrong
right = await factors.passes(account, "492039")        # at a login; the same code passes once

Secrets are kept sealed, by a key that is not in the database.
"""

import asyncio
import hashlib
import logging
import re
import secrets
import sqlite3
from dataclasses import dataclass

import segno
from pyotp import random_base32
from pyotp.exceptions import OTPVerificationError
from pyotp.totp import TOTP

from controller.audit.chain import append
from controller.audit.entry import Entry
from controller.clock import Clock
from controller.errors import SealBroken, StoreError
from controller.security.sealing import Sealing, is_sealed
from controller.security.users import Account
from controller.store import Store, connect
from controller.store.where import Where, overwriting

ISSUER = "Wardlink"
WINDOW = 1
"""Steps of 30 s that a phone's clock may be off (RFC 6238, 5.2)."""
RECOVERY_CODES = 8
_RECOVERY_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
_RECOVERY_LENGTH = 12
"""59 bits: too many to try, whatever the throttle."""
_CONFIRM = """UPDATE user SET totp = totp_offered, totp_offered = NULL, totp_step = ?
WHERE name = ? AND totp_offered = ?"""
_KEPT = "SELECT name, totp, totp_offered FROM user WHERE totp IS NOT NULL OR totp_offered IS NOT NULL"
_SEAL = "UPDATE user SET totp = ?, totp_offered = ? WHERE name = ?"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Offer:
    """What a person's authenticator needs: `qr` is its address as a QR code, rows of 0 and 1 (1: dark)."""

    secret: str
    address: str
    qr: list[str]


class SecondFactors:
    """Sets up and checks second factors."""

    def __init__(self, store: Store, clock: Clock, sealing: Sealing) -> None:
        self._store = store
        self._clock = clock
        self._sealing = sealing

    async def prepare(self) -> None:
        """Seal what an older version kept in the clear, and say whose secrets the key does not open.

        Such a person still comes in by a recovery code. Raises ConfigError (the key's file), StoreError.
        """
        await asyncio.to_thread(_seal_all, self._store.where, self._sealing)
        rows = await self._store.read(_KEPT)
        broken = [error for row in rows if row["totp"] and (error := self._broken(row["totp"], row["name"]))]
        if broken:
            log.error("%s second factors cannot be used, the first: %s", len(broken), broken[0])

    def _broken(self, kept: str, user: str) -> SealBroken | None:
        try:
            self._sealing.unseal(kept, _whose(user))
        except SealBroken as error:
            return error
        return None

    async def offer(self, user: str) -> Offer:
        """A new secret for `user`, which counts when it is confirmed. Raises StoreError."""
        secret = random_base32()
        row = self._sealing.seal(secret, _whose(user)), user
        await self._store.write(lambda db: db.execute("UPDATE user SET totp_offered = ? WHERE name = ?", row))
        address = TOTP(secret).provisioning_uri(name=user, issuer_name=ISSUER)
        matrix = segno.make_qr(address).matrix
        return Offer(secret, address, ["".join(map(str, line)) for line in matrix])

    async def confirm(self, user: str, code: str, where: str) -> list[str] | None:
        """The offered secret counts, for `code` is right: returns new recovery codes; None: it is wrong.

        Raises SealBroken, StoreError.
        """
        rows = await self._store.read("SELECT totp_offered AS kept FROM user WHERE name = ?", (user,))
        kept = rows[0]["kept"] if rows else None
        step = None if kept is None else self._step(kept, code, user)
        if step is None:
            return None
        codes = [_recovery_code() for _ in range(RECOVERY_CODES)]
        entry = Entry("second-factor-set-up", user, f"user/{user}", where=where)

        def work(db: sqlite3.Connection) -> bool:
            if db.execute(_CONFIRM, (step, user, kept)).rowcount != 1:
                return False
            db.execute("DELETE FROM recovery_code WHERE user = ?", (user,))
            db.executemany("INSERT INTO recovery_code VALUES (?, ?)", [(user, _digest(one)) for one in codes])
            append(db, entry, self._clock.utc_us())
            return True

        return codes if await self._store.write(work) else None

    async def passes(self, account: Account, code: str) -> bool:
        """Whether `code` is right, and was not used before: neither a code nor a recovery code passes twice.

        Raises SealBroken, StoreError.
        """
        name = account.user.name
        if not re.fullmatch(r"\d{6}", code, re.ASCII):
            used = "DELETE FROM recovery_code WHERE user = ? AND digest = ?", (name, _digest(code))
        elif account.totp is not None and (step := self._step(account.totp, code, name)) is not None:
            used = "UPDATE user SET totp_step = ? WHERE name = ? AND totp_step < ?", (step, name, step)
        else:
            return False
        return await self._store.write(lambda db: db.execute(*used).rowcount == 1)

    def _step(self, kept: str, code: str, user: str) -> int | None:
        """The time step that `code` is of; None: it is wrong."""
        secret, now_s = self._sealing.unseal(kept, _whose(user)), self._clock.utc_us() // 1_000_000
        try:
            return TOTP(secret).verify_and_get_timecode(code, for_time=now_s, valid_window=WINDOW)
        except OTPVerificationError:
            return None


def _whose(user: str) -> str:
    return f"user/{user}"


def _seal_all(where: Where, sealing: Sealing) -> None:
    """Seal each secret in the clear, and leave no trace of it in the database's files."""
    try:
        db = connect(where)
        try:
            overwriting(db)
            if _seal_clear(db, sealing) and not isinstance(where, str):
                db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            db.close()
    except sqlite3.Error as error:
        raise StoreError(f"{where}: second factors cannot be sealed: {error}") from error


def _seal_clear(db: sqlite3.Connection, sealing: Sealing) -> int:
    """How many people's were in the clear."""
    with db:
        db.execute("BEGIN IMMEDIATE")
        held = [tuple(row) for row in db.execute(_KEPT)]
        clear = [row for row in held if any(kept and not is_sealed(kept) for kept in row[1:])]
        for user, *kept in clear:
            db.execute(_SEAL, (*(_sealed(one, user, sealing) for one in kept), user))
    return len(clear)


def _sealed(kept: str | None, user: str, sealing: Sealing) -> str | None:
    return kept if kept is None or is_sealed(kept) else sealing.seal(kept, _whose(user))


def _recovery_code() -> str:
    return "".join(secrets.choice(_RECOVERY_LETTERS) for _ in range(_RECOVERY_LENGTH))


def _digest(code: str) -> bytes:
    """People copy codes with spaces, hyphens and capitals."""
    return hashlib.sha256(re.sub(r"[\s-]", "", code).lower().encode()).digest()
