"""Second factor: codes that change every 30 s (TOTP, RFC 6238), and recovery codes for a lost phone.

offer = await factors.offer("anna")                    # shows secret and QR code; nothing is asked for yet
codes = await factors.confirm("anna", "492039")        # from now on a code is asked for; None: it was wrong
right = await factors.passes(account, "492039")        # at a login; the same code passes once
"""

import hashlib
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
from controller.security.users import Account
from controller.store import Store

ISSUER = "Wardlink"
WINDOW = 1
"""Steps of 30 s that a phone's clock may be off (RFC 6238, 5.2)."""
RECOVERY_CODES = 8
_RECOVERY_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
_RECOVERY_LENGTH = 12
"""59 bits: too many to try, whatever the throttle."""
_CONFIRM = """UPDATE user SET totp = totp_offered, totp_offered = NULL, totp_step = ?
WHERE name = ? AND totp_offered = ?"""


@dataclass(frozen=True, slots=True)
class Offer:
    """What a person's authenticator needs: `qr` is its address as a QR code, rows of 0 and 1 (1: dark)."""

    secret: str
    address: str
    qr: list[str]


class SecondFactors:
    """Sets up and checks second factors."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def offer(self, user: str) -> Offer:
        """A new secret for `user`, which counts when it is confirmed. Raises StoreError."""
        secret = random_base32()
        row = secret, user
        await self._store.write(lambda db: db.execute("UPDATE user SET totp_offered = ? WHERE name = ?", row))
        address = TOTP(secret).provisioning_uri(name=user, issuer_name=ISSUER)
        matrix = segno.make_qr(address).matrix
        return Offer(secret, address, ["".join(map(str, line)) for line in matrix])

    async def confirm(self, user: str, code: str, where: str) -> list[str] | None:
        """The offered secret counts, for `code` is right: returns new recovery codes; None: it is wrong.

        Raises StoreError.
        """
        rows = await self._store.read("SELECT totp_offered AS secret FROM user WHERE name = ?", (user,))
        secret = rows[0]["secret"] if rows else None
        step = None if secret is None else _step(secret, code, self._clock)
        if step is None:
            return None
        codes = [_recovery_code() for _ in range(RECOVERY_CODES)]
        entry = Entry("second-factor-set-up", user, f"user/{user}", where=where)

        def work(db: sqlite3.Connection) -> bool:
            if db.execute(_CONFIRM, (step, user, secret)).rowcount != 1:
                return False
            db.execute("DELETE FROM recovery_code WHERE user = ?", (user,))
            db.executemany("INSERT INTO recovery_code VALUES (?, ?)", [(user, _digest(one)) for one in codes])
            append(db, entry, self._clock.utc_us())
            return True

        return codes if await self._store.write(work) else None

    async def passes(self, account: Account, code: str) -> bool:
        """Whether `code` is right, and was not used before: neither a code nor a recovery code passes twice.

        Raises StoreError.
        """
        name = account.user.name
        if not re.fullmatch(r"\d{6}", code, re.ASCII):
            used = "DELETE FROM recovery_code WHERE user = ? AND digest = ?", (name, _digest(code))
        elif account.totp is not None and (step := _step(account.totp, code, self._clock)) is not None:
            used = "UPDATE user SET totp_step = ? WHERE name = ? AND totp_step < ?", (step, name, step)
        else:
            return False
        return await self._store.write(lambda db: db.execute(*used).rowcount == 1)


def _step(secret: str, code: str, clock: Clock) -> int | None:
    """The time step that `code` is of; None: it is wrong."""
    try:
        return TOTP(secret).verify_and_get_timecode(
            code, for_time=clock.utc_us() // 1_000_000, valid_window=WINDOW
        )
    except OTPVerificationError:
        return None


def _recovery_code() -> str:
    return "".join(secrets.choice(_RECOVERY_LETTERS) for _ in range(_RECOVERY_LENGTH))


def _digest(code: str) -> bytes:
    """People copy codes with spaces, hyphens and capitals."""
    return hashlib.sha256(re.sub(r"[\s-]", "", code).lower().encode()).digest()
