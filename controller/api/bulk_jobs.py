"""Jobs of Bulk Data: what was asked for and what became of it, in the store: a restart goes on with them.

accepted ─▶ completed ─▶ expired        accepted, completed ─▶ cancelled        accepted ─▶ failed
"""

import json
import secrets
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from controller.audit.chain import append, append_all
from controller.audit.entry import DONE, FAILED, Entry
from controller.clock import Clock
from controller.errors import Conflict, NotFound
from controller.store import Store

LASTS_US = 24 * 3_600_000_000
"""Files can be fetched for so long after they are whole; why an export failed is told for so long."""
LARGEST_SLIP_MS = 500
"""A host's clock is steered by less."""
MOST_WAITING = 4
"""Jobs of one token that are not done."""


class JobState(StrEnum):
    """Of a job."""

    ACCEPTED = "accepted"
    """It waits or is under way."""
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


_S = JobState
JOB_STEPS: Mapping[JobState, frozenset[JobState]] = {
    _S.ACCEPTED: frozenset({_S.COMPLETED, _S.FAILED, _S.CANCELLED}),
    _S.COMPLETED: frozenset({_S.CANCELLED, _S.EXPIRED}),
    _S.FAILED: frozenset({_S.CANCELLED, _S.EXPIRED}),
    _S.CANCELLED: frozenset(),
    _S.EXPIRED: frozenset(),
}
"""Where a job may go, by where it is."""


class Asked(NamedTuple):
    """A kick-off request; `wards`: the token's, None: all."""

    actor: str
    address: str
    url: str
    level: str
    ward: str
    wards: frozenset[str] | None
    types: tuple[str, ...]
    since_us: int | None

    @property
    def whose(self) -> frozenset[str] | None:
        """The wards whose patients it has; None: all. Of a group its own, and never beyond the token's."""
        return frozenset({self.ward}) if self.level == "group" else self.wards


@dataclass(frozen=True, slots=True, order=True)
class Output:
    """A file that is whole: of one type, so many resources and bytes."""

    type: str
    file: str
    count: int
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Job:
    """One row."""

    id: str
    asked: Asked
    transaction_us: int
    state: JobState
    done: int
    patients: int
    output: tuple[Output, ...]
    why: str
    expires_us: int


_ADD = """INSERT INTO bulk_job (id, actor, address, url, level, ward, wards, types, since_us, transaction_us,
  state, expires_us) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'accepted', ?)"""
_LAST = "SELECT coalesce(max(transaction_us), 0) FROM bulk_job"
_WAITING = "SELECT count(*) FROM bulk_job WHERE actor = ? AND state = 'accepted'"
_SEEN = """INSERT INTO bulk_seen VALUES (?, ?, ?, ?) ON CONFLICT (type, id) DO UPDATE
SET digest = excluded.digest, since_us = excluded.since_us"""
_BEYOND = "SELECT * FROM bulk_job WHERE state IN ('completed', 'failed') AND expires_us <= ?"


