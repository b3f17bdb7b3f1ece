"""Wrapped private keys: what may be kept, and how."""

import sqlite3
from collections.abc import Iterable, Sequence

from controller.errors import BadRecord, BadSignature, NotFound
from controller.security.passkeys import MOST
from controller.signing.jws import decoded, encoded
from controller.signing.model import FEWEST_ITERATIONS, MOST_ITERATIONS, Unlock, Wrap

IV = 12
"""Bytes (NIST SP 800-38D, 8.2.1)."""
SALT = 32
SHORTEST, LONGEST = 67 + 16, 512
"""Bytes of a wrapped key: a P-256 key in PKCS #8 and the tag of AES-GCM are 154 as browsers write it."""
_OWN_PASSKEY = """SELECT 1 FROM passkey JOIN passkey_owner USING (handle)
WHERE passkey.id = ? AND passkey_owner.user = ?"""
_ADD = """INSERT INTO signing_wrap (serial, kind, credential, salt, iterations, iv, wrapped)
VALUES (?, ?, ?, ?, ?, ?, ?)"""


def check_wraps(wraps: Sequence[Wrap], unlocks: Iterable[Unlock]) -> None:
    """Raises BadRecord."""
    if not 0 < len(wraps) <= MOST + 1:
        raise BadRecord(f"expected 1 to {MOST + 1} ways to unlock the key, got {len(wraps)}")
    for one in wraps:
        if one.kind not in unlocks:
            ways = " or ".join(unlocks)
            raise BadRecord(
                f"expected a key that is unlocked by {ways}, got {one.kind}: [signing] unlock allows it"
            )
        is_passkey = one.kind is Unlock.PASSKEY
        if is_passkey != (one.credential is not None) or is_passkey != (one.iterations is None):
            raise BadRecord("expected a passkey's id, or the iterations of a passphrase, got both or neither")
        if one.iterations is not None and not FEWEST_ITERATIONS <= one.iterations <= MOST_ITERATIONS:
            raise BadRecord(f"expected {FEWEST_ITERATIONS} iterations or more, got {one.iterations}")
        _check_sizes(one)


def put_wraps(db: sqlite3.Connection, person: str, serial: str, wraps: Iterable[Wrap]) -> None:
    """These in the place of those there are, inside a transaction. Raises NotFound: another's passkey."""
    db.execute("DELETE FROM signing_wrap WHERE serial = ?", (serial,))
    for one in wraps:
        credential = None if one.credential is None else decoded(one.credential)
        if credential is not None and not db.execute(_OWN_PASSKEY, (credential, person)).fetchone():
            raise NotFound("this passkey is none of yours: add it to your account first")
        db.execute(_ADD, (serial, one.kind, credential, one.salt, one.iterations, one.iv, one.wrapped))


def wrap_in(row: sqlite3.Row) -> Wrap:
    """The wrap in a row of `signing_wrap`."""
    credential = row["credential"]
    named = None if credential is None else encoded(credential)
    return Wrap(Unlock(row["kind"]), named, row["salt"], row["iterations"], row["iv"], row["wrapped"])


def _check_sizes(one: Wrap) -> None:
    try:
        salt, iv, wrapped = (len(decoded(text)) for text in (one.salt, one.iv, one.wrapped))
        decoded(one.credential or "")
    except BadSignature as error:
        raise BadRecord(f"a wrapped key: {error}") from None
    if salt != SALT or iv != IV or not SHORTEST <= wrapped <= LONGEST:
        sizes = f"{SALT}, {IV} and {SHORTEST} to {LONGEST} bytes"
        raise BadRecord(f"expected salt, iv and wrapped key of {sizes}, got {salt}, {iv} and {wrapped}")
