"""Conferences that one site holds and people of another are asked to: told there, answered there.

    books.followers.append(invitations.follow)      # the host tells of every change, in its transaction
    mine = await invitations.of("li")               # at home: what this person is asked to, of all partners
    await invitations.answer("hospital-a", "MC00000001", Answer(AnswerState.ACCEPTED), by)

Whom a case is about is never told by these: it is seen in the host's room, by who came there.
"""

import hashlib
import json
import sqlite3
from dataclasses import dataclass
from typing import Any

import orjson

from controller.audit.chain import append
from controller.audit.entry import Entry
from controller.conferences.books import held as conference_held
from controller.conferences.conferences import Conferences
from controller.conferences.model import Answer, Conference, Member, Person
from controller.conferences.states import AnswerState, CaseState
from controller.errors import Conflict, NotFound
from controller.identity.certificates import By
from controller.partners.book import PartnerBook, active, partner_of
from controller.partners.messages import ConferenceAnswered, ConferenceTold
from controller.partners.model import Partner
from controller.partners.news import is_news
from controller.partners.notices import Kind, New, answered, tell
from controller.partners.outbox import Message, queue

_MOST_TITLE = 200
_CALLED_OFF = frozenset({"cancelled", "entered-in-error"})
_SELECT = """SELECT partner_invitation.*, partner.site, partner.name AS site_name FROM partner_invitation
JOIN partner ON partner.id = partner_invitation.partner"""
_OF = f"""{_SELECT} WHERE person = ? AND (partner.state <> 'ended'
  OR EXISTS (SELECT 1 FROM partner_conclusion_signed AS own
    WHERE own.partner = partner.id AND own.number = partner_invitation.number))
ORDER BY ifnull(CAST(told ->> '$.start_ms' AS INTEGER), 0) DESC LIMIT 200"""
_ONE = f"{_SELECT} WHERE partner.id = ? AND partner_invitation.number = ? AND person = ?"
_KNOWN = """SELECT partner.* FROM partner JOIN partner_invitation ON partner_invitation.partner = partner.id
WHERE site = ? AND number = ? AND person = ? ORDER BY partner.state = 'ended', partner.id DESC LIMIT 1"""
_ACTIVE = "SELECT * FROM partner WHERE site = ? AND state = 'active'"
_OPEN_OF = """SELECT DISTINCT number FROM conference
JOIN conference_member ON conference_member.conference = conference.id
WHERE site = ? AND state IN ('proposed', 'booked', 'in-progress', 'finished')"""
_LEARN = """INSERT INTO partner_invitation (partner, number, person, told, answer, why, revision, told_ms)
VALUES (:partner, :number, :person, :told, 'needs-action', '', 1, :utc_ms)
ON CONFLICT (partner, number, person) DO UPDATE
SET told = excluded.told, told_ms = excluded.told_ms, revision = partner_invitation.revision + 1"""
_ANSWER = """UPDATE partner_invitation SET answer = ?, why = ?, proposed_ms = ?, revision = revision + 1
WHERE id = ?"""


@dataclass(frozen=True, slots=True)
class Invitation:
    """A conference of a partner's, for one person here."""

    id: int
    site: str
    site_name: str
    number: str
    person: str
    told: dict[str, Any]
    """ConferenceTold, with the members of this site."""
    answer: str
    """What this person said last; how it stands there is in `told`."""
    why: str
    proposed_ms: int | None
    revision: int
    told_ms: int


