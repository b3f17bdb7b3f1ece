"""What plug-ins are to look at, kept over crashes: each thing at least once, and never for ever.

queue = await Queue.open(path, clock)
await queue.add("archive", 41, jobs)        # what is new, and how far the source is read: one transaction
job = await queue.next()                    # the oldest; None: nothing waits
await queue.done(job, found) / await queue.failed(job, "why") / await queue.again(job)
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from sqlite3 import Connection, Row
from typing import Any, Final

from controller.clock import SystemClock
from controller.store import Store

MOST_ATTEMPTS: Final = 2
"""A look that crashed or hung so often is not tried again."""
KEPT_DAYS: Final = 90
"""Findings; the reports in the archive stay as long as their studies do."""
_MARK: Final = "INSERT INTO mark VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value"
_ADD: Final = """INSERT INTO job (plugin, version, source, kind, subject, utc_us) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT DO NOTHING"""
_NEXT: Final = """UPDATE job SET state = 'running', attempts = attempts + 1
WHERE id = (SELECT id FROM job WHERE state = 'waiting' AND source NOT IN (SELECT value FROM json_each(?))
  ORDER BY id LIMIT 1) RETURNING *"""
_FOUND: Final = "INSERT INTO finding (job, patient, bed, at_us, told) VALUES (?, ?, ?, ?, ?)"
_OLD: Final = "DELETE FROM job WHERE utc_us < ? AND state IN ('done', 'failed')"
_INTERRUPTED: Final = """UPDATE job SET
  state = CASE WHEN attempts < ? THEN 'waiting' ELSE 'failed' END,
  message = 'the plug-ins'' process ended while it was looked at'
WHERE state = 'running'"""


@dataclass(frozen=True, slots=True)
class New:
    """Something to look at, for one plug-in."""

    plugin: str
    version: str
    kind: str
    subject: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Job:
    """Something that is looked at now."""

    id: int
    plugin: str
    version: str
    source: str
    kind: str
    subject: dict[str, Any]
    utc_us: int
    attempts: int


@dataclass(frozen=True, slots=True)
class Found:
    """A finding, of whom, where, and of when what was looked at is."""

    told: str
    """controller.imaging.plugins.model.Finding, JSON."""
    patient: str
    bed: str
    at_us: int
    """On the controller's time scale; 0: when it was looked at."""


class Queue:
    """See the module; made by `open`."""

    def __init__(self, store: Store, clock: SystemClock) -> None:
        self.store = store
        self._clock = clock

    @classmethod
    async def open(cls, path: Path, clock: SystemClock) -> "Queue":
        """What ran when the process ended waits again, if it may. Raises StoreError."""
        queue = cls(await Store.open(path, "controller.imaging.plugins"), clock)
        await queue.store.write(lambda db: db.execute(_INTERRUPTED, (MOST_ATTEMPTS,)))
        return queue

    async def close(self) -> None:
        """Let go of the database."""
        await self.store.close()

    async def mark(self, source: str) -> int | None:
        """How far `source` was read; None: never."""
        rows = await self.store.read("SELECT value FROM mark WHERE source = ?", (source,))
        return rows[0]["value"] if rows else None

    async def add(self, source: str, mark: int, new: Sequence[New]) -> None:
        """Remember `new`, and that `source` is read up to `mark`. What is known already stays as it is."""
        now_us = self._clock.utc_us()
        rows = [
            (one.plugin, one.version, source, one.kind, json.dumps(one.subject, sort_keys=True), now_us)
            for one in new
        ]

        def work(db: Connection) -> None:
            db.executemany(_ADD, rows)
            db.execute(_MARK, (source, mark))

        await self.store.write(work)

    async def next(self, without: Iterable[str] = ()) -> Job | None:
        """The oldest that waits, which is looked at from now on; none of the sources `without`."""
        silent = json.dumps(sorted(without))
        rows = await self.store.write(lambda db: db.execute(_NEXT, (silent,)).fetchall())
        return _job(rows[0]) if rows else None

    async def done(self, job: Job, found: Sequence[Found], message: str = "") -> None:
        """It was looked at: findings and end are one transaction."""
        now_us = self._clock.now_us()

        def work(db: Connection) -> None:
            db.executemany(
                _FOUND, [(job.id, one.patient, one.bed, one.at_us or now_us, one.told) for one in found]
            )
            db.execute("UPDATE job SET state = 'done', message = ? WHERE id = ?", (message, job.id))

        await self.store.write(work)

    async def failed(self, job: Job, message: str) -> bool:
        """It crashed or hung. Gives whether it is tried again."""
        again = job.attempts < MOST_ATTEMPTS
        change = "waiting" if again else "failed", message, job.id
        await self.store.write(
            lambda db: db.execute("UPDATE job SET state = ?, message = ? WHERE id = ?", change)
        )
        return again

    async def tidy(self) -> None:
        """Forget what was looked at more than KEPT_DAYS ago, with what was found."""
        before_us = self._clock.utc_us() - KEPT_DAYS * 86_400_000_000
        await self.store.write(lambda db: db.execute(_OLD, (before_us,)))

    async def again(self, job: Job) -> None:
        """It could not be looked at yet, which was not its fault."""
        change = "UPDATE job SET state = 'waiting', attempts = attempts - 1 WHERE id = ?"
        await self.store.write(lambda db: db.execute(change, (job.id,)))


def _job(row: Row) -> Job:
    names = ("id", "plugin", "version", "source", "kind", "utc_us", "attempts")
    return Job(**{name: row[name] for name in names}, subject=json.loads(row["subject"]))
