"""Who is logged in at the crew's page. While an ambulance drives nobody is thrown out: a day, over restarts.

sessions = Sessions(data / "crew", people, clock, token)
sessions.load()
token = sessions.begin("kim")
sessions.find(token)                 # "kim", or None
sessions.save()                      # after each change, and every few minutes

Only the SHA-256 of a token is kept. A session ends with its person, and when they get another PIN.
"""

import hashlib
import json
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from devices.model.observation import Instant
from devices.wire.block import BlockClock
from gateway.clock import Clock
from gateway.crew.people import People
from gateway.enrolment import files
from gateway.errors import IdentityError

LASTS_MS = 24 * 3_600_000
MOST = 50
"""Of all people: the oldest go first."""
_MS = 1_000_000

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Session:
    """`ends` in this boot; `mark` is that of the person's PIN (`people.mark`)."""

    name: str
    mark: str
    ends: Instant


@dataclass(slots=True)
class Sessions:
    """Kept in `folder`; `token` gives a random one."""

    folder: Path
    people: People
    clock: Clock
    token: Callable[[], str]
    _held: dict[str, _Session] = field(default_factory=dict[str, _Session])

    @property
    def path(self) -> Path:
        """The file."""
        return self.folder / "sessions.json"

    def begin(self, name: str) -> str:
        """A new one of `name`, who was let in. Its token."""
        token, now = self.token(), self.clock.now()
        ends = Instant(now + LASTS_MS * _MS)
        self._held = {key: one for key, one in self._held.items() if one.ends > now}
        self._held[_hash(token)] = _Session(name, self.people.mark(name) or "", ends)
        self._held = dict([*self._held.items()][-MOST:])
        return token

    def find(self, token: str) -> str | None:
        """Whose session it is, now."""
        one = self._held.get(_hash(token))
        if one is None or one.ends <= self.clock.now() or one.mark != self.people.mark(one.name):
            return None
        return one.name

    def end(self, token: str) -> None:
        """Nobody is let in by it any more."""
        self._held.pop(_hash(token), None)

    def load(self) -> None:
        """Take up those of an earlier start, each with what is left of its day.

        In another boot of a box without a clock nobody knows for how long it was off: that does not count.
        """
        try:
            held = json.loads(files.read_private(self.path) or b'{"sessions": {}}')
            now, off_ms = self.clock.now(), _elapsed_ms(held, self.clock.block_clock())
            for key, one in held["sessions"].items():
                left_ms = int(one["left_ms"]) - off_ms
                self._held[key] = _Session(one["name"], one["mark"], Instant(now + left_ms * _MS))
        except (IdentityError, ValueError, KeyError, TypeError, AttributeError) as error:
            log.error("people have to log in again at the crew's page: %s: %s", self.path, error)

    def save(self) -> None:
        """Keep them for the next start. Raises OSError."""
        now, clock = self.clock.now(), self.clock.block_clock()
        kept = {
            key: {"name": one.name, "mark": one.mark, "left_ms": (one.ends - now) // _MS}
            for key, one in [*self._held.items()]
            if one.ends > now
        }
        at = {"boot": clock.boot.hex(), "mono_us": clock.mono_us, "utc_us": clock.utc_us}
        files.make_folder(self.folder)
        files.write_whole(self.path, json.dumps({**at, "sessions": kept}).encode())


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _elapsed_ms(held: dict[str, object], now: BlockClock) -> int:
    """How long ago it was kept."""
    then_us, utc_us = held.get("mono_us"), held.get("utc_us")
    if held.get("boot") == now.boot.hex() and isinstance(then_us, int):
        return max(0, now.mono_us - then_us) // 1000
    if now.utc_us is None or not isinstance(utc_us, int):
        return 0
    return max(0, now.utc_us - utc_us) // 1000
