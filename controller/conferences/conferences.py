"""Conferences: asked for, answered, moved, begun, ended, called off.

    conferences = Conferences(books)
    made = await conferences.request(Request(plan, members, cases), by)
    made = await conferences.answer(made.number, Answer(AnswerState.ACCEPTED), by)   # by.actor: who answers
    made = await conferences.step(Known(made.number, made.revision), ConferenceState.IN_PROGRESS, by)

It is agreed upon as soon as everybody has accepted who has to be there. Of a conference that somebody was not
asked to nobody learns that there is one. For people of partner sites the same: `by.actor` is Person.actor.
"""

import sqlite3
from collections.abc import Sequence
from dataclasses import replace

from controller.conferences import asking, invitations
from controller.conferences.books import Books, asked_to, changed, current, led
from controller.conferences.model import Answer, Conference, Known, Member, Request
from controller.conferences.notices import Kind, tell
from controller.conferences.states import (
    ANSWER_STEPS,
    CONFERENCE_STEPS,
    TO_COME,
    WITH_REASON,
    AnswerState,
    ConferenceState,
)
from controller.errors import Conflict, OrderError
from controller.identity.certificates import By
from controller.steps import check_step

_S = ConferenceState
_BY_PEOPLE = {
    _S.IN_PROGRESS: "conference-begun",
    _S.FINISHED: "conference-finished",
    _S.CANCELLED: "conference-cancelled",
    _S.ENTERED_IN_ERROR: "conference-was-error",
}
"""Steps that people make here, and how the trail calls them."""
_NOW_OVER = "UPDATE conference_case SET state = 'done' WHERE conference = ? AND state = 'now'"


