"""Notes of a visit: saved as they are typed, every version kept.

notes = Notes(books)
version = await notes.newest(visit)
version = await notes.write(Known(visit.number, version.version, sight), note, by)    # the next one
"""

import sqlite3
from collections.abc import Sequence
from dataclasses import replace

from pydantic import TypeAdapter

from controller.errors import Conflict, Outdated
from controller.identity.certificates import By
from controller.telemedicine.books import Books, held
from controller.telemedicine.model import Known, Visit
from controller.telemedicine.notes.model import Note, NoteVersion
from controller.telemedicine.states import VisitState

MOST = 200
"""Versions that are listed."""
_NOTE = TypeAdapter(Note)
_ALL = f"SELECT * FROM visit_note WHERE visit = ? ORDER BY version DESC LIMIT {MOST}"
_NEWEST = "SELECT * FROM visit_note WHERE visit = ? ORDER BY version DESC LIMIT 1"
_ADD = "INSERT INTO visit_note (visit, version, content, by, at_ms) VALUES (?, ?, ?, ?, ?)"
_NOT_WRITTEN = frozenset({VisitState.CANCELLED, VisitState.ENTERED_IN_ERROR})


class Notes:
    """Methods raise StoreError, too."""

    def __init__(self, books: Books) -> None:
        self._books = books

    async def newest(self, visit: Visit) -> NoteVersion:
        """As it stands; of version 0 nothing was written yet but what the visit is for."""
        return newest_of(await self._books.store.read(_NEWEST, (visit.id,)), visit)

    async def versions(self, visit: Visit) -> list[NoteVersion]:
        """The newest first, at most MOST."""
        return [_version(row) for row in await self._books.store.read(_ALL, (visit.id,))]

    async def write(self, known: Known, note: Note, by: By) -> NoteVersion:
        """The next version, over the one that is known; what says the same again is no new one.

        Raises NotFound; Outdated: somebody else wrote meanwhile; Conflict: nothing is written of it.
        """

        def work(db: sqlite3.Connection) -> NoteVersion:
            visit = held(db, known.number, known.sight, by.actor)
            before = newest(db, visit)
            if before.version != known.over:
                raise Outdated(
                    f"the notes are at version {before.version} by {before.by}, not {known.over}: look again"
                )
            if visit.state in _NOT_WRITTEN:
                raise Conflict(f"visit {visit.number} is {visit.state}: nothing is written of it")
            if before.version and before.note == note:
                return before
            made = NoteVersion(before.version + 1, note, by.actor, self._books.now_ms())
            db.execute(_ADD, (visit.id, made.version, _NOTE.dump_json(note).decode(), made.by, made.at_ms))
            self._books.note(db, "visit-note-written", visit, by, version=made.version)
            return made

        return await self._books.store.write(work)


def newest(db: sqlite3.Connection, visit: Visit) -> NoteVersion:
    """The same inside a transaction."""
    return newest_of(db.execute(_NEWEST, (visit.id,)).fetchall(), visit)


def newest_of(rows: Sequence[sqlite3.Row], visit: Visit) -> NoteVersion:
    """The version in the first row; without one, the beginning: what the visit is for."""
    return _version(rows[0]) if rows else NoteVersion(0, replace(Note(), reason=visit.plan.reason), "", 0)


def _version(row: sqlite3.Row) -> NoteVersion:
    return NoteVersion(row["version"], _NOTE.validate_json(row["content"]), row["by"], row["at_ms"])
