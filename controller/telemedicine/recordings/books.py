"""Recordings and what belongs to them, by number: the rows, and nothing decided."""

import sqlite3
from dataclasses import dataclass

from controller.clock import Clock
from controller.errors import NotFound
from controller.store import Store
from controller.telemedicine.recordings.model import FIRST, Chunk, Recording, Run, Spoken
from controller.telemedicine.recordings.states import LIVE, RecordingState
from controller.telemedicine.rooms.meeting import Kind, letters

_LIVE = ", ".join(f"'{state}'" for state in sorted(LIVE))
_ONE = "SELECT * FROM recording WHERE number = ?"
_OF = "SELECT * FROM recording WHERE room = ? ORDER BY id"
_OPEN = f"SELECT * FROM recording WHERE state IN ({_LIVE}) ORDER BY id"
_SAID = "SELECT * FROM recording_said WHERE recording = ? ORDER BY id"
_RUNS = "SELECT * FROM recording_run WHERE recording = ? ORDER BY n"
_BEGAN = """SELECT DISTINCT number FROM recording JOIN recording_run ON recording_run.recording = recording.id
WHERE room = ?"""
_CHUNKS = "SELECT * FROM recording_chunk WHERE recording = ? ORDER BY n"
_LAST = "SELECT * FROM recording_chunk WHERE recording = ? ORDER BY n DESC LIMIT 1"
_USED = """SELECT ifnull(sum(bytes), 0) AS used FROM recording_chunk
JOIN recording ON recording.id = recording WHERE state <> 'erased'"""


@dataclass(frozen=True, slots=True)
class Books:
    """`kinds`: of meetings, by the letters of their numbers (rooms/meeting.py).

    Methods raise StoreError, too."""

    store: Store
    clock: Clock
    kinds: dict[str, Kind]

    def now_ms(self) -> int:
        """In the controller's time scale."""
        return self.clock.now_us() // 1000

    def kind(self, room: str) -> Kind:
        """Of which kind the meeting is."""
        return self.kinds[letters(room)]

    async def find(self, number: str, room: str) -> Recording:
        """One of that room. Raises NotFound."""
        rows = await self.store.read(_ONE, (number,))
        return _of_room(recording_of(rows[0]) if rows else None, number, room)

    async def of(self, room: str) -> list[Recording]:
        """Those of a room, the oldest first."""
        return [recording_of(row) for row in await self.store.read(_OF, (room,))]

    async def open(self) -> list[Recording]:
        """Those that have not stopped."""
        return [recording_of(row) for row in await self.store.read(_OPEN)]

    async def said(self, recording: Recording) -> list[Spoken]:
        """Everything that was said to it, the oldest first."""
        rows = await self.store.read(_SAID, (recording.id,))
        return [Spoken(**{name: row[name] for name in Spoken.__dataclass_fields__}) for row in rows]

    async def runs(self, recording: Recording) -> list[Run]:
        """The oldest first."""
        return [run_of(row) for row in await self.store.read(_RUNS, (recording.id,))]

    async def began(self, room: str) -> set[str]:
        """The numbers of those of a room that ever ran."""
        return {row["number"] for row in await self.store.read(_BEGAN, (room,))}

    async def chunks(self, recording: Recording) -> list[Chunk]:
        """In order."""
        return [chunk_of(row) for row in await self.store.read(_CHUNKS, (recording.id,))]

    async def used(self) -> int:
        """Bytes of all recordings that are not erased."""
        [row] = await self.store.read(_USED)
        return row["used"]


def held(db: sqlite3.Connection, number: str) -> Recording:
    """As it is, inside a transaction. Raises NotFound."""
    row = db.execute(_ONE, (number,)).fetchone()
    return _of_room(recording_of(row) if row else None, number, None)


def last(db: sqlite3.Connection, recording: int) -> tuple[int, bytes]:
    """The number and the hash of its last chunk."""
    row = db.execute(_LAST, (recording,)).fetchone()
    return (row["n"], row["digest"]) if row else (0, FIRST)


def recording_of(row: sqlite3.Row) -> Recording:
    """Of a row of `recording`."""
    kept = {name: row[name] for name in Recording.__dataclass_fields__}
    return Recording(**{**kept, "state": RecordingState(row["state"])})


def run_of(row: sqlite3.Row) -> Run:
    """Of a row of `recording_run`."""
    return Run(**{name: row[name] for name in Run.__dataclass_fields__})


def chunk_of(row: sqlite3.Row) -> Chunk:
    """Of a row of `recording_chunk`."""
    return Chunk(**{name: row[name] for name in Chunk.__dataclass_fields__})


def _of_room(found: Recording | None, number: str, room: str | None) -> Recording:
    if found is None or room not in (None, found.room):
        raise NotFound(f"there is no recording {number!r:.40} here: see those of the visit")
    return found
