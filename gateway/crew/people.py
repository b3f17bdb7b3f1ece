"""The people of a crew: names, and Argon2id hashes of their PINs.

people = People(data / "crew")
people.put("kim", "739105")        # by `wardlink gateway crew-add`: PinWeak for one that is guessed at once
people.load()                      # takes up what was changed meanwhile
await people.matches("kim", "739105")

A PIN is short: what keeps it from being guessed is the throttle, and that it opens only the page of one
vehicle, from that vehicle's network. The hash is for a stolen box: RFC 9106 with the parameters of OWASP's
Password Storage Cheat Sheet for little memory (19 MiB, 2 passes).
"""

import asyncio
import hashlib
import json
import logging
import re
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from gateway.enrolment import files
from gateway.errors import IdentityError, PinWeak

_PIN = re.compile(r"[0-9]{6,12}")
_PERSON = re.compile(r"[^\x00-\x1f\x7f]{1,100}")
_LEAST_DIGITS = 3
_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_NOBODY = "$argon2id$v=19$m=19456,t=2,p=1$4LnKPEQrPmi4Bixv+TVJdg$MVYEox8irswL/IYsdvBJv0Se7ztiSFwYKo7If/7Hfgo"
"""A hash of the same cost: a name that nobody has is asked for as long."""

log = logging.getLogger(__name__)


def check_pin(pin: str) -> None:
    """Raises PinWeak: it is too short, or among the first that anybody tries."""
    if not _PIN.fullmatch(pin):
        raise PinWeak("expected a PIN of 6 to 12 digits")
    steps = {(int(b) - int(a)) % 10 for a, b in pairwise(pin)}
    if len(steps) == 1 or len(set(pin)) < _LEAST_DIGITS:
        raise PinWeak("expected a PIN that is no row of digits and has 3 different ones: take another one")


@dataclass(slots=True)
class People:
    """Those in `folder`; any process may change them, one at a time."""

    folder: Path
    _hashes: dict[str, str] = field(default_factory=dict[str, str])
    _seen: tuple[int, int, int] | None = None
    _free: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(1))

    @property
    def path(self) -> Path:
        """The file."""
        return self.folder / "people.json"

    @property
    def names(self) -> list[str]:
        """All, in order."""
        return sorted(self._hashes)

    def mark(self, name: str) -> str | None:
        """What changes with the PIN of `name`; None: there is nobody of that name."""
        held = self._hashes.get(name)
        return None if held is None else hashlib.sha256(held.encode()).hexdigest()[:16]

    def load(self) -> None:
        """Read the file if it is another one than before. Nobody is let in by one that cannot be read."""
        found = self._stamp()
        if found == self._seen:
            return
        self._seen = found
        try:
            held = json.loads(files.read_private(self.path) or b"{}")
            self._hashes = {str(name): str(hashed) for name, hashed in held.items()}
        except (IdentityError, ValueError, AttributeError) as error:
            self._hashes = {}
            log.error("nobody can log in at the crew's page: %s: %s", self.path, error)

    def put(self, name: str, pin: str) -> None:
        """`name` has this PIN from now on; sessions of another one end. Raises PinWeak, OSError."""
        check_pin(pin)
        if not _PERSON.fullmatch(name) or name != name.strip():
            raise PinWeak("expected a name of 1 to 100 characters, without spaces around it")
        self.load()
        self._write({**self._hashes, name: _hasher.hash(pin)})

    def remove(self, name: str) -> bool:
        """Whether there was one; sessions end, too. Raises OSError."""
        self.load()
        was_there = name in self._hashes
        self._write({one: hashed for one, hashed in self._hashes.items() if one != name})
        return was_there

    async def matches(self, name: str, pin: str) -> bool:
        """Whether it is the PIN of `name`. Of a name that nobody has it is asked for as long."""
        async with self._free:
            return await asyncio.to_thread(self._matches, name, pin)

    def _matches(self, name: str, pin: str) -> bool:
        self.load()
        held = self._hashes.get(name)
        try:
            return _hasher.verify(held or _NOBODY, pin) and held is not None
        except (VerificationError, InvalidHashError):
            return False

    def _write(self, hashes: dict[str, str]) -> None:
        files.make_folder(self.folder)
        files.write_whole(self.path, json.dumps(hashes, ensure_ascii=False, indent=1).encode())
        self.load()

    def _stamp(self) -> tuple[int, int, int] | None:
        try:
            found = self.path.stat()
        except FileNotFoundError:
            return None
        return found.st_ino, found.st_mtime_ns, found.st_size