class Jobs:
    """Methods raise StoreError, too."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self.store = store
        self.clock = clock

    async def begin(self, asked: Asked) -> Job:
        """Take a job. Raises Conflict: too many of this token wait."""
        number, now_us = secrets.token_hex(16), self.clock.utc_us()
        wards = None if asked.wards is None else json.dumps(sorted(asked.wards))
        told = (*asked[:5], wards, json.dumps(asked.types), asked.since_us)

        def work(db: sqlite3.Connection) -> None:
            (waiting,) = db.execute(_WAITING, (asked.actor,)).fetchone()
            if waiting >= MOST_WAITING:
                raise Conflict(f"{waiting} exports of this token are under way: wait, or delete one")
            # A host's clock may be set back, but what is asked for later must have the later time: `_since`
            # goes by it, and would miss what changed meanwhile.
            at_us = max(now_us, db.execute(_LAST).fetchone()[0] + 1)
            db.execute(_ADD, (number, *told, at_us, now_us + LASTS_US))
            detail = {"level": asked.level, "ward": asked.ward, "types": " ".join(asked.types)}
            append(db, _entry("bulk-export-asked", number, asked, detail), now_us)

        await self.store.write(work)
        return await self.find(number, asked.actor)

    async def find(self, number: str, actor: str) -> Job:
        """One's own that is neither cancelled nor expired. Raises NotFound."""
        query = "SELECT * FROM bulk_job WHERE id = ? AND actor = ? AND state NOT IN ('cancelled', 'expired')"
        for job in map(_job, await self.store.read(query, (number, actor))):
            if job.state is JobState.ACCEPTED or job.expires_us > self.clock.utc_us():
                return job
        raise NotFound(f"there is no export {number!r:.40} of this token: it may have expired")

    async def next(self) -> Job | None:
        """The oldest that is not done."""
        query = "SELECT * FROM bulk_job WHERE state = 'accepted' ORDER BY transaction_us, id LIMIT 1"
        rows = await self.store.read(query)
        return _job(rows[0]) if rows else None

    async def is_wanted(self, job: Job) -> bool:
        """Whether it still goes on: nobody cancelled it, and its token is neither revoked nor expired."""
        query = """SELECT 1 FROM bulk_job JOIN api_token ON 'token:' || api_token.name = bulk_job.actor
        WHERE bulk_job.id = ? AND state = 'accepted' AND revoked_utc_s IS NULL AND expires_utc_s > ?"""
        return bool(await self.store.read(query, (job.id, self.clock.utc_us() // 1_000_000)))

    async def to_utc_ms(self) -> int:
        """What the controller's time lacks to UTC: as ever, unless it is another by LARGEST_SLIP_MS."""
        lacking = (self.clock.utc_us() - self.clock.now_us()) // 1000
        before = (await self.store.read("SELECT value FROM meta WHERE key = 'bulk-to-utc-ms'"))[0]["value"]
        if abs(lacking - before) < LARGEST_SLIP_MS:
            return before
        query = "UPDATE meta SET value = ? WHERE key = 'bulk-to-utc-ms'"
        await self.store.write(lambda db: db.execute(query, (lacking,)))
        return lacking

    async def progress(self, job: Job, done: int, patients: int) -> None:
        """So many patients of so many are written."""
        query = "UPDATE bulk_job SET done = ?, patients = ? WHERE id = ?"
        await self.store.write(lambda db: db.execute(query, (done, patients, job.id)))

    async def seen(self, found: Iterable[tuple[str, str, bytes, int]]) -> None:
        """What resources are now: type, id, digest, since when."""
        await self.store.write(lambda db: db.executemany(_SEEN, found))

    async def complete(self, job: Job, output: Iterable[Output], patients: Iterable[str]) -> None:
        """Its files can be fetched from now on; whose data are in them is in the trail."""
        listed, now_us = list(output), self.clock.utc_us()

        def work(db: sqlite3.Connection) -> None:
            self._step(db, job, JobState.COMPLETED)
            told = json.dumps([asdict(one) for one in listed])
            done = "UPDATE bulk_job SET output = ?, expires_us = ? WHERE id = ?"
            db.execute(done, (told, now_us + LASTS_US, job.id))
            detail = {"resources": sum(one.count for one in listed), "files": len(listed)}
            detail |= {"bytes": sum(one.bytes for one in listed), "level": job.asked.level}
            of = sorted(set(patients))
            whose = [_entry("bulk-export", job.id, job.asked, {}, patient=one) for one in of]
            every = [_entry("bulk-export-completed", job.id, job.asked, detail), *whose]
            append_all(db, [(one, now_us) for one in every])

        await self.store.write(work)

    async def end(self, job: Job, state: JobState, why: str = "") -> None:
        """It failed, or nobody wants it any more."""
        now_us = self.clock.utc_us()

        def work(db: sqlite3.Connection) -> None:
            self._step(db, job, state)
            ended = "UPDATE bulk_job SET why = ?, output = '[]', expires_us = ? WHERE id = ?"
            db.execute(ended, (why, now_us + LASTS_US, job.id))
            outcome = FAILED if state is JobState.FAILED else DONE
            entry = _entry(f"bulk-export-{state}", job.id, job.asked, {}, outcome=outcome, why=why)
            append(db, entry, now_us)

        await self.store.write(work)

    async def beyond(self) -> list[Job]:
        """Those whose time is over."""
        rows = await self.store.read(_BEYOND, (self.clock.utc_us(),))
        return [_job(row) for row in rows]

    @staticmethod
    def _step(db: sqlite3.Connection, job: Job, to: JobState) -> None:
        (now,) = db.execute("SELECT state FROM bulk_job WHERE id = ?", (job.id,)).fetchone()
        if to not in JOB_STEPS[JobState(now)]:
            raise Conflict(f"export {job.id} is {now}, which cannot become {to}")
        db.execute("UPDATE bulk_job SET state = ? WHERE id = ?", (to, job.id))


def _entry(action: str, number: str, asked: Asked, detail: Mapping[str, str | int], **more: Any) -> Entry:
    return Entry(action, asked.actor, f"bulk/{number}", where=asked.address, detail=detail, **more)


def _job(row: sqlite3.Row) -> Job:
    wards = None if row["wards"] is None else frozenset(json.loads(row["wards"]))
    about = {name: row[name] for name in ("actor", "address", "url", "level", "ward", "since_us")}
    asked = Asked(**about, wards=wards, types=tuple(json.loads(row["types"])))
    output = tuple(Output(**one) for one in json.loads(row["output"]))
    rest = {name: row[name] for name in ("id", "transaction_us", "done", "patients", "why", "expires_us")}
    return Job(**rest, asked=asked, state=JobState(row["state"]), output=output)
