"""The code of an invitation: ten characters that nobody mistakes for others, hence 50 bits.

code = new_code()                    # "7KQ4M-2RX9T", told this once
kept = digest(code)                  # what is kept; of "7kq4m 2rx9t", too
"""

import hashlib
import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: without I, L, O, U."""
LENGTH = 10
_HALF = LENGTH // 2
_MISTAKEN = str.maketrans("ILO", "110", " -")
_SALT = b"wardlink: invitation of a patient"
"""The same for all: a code is looked up by its hash."""


def new_code() -> str:
    """Drawn by chance, in two halves."""
    drawn = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    return f"{drawn[:_HALF]}-{drawn[_HALF:]}"


def digest(said: str) -> bytes:
    """RFC 7914, of the code however it was typed. It takes about 20 ms, and 8 MiB."""
    plain = said.upper().translate(_MISTAKEN)
    return hashlib.scrypt(plain.encode(), salt=_SALT, n=2**13, r=8, p=1)
