"""Ways into the room of a conference here for people of partner sites, by what their own site vouches for.

made = await ways.give(partner, WayInAsked(number="MC00000001", name="li"), where)   # over mutual TLS
began = await ways.enter(made.token, where)          # from the browser: once, within a minute
                                                     # access.py says whose session that is
"""

import secrets
import sqlite3

from controller.audit.chain import append
from controller.audit.entry import DONE, REFUSED, Entry
from controller.conferences.books import asked_to
from controller.conferences.model import Person
from controller.conferences.room import OfConferences
from controller.conferences.sight import is_open
from controller.conferences.states import AnswerState, ConferenceState
from controller.errors import Conflict, ControllerError, NotFound
from controller.partners.access import digest
from controller.partners.book import PartnerBook, active
from controller.partners.messages import WayInAsked
from controller.partners.model import Partner

GOOD_MS = 60_000
"""A way in that is not used by then opens nothing."""
_ADD = """INSERT INTO partner_way_in (digest, partner, conference, name, display, made_ms)
VALUES (?, ?, ?, ?, ?, ?)"""
_UNUSED = """SELECT partner_way_in.*, partner.site, partner.name AS site_name FROM partner_way_in
JOIN partner ON partner.id = partner_way_in.partner
WHERE digest = ? AND used_ms IS NULL AND made_ms > ? AND partner.state = 'active'"""
_USE = "UPDATE partner_way_in SET used_ms = ?, session = ? WHERE digest = ?"


class WaysIn:
    """Methods raise StoreError, too."""

    def __init__(self, book: PartnerBook, rooms: OfConferences) -> None:
        self._book = book
        self._rooms = rooms

    async def give(self, partner: Partner, asked: WayInAsked, where: str) -> str:
        """A token for whom the partner vouches. Raises NotFound: not asked to it; Conflict: not accepted, or
        the room is not open, and the files are not, either."""
        token, person = secrets.token_urlsafe(32), Person(partner.site, asked.name)

        def work(db: sqlite3.Connection) -> ControllerError | None:
            try:
                display = self._display(db, person, asked.number)
            except (NotFound, Conflict) as error:
                self._note(db, "conference-way-in", (person, asked.number, where), REFUSED)
                return error
            row = digest(token), active(db, partner.site).id, asked.number, person.name, display
            db.execute(_ADD, (*row, self._book.utc_ms()))
            self._note(db, "conference-way-in", (person, asked.number, where))
            return None

        # What was refused is kept, hence it is raised after the transaction.
        if (error := await self._book.store.write(work)) is not None:
            raise error
        return token

    async def enter(self, token: str, where: str) -> str | None:
        """The token of a session; None: the way in is not, or no longer, good."""
        session = secrets.token_urlsafe(32)

        def work(db: sqlite3.Connection) -> bool:
            utc_ms = self._book.utc_ms()
            row = db.execute(_UNUSED, (digest(token), utc_ms - GOOD_MS)).fetchone()
            if row is None:
                return False
            db.execute(_USE, (utc_ms, digest(session), digest(token)))
            person = Person(row["site"], row["name"])
            self._note(db, "conference-entered", (person, row["conference"], where))
            return True

        return session if await self._book.store.write(work) else None

    def _display(self, db: sqlite3.Connection, person: Person, number: str) -> str:
        conference = asked_to(db, number, person.actor)
        member = conference.member(person.actor)
        if member is None or member.answer is not AnswerState.ACCEPTED:
            raise Conflict("expected somebody who has accepted: answer the invitation first")
        is_over = conference.state in (ConferenceState.FINISHED, ConferenceState.FULFILLED)
        # The room is shut then, and the files are not yet (sight.KEEP_MS).
        if not (is_over and is_open(conference, self._book.clock.now_us() // 1000)):
            self._rooms.check_open(db, number)
        return member.display

    def _note(
        self, db: sqlite3.Connection, action: str, who: tuple[Person, str, str], outcome: str = DONE
    ) -> None:
        """`who`: the person, the conference's number, the address."""
        entry = Entry(action, who[0].actor, f"conference/{who[1]}", outcome, where=who[2])
        append(db, entry, self._book.clock.utc_us())
