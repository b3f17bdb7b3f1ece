"""Pseudonyms and shifted dates: the same in all releases of one project, others in every other project.

    disguise = Disguise(project_key(master, "RP00000001", salt))
    disguise.person("4711")       # "p3f0c…", 16 hexadecimal digits
    disguise.days("4711")         # whole days, -365 to 365 and never 0

HMAC-SHA-256 (RFC 2104) by a key of the project, which is made of the key beside the database and of the
project's salt: neither alone tells anything. What was measured is not changed: whoever holds two releases
with the same rare curve can tell that it is the same curve.
"""

import hmac
import secrets
from pathlib import Path

from controller.errors import ConfigError
from controller.files import write_private

KEY_BYTES = 32
MOST_DAYS = 365
DIGITS = 16
OLDEST = 90
"""Years: nobody is told to be older (45 CFR 164.514(b)(2)(i)(C))."""


def master_key(path: Path, *, is_known: bool) -> bytes:
    """The key in the file, 64 hexadecimal digits; made when there is none, unless anybody has pseudonyms by
    it (`is_known`): others would be other people in the next release. Raises ConfigError."""
    if not path.exists() and not is_known:
        write_private(path, secrets.token_bytes(KEY_BYTES).hex() + "\n")
    try:
        key = bytes.fromhex(path.read_text(encoding="ascii"))
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path}: cannot be read ({error}): put it back from the backup") from error
    if len(key) != KEY_BYTES:
        raise ConfigError(f"{path}: expected {2 * KEY_BYTES} hexadecimal digits: put it back from the backup")
    return key


def project_key(master: bytes, number: str, salt: bytes) -> bytes:
    """The key of one project."""
    return hmac.digest(master, b"research/" + number.encode() + b"/" + salt, "sha256")


class Disguise:
    """Of one project."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def person(self, patient: str) -> str:
        """A patient's pseudonym."""
        return "p" + self._digest("person", patient).hex()[:DIGITS]

    def device(self, device: str) -> str:
        """A device's."""
        return "d" + self._digest("device", device).hex()[:DIGITS]

    def days(self, patient: str) -> int:
        """By how many whole days everything of this patient is moved: intervals stay as they are."""
        place = int.from_bytes(self._digest("days", patient)[:8]) % (2 * MOST_DAYS)
        return place - MOST_DAYS if place < MOST_DAYS else place - MOST_DAYS + 1

    def _digest(self, kind: str, name: str) -> bytes:
        return hmac.digest(self._key, f"{kind}/{name}".encode(), "sha256")


def age(birth_date: str | None, day: str) -> int | None:
    """Whole years on `day` (YYYY-MM-DD), at most OLDEST; of a birth date of which less is known, the most
    that it can be. None: it is not known, or not born yet."""
    if not birth_date:
        return None
    years = int(day[:4]) - int(birth_date[:4])
    born = birth_date[5:]
    had_birthday = day[5 : 5 + len(born)] >= born
    found = years if had_birthday else years - 1
    return None if found < 0 else min(found, OLDEST)


def band(years: int | None) -> str:
    """Ten years at once, for what is counted."""
    if years is None:
        return "unknown"
    return f"{OLDEST}+" if years >= OLDEST else f"{years // 10 * 10}-{years // 10 * 10 + 9}"
