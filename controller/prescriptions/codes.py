"""Six digits by which somebody shows that what is handed over is theirs: only a salted hash is kept."""

import hashlib
import hmac
import secrets
from typing import NamedTuple

MOST_TRIES = 5
"""Wrong ones, until a new code has to be made."""


class Code(NamedTuple):
    """The digits, told once, and what is kept of them."""

    digits: str
    salt: bytes
    hash: bytes


def new_code() -> Code:
    """Drawn by chance."""
    digits, salt = f"{secrets.randbelow(10**6):06d}", secrets.token_bytes(16)
    return Code(digits, salt, _hash(digits, salt))


def is_code(said: str, salt: bytes, kept: bytes) -> bool:
    """Whether `said` is the code that was kept."""
    return hmac.compare_digest(_hash(said, salt), kept)


def _hash(digits: str, salt: bytes) -> bytes:
    """RFC 7914. Whoever has the database soon tries a million codes: this hinders only others."""
    return hashlib.scrypt(digits.encode(), salt=salt, n=2**12, r=8, p=1)
