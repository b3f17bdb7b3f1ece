"""The room of a conference: who may come, and when (telemedicine/rooms/meeting.py: a Kind)."""

import sqlite3

from controller.conferences.books import Books, held
from controller.conferences.states import ConferenceState
from controller.errors import Conflict
from controller.identity.certificates import By

LETTERS = "MC"
EARLY_MS = 15 * 60_000
"""The room of one that is agreed upon opens so long before its time."""


class OfConferences:
    """Conferences: "MC"."""

    most = 12

    def __init__(self, books: Books) -> None:
        self._books = books

    def check_open(self, db: sqlite3.Connection, number: str) -> None:
        """Raises NotFound, Conflict."""
        conference = held(db, number)
        if conference.state is ConferenceState.IN_PROGRESS:
            return
        is_soon = self._books.utc_ms() >= conference.plan.start_ms - EARLY_MS
        if conference.state is not ConferenceState.BOOKED or not is_soon:
            raise Conflict(f"conference {number} is {conference.state}: its room is not open")

    def note(self, db: sqlite3.Connection, action: str, number: str, by: By, **detail: str | int) -> None:
        """Raises NotFound."""
        self._books.note(db, f"conference-{action}", held(db, number), by, **detail)
