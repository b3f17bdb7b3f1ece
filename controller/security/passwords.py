"""Password hashes: Argon2id with the library's defaults, RFC 9106's low-memory recommendation.

A check takes tens of milliseconds and 64 MiB, so it runs in a thread and few run at a time.
"""

import asyncio
import secrets
from base64 import b64encode

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

AT_ONCE = 2
LONGEST = 1024
"""Characters of a password; a longer one is refused unread."""

_hasher = PasswordHasher()


def _of_nobody() -> str:
    """A hash that costs as much to check as any other, and that nobody knows a password of."""
    salt, digest = (
        b64encode(secrets.token_bytes(length)).rstrip(b"=").decode()
        for length in (_hasher.salt_len, _hasher.hash_len)
    )
    cost = f"m={_hasher.memory_cost},t={_hasher.time_cost},p={_hasher.parallelism}"
    return f"$argon2id$v=19${cost}${salt}${digest}"


_NOBODY = _of_nobody()


class Passwords:
    """Makes and checks hashes, AT_ONCE at a time."""

    def __init__(self) -> None:
        self._free = asyncio.Semaphore(AT_ONCE)

    async def hash(self, password: str) -> str:
        """A new hash in PHC string format."""
        async with self._free:
            return await asyncio.to_thread(_hasher.hash, password)

    async def matches(self, stored: str | None, password: str) -> bool:
        """Whether `password` made `stored`. With None, nobody's hash: it takes as long, and is False."""
        async with self._free:
            right = await asyncio.to_thread(_verified, stored or _NOBODY, password)
        return right and stored is not None


def _verified(stored: str, password: str) -> bool:
    try:
        return _hasher.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False