class Conferences:
    """Methods raise StoreError, too; those that take a Known raise NotFound and Outdated."""

    def __init__(self, books: Books) -> None:
        self.books = books

    async def request(self, request: Request, by: By) -> Conference:
        """Ask for one. Who asks is asked, too, and has accepted. Raises OrderError: says what is missing."""
        asking.check(request, self.books.utc_ms())
        return await self.books.store.write(lambda db: self._request(db, request, by))

    async def answer(self, number: str, said: Answer, by: By) -> Conference:
        """What `by.actor` says. Raises NotFound; Conflict: it has begun or is over; OrderError."""
        return await self.books.store.write(lambda db: self.answer_in(db, number, said, by))

    def answer_in(self, db: sqlite3.Connection, number: str, said: Answer, by: By) -> Conference:
        """The same, in the caller's transaction."""
        conference = asked_to(db, number, by.actor)
        _check_to_come(conference)
        member = next(one for one in conference.members if one.person.actor == by.actor)
        check_step(ANSWER_STEPS, member.answer, said.state)
        asking.check_answer(said, self.books.utc_ms())
        invitations.put(db, conference, replace(member, **_said(said, self.books.now_ms())))
        now = self._settled(db, self._changed(db, conference, by), by)
        detail = {"answer": str(said.state), "proposed_ms": said.proposed_ms or 0}
        self.books.note(db, "conference-answered", now, replace(by, why=said.why), **detail)
        self._tell(
            db, now, "answered", _leaders(now) - {by.actor}, f"{member.display}: {said.state} {said.why}"
        )
        return now

    async def move(self, known: Known, start_ms: int, minutes: int, by: By) -> Conference:
        """To another time: everybody is asked again, but who moves it, and who proposed that time.

        Raises Conflict: it has begun or is over, or who asks neither leads it nor asked for it; OrderError.
        """

        def work(db: sqlite3.Connection) -> Conference:
            conference = led(current(db, known, by), by, by_requester=True)
            _check_to_come(conference)
            asking.check_time(start_ms, minutes, self.books.utc_ms())
            for one in conference.members:
                is_set = one.person.actor == by.actor or one.proposed_ms == start_ms
                state = AnswerState.ACCEPTED if is_set else AnswerState.NEEDS_ACTION
                told = {"why": "", "proposed_ms": None, "answered_ms": one.answered_ms if is_set else None}
                invitations.put(db, conference, replace(one, answer=state, **told))
            moved = self._changed(db, conference, by, start_ms=start_ms, minutes=minutes)
            self.books.note(db, "conference-moved", moved, by, start_ms=start_ms, minutes=minutes)
            self._tell(db, moved, "moved", _all(moved) - {by.actor})
            return self._settled(db, moved, by)

        return await self.books.store.write(work)

    async def invite(self, known: Known, members: Sequence[Member], by: By) -> Conference:
        """Ask more people, before it or while it goes on. Raises Conflict; OrderError."""

        def work(db: sqlite3.Connection) -> Conference:
            conference = led(current(db, known, by), by, by_requester=True)
            if conference.state not in {*TO_COME, _S.IN_PROGRESS}:
                raise Conflict(
                    f"conference {conference.number} is {conference.state}: nobody is asked any more"
                )
            if any(one.part == "chair" for one in members):
                raise OrderError("expected experts or presenters, got a second chair: there is one")
            invitations.add(db, conference, members)
            now = self._changed(db, conference, by)
            for one in members:
                self.books.note(db, "conference-invited", now, by, who=one.person.actor, part=one.part)
            self._tell(db, now, "asked", {one.person.actor for one in members})
            return self._settled(db, now, by)

        return await self.books.store.write(work)

    async def require(self, known: Known, actor: str, by: By, *, required: bool) -> Conference:
        """Whether somebody has to be there. Raises NotFound; Conflict: of the chair that is so."""

        def work(db: sqlite3.Connection) -> Conference:
            conference = led(current(db, known, by), by, by_requester=True)
            _check_to_come(conference)
            member = invitations.member_in(conference, actor)
            if member.part == "chair":
                raise Conflict("the chair has to be there: ask for a conference with another chair")
            invitations.put(db, conference, replace(member, required=required))
            now = self._settled(db, self._changed(db, conference, by), by)
            self.books.note(db, "conference-required", now, by, who=actor, required=int(required))
            return now

        return await self.books.store.write(work)

    async def step(self, known: Known, to: ConferenceState, by: By) -> Conference:
        """Begin it, end the talk, call it off. The chair does, and who asked for it may call it off.

        Raises Conflict, which says what is possible; OrderError: `by.why` says why.
        """
        if to not in _BY_PEOPLE:
            raise OrderError(f"expected one of {', '.join(_BY_PEOPLE)}, got {to}: it becomes so by itself")
        if to in WITH_REASON and not by.why.strip():
            raise OrderError(f"expected a reason for {to}, got none: say why")
        return await self.books.store.write(lambda db: self._step(db, current(db, known, by), to, by))

    def _request(self, db: sqlite3.Connection, request: Request, by: By) -> Conference:
        conference = asking.insert(db, request, by, self.books.now_ms())
        self.books.note(db, "conference-requested", conference, by, start_ms=request.plan.start_ms)
        for case in conference.cases:
            self.books.note(
                db, "conference-case-added", conference, by, patient=case.identifier, case=case.id
            )
        self._tell(db, conference, "asked", _all(conference) - {by.actor})
        return self._settled(db, conference, by)

    def _step(
        self, db: sqlite3.Connection, conference: Conference, to: ConferenceState, by: By
    ) -> Conference:
        led(conference, by, by_requester=to in WITH_REASON)
        check_step(CONFERENCE_STEPS, conference.state, to)
        now_ms = self.books.now_ms()
        times: dict[str, int | None] = {}
        if to is _S.IN_PROGRESS:
            began = conference.began_ms or now_ms, conference.began_utc_ms or self.books.utc_ms()
            times = {"began_ms": began[0], "began_utc_ms": began[1], "ended_ms": None}
        if to is _S.FINISHED:
            times = {"ended_ms": now_ms}
            db.execute(_NOW_OVER, (conference.id,))
        made = self._changed(db, conference, by, state=str(to), **times)
        self.books.note(db, _BY_PEOPLE[to], made, by)
        if to in WITH_REASON:
            self._tell(db, made, "cancelled", _all(made) - {by.actor}, by.why)
        elif to is _S.IN_PROGRESS:
            self._tell(db, made, "begun", _coming(made) - {by.actor})
        return made

    def _settled(self, db: sqlite3.Connection, conference: Conference, by: By) -> Conference:
        """Agreed upon or not, by the answers that there are now."""
        now = current(db, Known(conference.number, conference.revision), by)
        is_agreed = all(one.answer is AnswerState.ACCEPTED for one in now.members if one.required)
        to = _S.BOOKED if is_agreed else _S.PROPOSED
        if now.state not in TO_COME or now.state is to:
            return now
        made = self._changed(db, now, by, state=str(to))
        self.books.note(db, "conference-agreed" if is_agreed else "conference-open-again", made, by)
        self._tell(db, made, "agreed" if is_agreed else "open-again", _all(made) - {by.actor})
        return made

    def _changed(
        self, db: sqlite3.Connection, conference: Conference, by: By, **columns: str | int | None
    ) -> Conference:
        return changed(db, conference, by, self.books.now_ms(), **columns)

    def _tell(
        self, db: sqlite3.Connection, conference: Conference, kind: Kind, actors: set[str], detail: str = ""
    ) -> None:
        tell(db, self.books, conference, kind, actors, detail=detail)


def _said(said: Answer, now_ms: int) -> dict[str, AnswerState | str | int | None]:
    proposed_ms = said.proposed_ms if said.state is AnswerState.TENTATIVE else None
    return {"answer": said.state, "why": said.why, "proposed_ms": proposed_ms, "answered_ms": now_ms}


def _check_to_come(conference: Conference) -> None:
    if conference.state not in TO_COME:
        raise Conflict(
            f"conference {conference.number} is {conference.state}: only one that is to come changes"
        )


def _leaders(conference: Conference) -> set[str]:
    return {conference.requester, conference.chair.person.actor}


def _all(conference: Conference) -> set[str]:
    """But who has declined."""
    return {one.person.actor for one in conference.members if one.answer is not AnswerState.DECLINED}


def _coming(conference: Conference) -> set[str]:
    return {one.person.actor for one in conference.members if one.answer is AnswerState.ACCEPTED}
