"""What a conference at one site concluded, told to the sites whose experts took part, who sign at home.

    books.followers.append(conclusions.follow)          # the host tells, while the patient's consent holds
    found = await conclusions.of("hospital-a", "MC00000001", "li")                     # at home
    await conclusions.sign(Signing("hospital-a", "MC00000001", 3, 1), jws, check, by)  # with one's own key

What comes is checked with the host's root: each signature of its people over the very document.
"""

import hashlib
import json
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import orjson
from cryptography import x509

from controller.audit.chain import append
from controller.audit.entry import Entry
from controller.conferences.books import held as conference_held
from controller.conferences.conclusions import Conclusions, Elsewhere, Over, Stance
from controller.conferences.document import differing_from
from controller.conferences.model import Conference, Person
from controller.conferences.sharing import LASTS_MS, Shared, SharingConsent, last
from controller.conferences.standing import Standing, Vote, standing
from controller.errors import BadBundle, BadSignature, Conflict, NotFound
from controller.identity.certificates import By
from controller.partners.book import PartnerBook, active, partner_of
from controller.partners.invitations import Invitations
from controller.partners.messages import ConclusionHidden, ConclusionSigned, ConclusionTold, VoteTold
from controller.partners.model import Partner
from controller.partners.news import is_news, was_told
from controller.partners.notices import New, signed, tell
from controller.partners.outbox import Message, queue, withhold
from controller.partners.own_signed import OwnSigned, keep, signed_of
from controller.partners.states import PartnerState
from controller.signing.canonical import canonical
from controller.signing.model import Signed
from controller.signing.verify import verify

Json = dict[str, Any]
Check = Callable[[sqlite3.Connection, str, Mapping[str, Any], str], Signed]
"""Signatures.check: `by.actor`, the document, the JWS."""
_ACTIVE = "SELECT * FROM partner WHERE site = ? AND state = 'active'"
_RECENT = """SELECT DISTINCT conference.number FROM conference
JOIN conference_member ON conference_member.conference = conference.id
JOIN conference_conclusion ON conference_case IN
  (SELECT id FROM conference_case WHERE conference_case.conference = conference.id)
WHERE site = ? AND state IN ('in-progress', 'finished', 'fulfilled') AND ifnull(closed_ms, ?) >= ?"""
_LEARN = """INSERT INTO partner_conclusion (partner, number, conference_case, told, until_ms, told_ms)
VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (partner, number, conference_case) DO UPDATE
SET told = excluded.told, until_ms = excluded.until_ms, told_ms = excluded.told_ms, hidden_ms = NULL"""
_HIDE = """UPDATE partner_conclusion SET hidden_ms = ?
WHERE partner = ? AND number = ? AND conference_case = ? AND hidden_ms IS NULL"""
_OF = "SELECT * FROM partner_conclusion WHERE partner = ? AND number = ? ORDER BY conference_case"
AGREES = Stance("agrees")
_HIDDEN = hashlib.sha256(b"hidden").digest()


@dataclass(frozen=True, slots=True)
class Signing:
    """Which conclusion, as who signs it knows it."""

    site: str
    number: str
    case: int
    version: int
    stance: Stance = AGREES


@dataclass(frozen=True, slots=True)
class CopiedConclusion:
    """A conclusion of a partner's. `told`: ConclusionTold; None: the consent or the partnership has ended."""

    case: int
    told: dict[str, Any] | None
    told_ms: int
    signed: tuple[OwnSigned, ...] = ()
    """What people of this site signed of it, whichever version: our own record."""


