"""What a conference that is asked for must have, and its first rows."""

import sqlite3
from collections.abc import Sequence
from dataclasses import replace

from controller.conferences import agenda_rows, invitations
from controller.conferences.books import held
from controller.conferences.model import Answer, Conference, Member, Request, person_of
from controller.conferences.states import AnswerState
from controller.errors import OrderError
from controller.identity.certificates import By

FEWEST_MINUTES, MOST_MINUTES = 5, 480
AHEAD_MS = 366 * 24 * 3_600_000
"""Nothing is agreed upon for later than in a year."""
LATE_MS = 5 * 60_000
"""A time may have passed so long ago when it is written down."""
_ADD = """INSERT INTO conference (id, number, title, start_ms, minutes, scribe, state, revision, requester,
  requested_ms, changed_by, changed_ms, closed_why)
VALUES (:id, :number, :title, :start_ms, :minutes, :scribe, 'proposed', 1, :by, :now_ms, :by, :now_ms, '')"""
_NEXT = "SELECT ifnull(max(id), 0) + 1 FROM conference"


def check(request: Request, utc_ms: int) -> None:
    """Raises OrderError."""
    if not request.plan.title.strip():
        raise OrderError("expected what the conference is about, got nothing: say it in a few words")
    if [one.part for one in request.members].count("chair") != 1:
        raise OrderError("expected one who leads it (chair), got none or several: choose one")
    agenda_rows.check(request.cases)
    check_time(request.plan.start_ms, request.plan.minutes, utc_ms)


def check_time(start_ms: int, minutes: int, utc_ms: int) -> None:
    """Raises OrderError."""
    if not FEWEST_MINUTES <= minutes <= MOST_MINUTES:
        raise OrderError(f"expected {FEWEST_MINUTES} to {MOST_MINUTES} minutes, got {minutes}")
    if not utc_ms - LATE_MS <= start_ms <= utc_ms + AHEAD_MS:
        raise OrderError("expected a time from now on and within a year, got another: look at the date")


def check_answer(said: Answer, utc_ms: int) -> None:
    """Raises OrderError: a time is missing, or a reason."""
    if said.state is AnswerState.NEEDS_ACTION:
        raise OrderError("expected accepted, declined or tentative, got needs-action: say one of them")
    if said.state is AnswerState.DECLINED and not said.why.strip():
        raise OrderError("expected why, got nothing: say it in a few words")
    if said.state is AnswerState.TENTATIVE:
        if said.proposed_ms is None:
            raise OrderError("expected the time that is proposed instead, got none: say when")
        check_time(said.proposed_ms, FEWEST_MINUTES, utc_ms)


def insert(db: sqlite3.Connection, request: Request, by: By, now_ms: int) -> Conference:
    """The rows of a request that was checked. Raises OrderError: somebody cannot be asked."""
    (number,) = db.execute(_NEXT).fetchone()
    plan, name = request.plan, f"MC{number:08d}"
    told = {"title": plan.title, "start_ms": plan.start_ms, "minutes": plan.minutes, "scribe": plan.scribe}
    db.execute(_ADD, {**told, "id": number, "number": name, "by": by.actor, "now_ms": now_ms})
    empty = held(db, name)
    invitations.add(db, empty, _with_requester(request.members, by, now_ms))
    agenda_rows.add(db, empty, request.cases)
    made = held(db, name)
    if plan.scribe and made.member(plan.scribe) is None:
        raise OrderError(f"expected a scribe who is asked, too, got {plan.scribe!r:.80}: ask them first")
    return made


def _with_requester(members: Sequence[Member], by: By, now_ms: int) -> list[Member]:
    """Who asks has accepted: as whom the request names them, or else as who presents."""
    who = person_of(by.actor)
    told = [replace(one, required=one.required or one.part == "chair") for one in members]
    if all(one.person != who for one in told):
        told.append(Member(who, who.name, "presenter", required=False))
    accepted = {"answer": AnswerState.ACCEPTED, "answered_ms": now_ms}
    return [
        replace(one, **accepted) if one.person == who else replace(one, answer=AnswerState.NEEDS_ACTION)
        for one in told
    ]
