"""Takes a chunk of a recording: of its page, in order, sealed for its place, of a time when all had agreed.

    chunks = Chunks(recordings)
    heard = await chunks.take(recording, Sent(place, seat, box), by)     # the number of the last that is kept

Said again, it is taken once; the answer says where the page goes on.
"""

import asyncio
import sqlite3
from dataclasses import dataclass

from controller.errors import Conflict, Outdated
from controller.identity.certificates import By
from controller.telemedicine.recordings.model import Chunk, Recording, Run
from controller.telemedicine.recordings.seal import Place, digest, opened
from controller.telemedicine.recordings.service import Recordings
from controller.telemedicine.recordings.states import TAKES

LARGEST = 4 * 1024 * 1024
"""Bytes of a box."""
LONGEST_MS = 60_000
SLACK_MS = 2000
"""By so much a page may hear later than the controller knows that it has to pause: it has stopped then before
it shows, or hears, who came."""
_ADD = """INSERT INTO recording_chunk (recording, n, run, from_ms, to_ms, before, digest, bytes)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)"""


@dataclass(frozen=True, slots=True)
class Sent:
    """`seat`: of the page that sends it."""

    place: Place
    seat: int
    box: bytes


class Chunks:
    """Methods raise StoreError, too."""

    def __init__(self, recordings: Recordings) -> None:
        self._recordings = recordings
        self._books, self._vault = recordings.books, recordings.vault
        self._one = asyncio.Lock()

    async def take(self, recording: Recording, sent: Sent, by: By) -> int:
        """Raises Outdated: it is not the next one; Conflict: it must not be kept."""
        async with self._one:
            await self._recordings.flush()
            now = await self._books.find(recording.number, recording.room)
            known = await self._books.chunks(now)
            if sent.place.n <= len(known):
                return _repeated(known, sent)
            self._check_place(now, known, sent, by)
            self._check_time(_run(await self._books.runs(now), sent), known, sent.place)
            await self._recordings.check_quota(len(sent.box))
            await asyncio.to_thread(opened, self._vault.key(now), sent.place, sent.box)
            await asyncio.to_thread(self._vault.put, now.number, sent.place.n, sent.box)
            await self._books.store.write(lambda db: _add(db, now, sent))
        return sent.place.n

    def _check_place(self, now: Recording, known: list[Chunk], sent: Sent, by: By) -> None:
        if now.by != by.actor:
            raise Conflict(f"recording {now.number} is {now.by}'s: nobody else adds to it")
        if now.state not in TAKES:
            raise Conflict(f"recording {now.number} is {now.state}: nothing is added to it")
        if sent.place.n != len(known) + 1:
            raise Outdated(f"expected chunk {len(known) + 1}, got {sent.place.n}: send them in order")
        if known and sent.place.before != known[-1].digest:
            raise Conflict(f"chunk {sent.place.n} does not follow the one that is kept: begin another run")

    def _check_time(self, run: Run, known: list[Chunk], place: Place) -> None:
        ran_ms = (self._books.now_ms() if run.to_ms is None else run.to_ms) - run.from_ms
        begins = max((one.to_ms for one in known if one.run == run.n), default=0)
        if known and known[-1].run > run.n:
            raise Conflict(f"run {known[-1].run} has begun: nothing is added to run {run.n}")
        if not begins <= place.from_ms <= place.to_ms <= place.from_ms + LONGEST_MS:
            raise Conflict(
                f"expected a chunk from {begins} ms on, of at most {LONGEST_MS} ms: got another span"
            )
        if place.to_ms > ran_ms + SLACK_MS:
            raise Conflict("not everybody had agreed to be recorded at that time: this chunk is not kept")


def _repeated(known: list[Chunk], sent: Sent) -> int:
    if known[sent.place.n - 1].digest != digest(sent.box):
        raise Conflict(f"chunk {sent.place.n} is kept with another content: begin another run")
    return len(known)


def _run(runs: list[Run], sent: Sent) -> Run:
    for run in runs:
        if run.n == sent.place.run and run.seat == sent.seat:
            return run
    raise Conflict(f"seat {sent.seat} has no run {sent.place.run} of this recording: begin one")


def _add(db: sqlite3.Connection, recording: Recording, sent: Sent) -> None:
    place = sent.place
    row = place.run, place.from_ms, place.to_ms, place.before, digest(sent.box), len(sent.box)
    db.execute(_ADD, (recording.id, place.n, *row))
