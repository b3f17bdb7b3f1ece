"""What was last heard of each journal: its clock, and what its gateway said still waits."""

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass

from controller.ingest import LARGEST
from devices.wire.block import BlockClock
from devices.wire.messages import GatewayState

_SAVE = """INSERT INTO journal VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (journal) DO UPDATE SET
heard_ms = max(journal.heard_ms, excluded.heard_ms),
mono_us = max(journal.mono_us, excluded.mono_us),
utc_us = iif(excluded.mono_us >= journal.mono_us, excluded.utc_us, journal.utc_us),
sync = iif(excluded.mono_us >= journal.mono_us, excluded.sync, journal.sync),
error_us = iif(excluded.mono_us >= journal.mono_us, excluded.error_us, journal.error_us),
told_ms = ifnull(excluded.told_ms, journal.told_ms),
waiting = ifnull(excluded.waiting, journal.waiting),
oldest_us = ifnull(excluded.oldest_us, journal.oldest_us)"""


Said = tuple[bytes, int, tuple[int, ...]]
"""Boot, how its clock is set, blocks that wait by lane: if one of them changes, it is news."""


@dataclass(slots=True)
class Heard:
    """News of one journal in a batch: its newest `clock`; `told`: when and what the last live state was."""

    gateway: str
    at_ms: int
    clock: BlockClock
    told: tuple[int, GatewayState] | None = None
    is_only_told: bool = True
    """No block came."""

    @property
    def said(self) -> Said:
        """What a state said that does not change each second by itself."""
        return self.clock.boot, int(self.clock.sync), () if self.told is None else self.told[1].pending

    def and_then(self, clock: BlockClock, at_ms: int, told: GatewayState | None) -> None:
        """More arrived. A block that comes late has an older clock, which changes nothing."""
        self.at_ms = max(self.at_ms, at_ms)
        self.is_only_told &= told is not None
        if told is not None:
            self.told = at_ms, told
        if clock.mono_us >= self.clock.mono_us:
            self.clock = clock


def save_heard(db: sqlite3.Connection, heard: Mapping[bytes, Heard]) -> None:
    """Write the news, inside a transaction."""
    db.executemany(_SAVE, [_row(journal, news) for journal, news in heard.items()])


def _row(journal: bytes, news: Heard) -> tuple[bytes | str | int | None, ...]:
    clock = news.clock
    # An error that nobody can have is as good as none that fits.
    error_us = None if clock.error_us is None else min(clock.error_us, LARGEST)
    told: tuple[int | str | None, ...] = (None, None, None)
    if news.told is not None:
        told_ms, state = news.told
        told = told_ms, json.dumps(state.pending), json.dumps(state.oldest_us)
    written = clock.boot, clock.mono_us, clock.utc_us, int(clock.sync), error_us
    return journal, news.gateway, news.at_ms, *written, *told
