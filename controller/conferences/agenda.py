"""The agenda: which cases, in which order, who tells of each, and which is on now.

agenda = Agenda(books)
await agenda.add(known, Asked("4711", "Muster, Anna", "operate?", 10, "ben"), by)
await agenda.show("MC00000001", case, by)          # the chair: all pages follow
"""

import sqlite3
from collections.abc import Sequence

from controller.conferences import agenda_rows
from controller.conferences.books import Books, asked_to, case_in, changed, current, led
from controller.conferences.model import Asked, Case, Conference, Known
from controller.conferences.states import CASE_STEPS, OPEN, AnswerState, CaseState, ConferenceState
from controller.errors import Conflict, OrderError
from controller.identity.certificates import By
from controller.steps import check_step

_NOW_DONE = "UPDATE conference_case SET state = 'done' WHERE conference = ? AND state = 'now'"


class Agenda:
    """Methods raise StoreError, too; those that take a Known raise NotFound and Outdated."""

    def __init__(self, books: Books) -> None:
        self._books = books

    async def add(self, known: Known, asked: Asked, by: By) -> Conference:
        """One more, by anybody who takes part. Raises Conflict: it is over, or the patient is on it."""
        agenda_rows.check((asked,))

        def work(db: sqlite3.Connection) -> Conference:
            conference = _open(_taking_part(current(db, known, by), by))
            _check_presenter(conference, asked.presenter)
            agenda_rows.add(db, conference, (asked,))
            now = changed(db, conference, by, self._books.now_ms())
            self._note(db, "conference-case-added", now, now.cases[-1], by)
            return now

        return await self._books.store.write(work)

    async def change(self, known: Known, case: int, said: Asked, by: By) -> Conference:
        """What is asked, for how long, who tells of it; by who leads, asked for the conference, or tells of
        the case. Raises Conflict, OrderError."""
        agenda_rows.check_case(said.question, said.minutes)

        def work(db: sqlite3.Connection) -> Conference:
            conference = _open(current(db, known, by))
            found = case_in(conference, case)
            if found.presenter != by.actor:
                led(conference, by, by_requester=True)
            _check_presenter(conference, said.presenter)
            agenda_rows.change(db, case, said)
            now = changed(db, conference, by, self._books.now_ms())
            self._note(db, "conference-case-changed", now, found, by)
            return now

        return await self._books.store.write(work)

    async def arrange(self, known: Known, order: Sequence[int], by: By) -> Conference:
        """In this order. Raises Conflict."""

        def work(db: sqlite3.Connection) -> Conference:
            conference = _open(led(current(db, known, by), by, by_requester=True))
            agenda_rows.arrange(db, conference, order)
            now = changed(db, conference, by, self._books.now_ms())
            self._books.note(db, "conference-arranged", now, by, order=" ".join(map(str, order)))
            return now

        return await self._books.store.write(work)

    async def take_off(self, known: Known, case: int, by: By, *, off: bool) -> Conference:
        """Not to be spoken about, or after all. Raises Conflict: it was."""

        def work(db: sqlite3.Connection) -> Conference:
            conference = _open(led(current(db, known, by), by, by_requester=True))
            to = CaseState.OFF if off else CaseState.WAITING
            return self._step(db, conference, case_in(conference, case), to, by)

        return await self._books.store.write(work)

    async def show(self, number: str, case: int, by: By) -> Conference:
        """What is spoken about now, as the chair says; what was on before is done.

        Raises NotFound; Conflict: it has not begun, or who asks does not lead it.
        """

        def work(db: sqlite3.Connection) -> Conference:
            conference = led(asked_to(db, number, by.actor), by)
            if conference.state is not ConferenceState.IN_PROGRESS:
                raise Conflict(f"conference {number} is {conference.state}: begin it first")
            found = case_in(conference, case)
            if found.state is CaseState.NOW:
                return conference
            db.execute(_NOW_DONE, (conference.id,))
            return self._step(db, conference, found, CaseState.NOW, by)

        return await self._books.store.write(work)

    def _step(
        self, db: sqlite3.Connection, conference: Conference, case: Case, to: CaseState, by: By
    ) -> Conference:
        check_step(CASE_STEPS, case.state, to)
        agenda_rows.set_state(db, case.id, str(to))
        now = changed(db, conference, by, self._books.now_ms())
        self._note(db, f"conference-case-{to}", now, case, by)
        return now

    def _note(self, db: sqlite3.Connection, action: str, conference: Conference, case: Case, by: By) -> None:
        self._books.note(db, action, conference, by, patient=case.identifier, case=case.id)


def _taking_part(conference: Conference, by: By) -> Conference:
    member = conference.member(by.actor)
    if member is None or member.answer is not AnswerState.ACCEPTED:
        raise Conflict("expected somebody who takes part, you have not accepted: answer first")
    return conference


def _open(conference: Conference) -> Conference:
    if conference.state not in OPEN:
        raise Conflict(f"conference {conference.number} is {conference.state}: its agenda is closed")
    return conference


def _check_presenter(conference: Conference, actor: str) -> None:
    if actor and conference.member(actor) is None:
        raise OrderError(f"expected a presenter who was asked, got {actor!r:.80}: ask them first")
