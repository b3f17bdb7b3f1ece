"""Who may look into the file of a case: who has accepted, for as long as it is needed, with consent.

This is a sight of the chosen items alone. It gives none of the patient: no other route knows of it.
"""

import sqlite3

from controller.conferences.books import Books, asked_to, case_in
from controller.conferences.model import Case, Conference
from controller.conferences.sharing import Shared, check
from controller.conferences.states import OPEN, AnswerState, CaseState, ConferenceState
from controller.errors import Conflict

KEEP_MS = 7 * 24 * 3_600_000
"""So long after a conference was closed its files can be read; patients are told (telemedicine/words)."""


def knows(conference: Conference, actor: str) -> bool:
    """Whether somebody who was asked is told whose cases they are: who has accepted."""
    member = conference.member(actor)
    return member is not None and member.answer is AnswerState.ACCEPTED


def is_open(conference: Conference, now_ms: int) -> bool:
    """Whether its files can be read."""
    if conference.state in OPEN:
        return True
    is_recent = conference.closed_ms is not None and now_ms < conference.closed_ms + KEEP_MS
    return conference.state is ConferenceState.FULFILLED and is_recent


def check_look(
    db: sqlite3.Connection, books: Books, number: str, case: int, actor: str
) -> tuple[Conference, Case]:
    """The case, if `actor` may look into its file now. Raises NotFound; Conflict: says what is missing."""
    conference = asked_to(db, number, actor)
    if not knows(conference, actor):
        raise Conflict("expected somebody who takes part, you have not accepted: answer first")
    found, now_ms = case_in(conference, case), books.now_ms()
    if not is_open(conference, now_ms):
        raise Conflict(f"conference {number} is {conference.state}: its files are not shown any more")
    if found.state is CaseState.OFF:
        raise Conflict("the case was taken off the agenda: its file is closed")
    member = conference.member(actor)
    site = member.person.site if member else ""
    check(db, Shared(found.identifier, conference.entity, site), now_ms)
    return conference, found