class PartnerConclusions:
    """Of both sides. Methods raise StoreError, too."""

    def __init__(self, book: PartnerBook, conclusions: Conclusions, invitations: Invitations) -> None:
        self._book = book
        self._conclusions = conclusions
        self._invitations = invitations

    def follow(self, db: sqlite3.Connection, action: str, conference: Conference, by: By) -> None:
        """As host. See conferences.books.Follower."""
        now = conference_held(db, conference.number)
        for site in sorted({one.person.site for one in now.members if one.person.site}):
            row = db.execute(_ACTIVE, (site,)).fetchone()
            if row is not None:
                self._tell(db, partner_of(row), now)

    async def catch_up(self, partner: Partner) -> None:
        """As host: what was not told, and what may not be shown any more."""

        def work(db: sqlite3.Connection) -> None:
            since_ms = self._now_ms() - LASTS_MS
            for (number,) in db.execute(_RECENT, (partner.site, since_ms, since_ms)).fetchall():
                self._tell(db, partner, conference_held(db, number))

        await self._book.store.write(work)

    def learn(self, db: sqlite3.Connection, partner: Partner, told: ConclusionTold) -> None:
        """As guest. Raises BadBundle: a signature does not hold."""
        own = f"site:{self._book.own.site}/"
        for vote in told.votes:
            self._check(partner, told, vote)
            if vote.actor.startswith(own):  # after a restore from a backup it may be new to us
                said = vote.actor.removeprefix(own), Stance(vote.stand, vote.words), vote.file
                self._keep(db, partner, told.model_dump(), said)
        row = partner.id, told.number, told.case, told.model_dump_json(), told.until_ms, self._book.utc_ms()
        db.execute(_LEARN, row)
        for person in told.missing:
            tell(db, partner, New(person, "to-sign", told.number, str(told.case)), self._book.utc_ms())
        self._note(db, "conclusion-received", (partner, told.number), f"{partner.site}:{told.patient}")

    def hide(self, db: sqlite3.Connection, partner: Partner, told: ConclusionHidden) -> None:
        """As guest: the consent has ended."""
        if db.execute(_HIDE, (self._book.utc_ms(), partner.id, told.number, told.case)).rowcount:
            self._note(db, "conclusion-copy-hidden", (partner, told.number), None)

    async def of(self, site: str, number: str, person: str) -> list[CopiedConclusion]:
        """As guest: those of a conference that this person was asked to. Raises NotFound."""
        partner = await self._invitations.known(site, number, person)
        rows = await self._book.store.read(_OF, (partner.id, number))
        own = await signed_of(self._book.store, partner, number)
        copies = [self._copy(row, is_partner=partner.state is not PartnerState.ENDED) for row in rows]
        return [replace(one, signed=tuple(each for each in own if each.case == one.case)) for one in copies]

    async def to_sign(self, signing: Signing, by: By) -> dict[str, Any]:
        """As guest: the document that `by.actor` signs to say so. Raises NotFound, Conflict."""
        await self._invitations.find(signing.site, signing.number, by.actor)

        def work(db: sqlite3.Connection) -> dict[str, Any]:
            told = self._to_sign(db, active(db, signing.site), signing, by.actor)
            return self._document(told, signing.stance, by.actor)

        return await self._book.store.write(work)

    async def sign(self, signing: Signing, jws: str, check: Check, by: By) -> None:
        """As guest: `by.actor` does say so. Raises NotFound, Conflict, BadSignature, AuthorityError."""
        await self._invitations.find(signing.site, signing.number, by.actor)

        def work(db: sqlite3.Connection) -> None:
            partner = active(db, signing.site)
            told = self._to_sign(db, partner, signing, by.actor)
            made = check(db, by.actor, self._document(told, signing.stance, by.actor), jws)
            what = {"number": signing.number, "case": signing.case, "version": signing.version}
            body = {**what, "name": by.actor, "file": made.file().decode(), **_said(signing.stance)}
            queue(db, partner, Message("conference", "conclusion-signed", body), self._book.utc_ms())
            self._keep(db, partner, told, (by.actor, signing.stance, body["file"]))
            signed(db, partner, by.actor, (signing.number, signing.case), self._book.utc_ms())
            whose = f"{partner.site}:{told['patient']}"
            entity = f"{partner.entity}/{signing.number}"
            entry = Entry("conclusion-signed", by.actor, entity, patient=whose, where=by.where)
            append(db, entry, self._book.clock.utc_us())

        await self._book.store.write(work)

    def signed(self, db: sqlite3.Connection, partner: Partner, told: ConclusionSigned) -> None:
        """As host: an expert of the partner agrees, or differs."""
        by = By(Person(partner.site, told.name).actor)
        over = Over(told.number, told.case, told.version)
        elsewhere = Elsewhere(told.file.encode(), [x509.load_der_x509_certificate(partner.root)])
        try:
            self._conclusions.take_signed_in(db, over, Stance(told.stand, told.words), elsewhere, by)
        except BadSignature as error:
            raise BadBundle(f"the signature does not hold: {error}") from None

    def _tell(self, db: sqlite3.Connection, partner: Partner, conference: Conference) -> None:
        for one in standing(db, conference):
            if one.concluded is None:
                continue
            what, whose = f"conclusion/{conference.number}/{one.case.id}", one.case.identifier
            consent = last(db, Shared(whose, conference.entity, partner.site))
            rests_on = f"sharing/{conference.number}/{whose}"
            if consent is not None and consent.holds(partner.site, self._now_ms()):
                self._queue(db, partner, (what, rests_on), self._told(conference, one, consent, partner.site))
            elif was_told(db, partner, what) and is_news(db, partner, what, _HIDDEN):
                withhold(db, rests_on, "the consent ended before it left")
                body = {"number": conference.number, "case": one.case.id}
                queue(db, partner, Message("conference", "conclusion-hidden", body), self._book.utc_ms())

    def _queue(
        self, db: sqlite3.Connection, partner: Partner, about: tuple[str, str], told: dict[str, Any]
    ) -> None:
        what, rests_on = about
        compared = {**told, "until_ms": 0}  # the two clocks differ by a millisecond now and then
        if is_news(db, partner, what, hashlib.sha256(orjson.dumps(compared)).digest()):
            message = Message("conference", "conclusion", told, rests_on, told["until_ms"])
            queue(db, partner, message, self._book.utc_ms())

    def _told(
        self, conference: Conference, one: Standing, consent: SharingConsent, site: str
    ) -> dict[str, Any]:
        missing = [conference.member(actor) for actor in one.missing]
        theirs = [each.person.name for each in missing if each is not None and each.person.site == site]
        return {
            **{"number": conference.number, "case": one.case.id, "patient": one.case.identifier},
            "version": one.concluded.version if one.concluded else 0,
            "document": json.loads(one.document),
            "votes": [_vote(vote) for vote in one.votes],
            "missing": theirs,
            "until_ms": consent.until_ms + self._book.utc_ms() - self._now_ms(),
        }

    def _check(self, partner: Partner, told: ConclusionTold, vote: VoteTold) -> None:
        """Of people of the host, and of ours; of a third site the root is not known here."""
        own = f"site:{self._book.own.site}/"
        if vote.actor.startswith("site:") and not vote.actor.startswith(own):
            return
        root = self._book.own.root if vote.actor.startswith(own) else partner.root
        try:
            found = verify(vote.file.encode(), [x509.load_der_x509_certificate(root)])
        except BadSignature as error:
            raise BadBundle(f"the signature of {vote.actor} does not hold: {error}") from None
        is_over_this = vote.stand == "differs" or canonical(found.document) == canonical(told.document)
        if found.name != vote.actor.removeprefix(own) or not is_over_this:
            raise BadBundle(f"the signature of {vote.actor} is another's, or over another document")

    def _document(self, told: dict[str, Any], stance: Stance, person: str) -> dict[str, Any]:
        if (stance.stand == "differs") != bool(stance.words.strip()):
            raise Conflict("expected words of who differs, and of nobody else: say in which way")
        if stance.stand == "agrees":
            return told["document"]
        who = Person(self._book.own.site, person).actor
        return differing_from(told["document"], who, stance.words)

    def _to_sign(
        self, db: sqlite3.Connection, partner: Partner, signing: Signing, person: str
    ) -> dict[str, Any]:
        for row in db.execute(_OF, (partner.id, signing.number)).fetchall():
            told = self._copy(row).told
            if row["conference_case"] != signing.case or told is None:
                continue
            if told["version"] != signing.version or person not in told["missing"]:
                raise Conflict("there is another version by now, or you have signed: look again")
            return told
        raise NotFound("there is no such conclusion that may be shown: look again")

    def _keep(
        self, db: sqlite3.Connection, partner: Partner, told: Json, said: tuple[str, Stance, str]
    ) -> None:
        (name, stance, file), utc_ms = said, self._book.utc_ms()
        what = told["number"], told["case"], told["version"], name, stance.stand, stance.words
        keep(db, partner, OwnSigned(*what, told["patient"], told["document"], file, utc_ms))

    def _copy(self, row: sqlite3.Row, *, is_partner: bool = True) -> CopiedConclusion:
        is_shown = is_partner and row["hidden_ms"] is None and self._book.utc_ms() < row["until_ms"]
        told = json.loads(row["told"]) if is_shown else None
        return CopiedConclusion(row["conference_case"], told, row["told_ms"])

    def _note(
        self, db: sqlite3.Connection, action: str, of: tuple[Partner, str], patient: str | None
    ) -> None:
        entry = Entry(action, of[0].actor, f"{of[0].entity}/{of[1]}", patient=patient)
        append(db, entry, self._book.clock.utc_us())

    def _now_ms(self) -> int:
        return self._book.clock.now_us() // 1000


def _said(stance: Stance) -> dict[str, str]:
    """Nothing of who agrees: partners with an earlier version take that, too."""
    return {} if stance.stand == "agrees" else {"stand": stance.stand, "words": stance.words}


def _vote(vote: Vote) -> dict[str, Any]:
    file = Signed(json.loads(vote.document), vote.signature, vote.receipt).file().decode()
    return {"actor": vote.actor, "stand": vote.stand, "words": vote.words, "file": file}