class Invitations:
    """Of both sides: a site is host of some, and guest of others. Methods raise StoreError, too."""

    def __init__(self, book: PartnerBook, conferences: Conferences) -> None:
        self._book = book
        self._conferences = conferences

    def follow(self, db: sqlite3.Connection, action: str, conference: Conference, by: By) -> None:
        """As host: tell each partner whose people are asked how it stands, if they do not know. See
        conferences.books.Follower. Who is no partner now is told by `catch_up` if it is one again."""
        now = conference_held(db, conference.number)
        for site in sorted({one.person.site for one in now.members if one.person.site}):
            row = db.execute(_ACTIVE, (site,)).fetchone()
            if row is not None:
                self._tell(db, partner_of(row), now)

    async def catch_up(self, partner: Partner) -> None:
        """As host: tell a partner of all that is open and that it was not told."""

        def work(db: sqlite3.Connection) -> None:
            for (number,) in db.execute(_OPEN_OF, (partner.site,)).fetchall():
                self._tell(db, partner, conference_held(db, number))

        await self._book.store.write(work)

    def _tell(self, db: sqlite3.Connection, partner: Partner, conference: Conference) -> None:
        told = _told(conference, partner.site)
        if is_news(db, partner, conference.entity, hashlib.sha256(orjson.dumps(told)).digest()):
            queue(db, partner, Message("conference", "conference", told), self._book.utc_ms())

    def learn(self, db: sqlite3.Connection, partner: Partner, told: ConferenceTold) -> None:
        """As guest: how it stands with the host."""
        utc_ms = self._book.utc_ms()
        for one in told.members:
            row = {"partner": partner.id, "number": told.number, "person": one.name, "utc_ms": utc_ms}
            before = db.execute(_ONE, (partner.id, told.number, one.name)).fetchone()
            db.execute(_LEARN, {**row, "told": told.model_dump_json()})
            if kind := _news(json.loads(before["told"]) if before else None, told):
                tell(db, partner, New(one.name, kind, told.number, told.title), utc_ms)
        entity = f"{partner.entity}/{told.number}"
        append(db, Entry("conference-told", partner.actor, entity), self._book.clock.utc_us())

    async def of(self, person: str) -> list[Invitation]:
        """As guest: what this person is asked to, the latest first."""
        return [_invitation(row) for row in await self._book.store.read(_OF, (person,))]

    async def answer(self, site: str, number: str, said: Answer, by: By) -> Invitation:
        """As guest: what `by.actor` says. Raises NotFound, Conflict."""
        if said.state is AnswerState.TENTATIVE and said.proposed_ms is None:
            raise Conflict("expected the time that is proposed instead, got none: say when")
        if said.state is AnswerState.DECLINED and not said.why.strip():
            raise Conflict("expected why, got nothing: say it in a few words")

        def work(db: sqlite3.Connection) -> Invitation:
            partner = active(db, site)
            held = _one(db, partner, number, by.actor)
            db.execute(_ANSWER, (said.state, said.why, said.proposed_ms, held.id))
            answered(db, partner, by.actor, number, self._book.utc_ms())
            told = {"number": number, "name": by.actor, "answer": str(said.state), "why": said.why}
            body = {**told, "proposed_ms": said.proposed_ms}
            queue(db, partner, Message("conference", "conference-answered", body), self._book.utc_ms())
            detail = {"answer": str(said.state)}
            entry = Entry(
                "conference-answered", by.actor, f"{partner.entity}/{number}", where=by.where, detail=detail
            )
            append(db, entry, self._book.clock.utc_us())
            return _one(db, partner, number, by.actor)

        return await self._book.store.write(work)

    def answered(self, db: sqlite3.Connection, partner: Partner, told: ConferenceAnswered) -> None:
        """As host: what somebody of the partner says."""
        said = Answer(AnswerState(told.answer), told.why, told.proposed_ms)
        by = By(Person(partner.site, told.name).actor)
        self._conferences.answer_in(db, told.number, said, by)

    async def find(self, site: str, number: str, person: str) -> tuple[Partner, Invitation]:
        """As guest: one of those of this person. Raises NotFound, Conflict."""

        def work(db: sqlite3.Connection) -> tuple[Partner, Invitation]:
            partner = active(db, site)
            return partner, _one(db, partner, number, person)

        return await self._book.store.write(work)

    async def known(self, site: str, number: str, person: str) -> Partner:
        """As guest: the partner of one of those, whether it is one now or was. Raises NotFound."""

        found = await self._book.store.read(_KNOWN, (site, number, person))
        if not found:
            raise NotFound(f"{site} asks you to no conference {number!r:.40}: look at the list")
        return partner_of(found[0])

    async def note(self, entry: Entry) -> None:
        """A line of the trail by itself."""
        await self._book.store.write(lambda db: append(db, entry, self._book.clock.utc_us()))


def _told(conference: Conference, site: str) -> dict[str, Any]:
    plan, asked = conference.plan, conference.member(conference.requester)
    theirs = [one for one in conference.members if one.person.site == site]
    return {
        **{"number": conference.number, "title": plan.title[:_MOST_TITLE], "start_ms": plan.start_ms},
        **{"minutes": plan.minutes, "state": str(conference.state)},
        "asked_by": (asked.display if asked else conference.requester)[:120],
        "members": [_member(one) for one in theirs],
        "others": [one.display[:120] for one in conference.members if one.person.site != site],
        "cases": [
            {"place": one.place, "question": one.question[:2000], "minutes": one.minutes}
            for one in conference.cases
            if one.state is not CaseState.OFF
        ],
    }


def _news(before: dict[str, Any] | None, told: ConferenceTold) -> Kind | None:
    """What somebody who is asked has to know of how it stands now; None: nothing."""
    if told.state in _CALLED_OFF:
        return "called-off" if before and before["state"] not in _CALLED_OFF else None
    if before is None:
        return "asked"
    if before["start_ms"] != told.start_ms:
        return "moved"
    return "begun" if told.state == "in-progress" != before["state"] else None


def _member(one: Member) -> dict[str, Any]:
    return {"name": one.person.name, "part": one.part, "required": one.required, "answer": str(one.answer)}


def _one(db: sqlite3.Connection, partner: Partner, number: str, person: str) -> Invitation:
    row = db.execute(_ONE, (partner.id, number, person)).fetchone()
    if row is None:
        raise NotFound(f"{partner.name} asks you to no conference {number!r:.40}: look at the list")
    return _invitation(row)


def _invitation(row: sqlite3.Row) -> Invitation:
    told = {name: row[name] for name in Invitation.__dataclass_fields__}
    return Invitation(**{**told, "told": json.loads(row["told"])})
