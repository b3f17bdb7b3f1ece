"""Which commands were begun, so that each is done once, whatever ends the gateway when.

    done = DoneFile(data / "orders" / "done.json")
    interrupted = done.load()              # begun by an earlier start, and never told
    done.begin(command, utc_us)            # on the disk before anything is done
    done.told(command.id)                  # its result is in the journal

While there is room an id is kept for a week after its command expired: so far may the clock of this box go
back. Threads may use it at once: orders for robots are done beside each other.
"""

import json
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from devices.wire.orders import ID_BYTES, Command
from gateway.enrolment import files
from gateway.errors import IdentityError, OrderRefused

KEPT_AFTER_US = 7 * 86_400 * 1_000_000
MOST = 256
"""Commands that are remembered at once: one more is refused while none of them has expired."""


class Begun(NamedTuple):
    """A command that was begun."""

    name: str
    expires_us: int
    is_told: bool
    """Whether its result is in the journal."""


@dataclass(slots=True)
class DoneFile:
    """The file at `path`; each change of it is there whole or not at all."""

    path: Path
    _begun: dict[str, Begun] = field(default_factory=dict[str, Begun])
    _is_damaged: bool = False
    _changing: threading.Lock = field(default_factory=threading.Lock)

    def load(self) -> list[tuple[str, str]]:
        """(id, name) of the commands that were interrupted.

        A file that cannot be read stays, and until it is gone no command is done: it might be done twice.
        """
        try:
            held = files.read(self.path)
            self._begun = dict(_parsed(json.loads(b"{}" if held is None else held)))
        except (IdentityError, ValueError, TypeError):
            self._is_damaged = True
        return [(number, one.name) for number, one in self._begun.items() if not one.is_told]

    def __contains__(self, command: Command) -> bool:
        """Whether it was begun before."""
        return command.id.hex() in self._begun

    def begin(self, command: Command, utc_us: int | None) -> None:
        """`command` will be done now: from here on it is never begun again. Raises OrderRefused, OSError.

        What has expired at `utc_us` makes room for it; without a UTC nothing does.
        """
        if self._is_damaged:
            raise OrderRefused("memory", f"{self.path} cannot be read: move it away, and send it again")
        with self._changing:
            kept = sorted(self._begun.items(), key=lambda item: item[1].expires_us)
            while kept and utc_us is not None and _is_over(kept, utc_us):
                kept.pop(0)
            if len(kept) >= MOST:
                raise OrderRefused(
                    "too-many", f"{MOST} commands are remembered already: wait until they expire"
                )
            begun = Begun(command.name, command.expires_us, is_told=False)
            self._save({**dict(kept), command.id.hex(): begun})

    def told(self, number: str) -> None:
        """The result of the command `number`, its id in hexadecimal, is in the journal. Raises OSError."""
        with self._changing:
            if number in self._begun:
                self._save({**self._begun, number: self._begun[number]._replace(is_told=True)})

    def _save(self, begun: dict[str, Begun]) -> None:
        files.make_folder(self.path.parent)
        files.write_whole(self.path, json.dumps(begun).encode())
        self._begun = begun


def _is_over(kept: list[tuple[str, Begun]], utc_us: int) -> bool:
    """Whether the first of `kept` may be forgotten: it is long expired, or expired and there is no room."""
    expired_us = utc_us - kept[0][1].expires_us
    return expired_us >= KEPT_AFTER_US or (expired_us > 0 and len(kept) >= MOST)


def _parsed(held: Any) -> Iterable[tuple[str, Begun]]:
    for number, entry in held.items() if isinstance(held, dict) else [("", held)]:
        match entry:
            case [str(name), int(expires_us), bool(is_told)] if len(bytes.fromhex(number)) == ID_BYTES:
                yield number, Begun(name, expires_us, is_told)
            case _:
                raise ValueError(f"expected a command's id, name, expiry and state, got {entry!r:.60}")
