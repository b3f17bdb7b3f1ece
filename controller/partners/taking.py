"""What becomes of what partners tell, kind by kind, each in the transaction that receives it."""

import sqlite3
from collections.abc import Callable, Mapping
from typing import Any, Literal

import orjson

from controller.conferences.directory import Directory, check
from controller.conferences.model import Away, Expert, Hours, Person, Profile
from controller.errors import BadBundle, BadSignature, Conflict
from controller.identity.certificates import By
from controller.partners import letters, messages
from controller.partners import referral_rows as rows
from controller.partners.book import PartnerBook
from controller.partners.bundles import check_case, check_letter
from controller.partners.conclusions import PartnerConclusions
from controller.partners.invitations import Invitations
from controller.partners.model import Partner
from controller.partners.notices import New, tell
from controller.partners.states import ReferralState

Answered = Literal["accepted", "rejected", "completed"]
Take = Callable[[sqlite3.Connection, Partner, Any], None]
_FOR_PARTNERS = """SELECT CAST(profile ->> '$.for_partners' AS INTEGER) FROM expert
WHERE site = '' AND name = ?"""
_WITHDRAWN = """UPDATE partner_referral SET withdrawn_ms = ?, revision = revision + 1
WHERE partner = ? AND way = 'in' AND consent = ? AND withdrawn_ms IS NULL RETURNING id"""
_BY_ROW = f"{rows.SELECT} WHERE partner_referral.id = ?"


class Taking:
    """Of one site."""

    def __init__(
        self,
        book: PartnerBook,
        directory: Directory,
        invitations: Invitations,
        conclusions: PartnerConclusions,
    ) -> None:
        self._book = book
        self._directory = directory
        self.takes: Mapping[str, Take] = {
            "withheld": self._withheld,
            "directory": self._experts,
            "referral": self._asked,
            "referral-answered": self._answered,
            "referral-cancelled": self._cancelled,
            "referral-returned": self._returned,
            "consent-withdrawn": self._withdrawn,
            "conference": invitations.learn,
            "conference-answered": invitations.answered,
            "conclusion": conclusions.learn,
            "conclusion-hidden": conclusions.hide,
            "conclusion-signed": conclusions.signed,
        }

    def _withheld(self, db: sqlite3.Connection, partner: Partner, _: messages.Withheld) -> None:
        self._book.note(db, "partner-withheld", partner, _by(partner))

    def _experts(self, db: sqlite3.Connection, partner: Partner, told: messages.Directory) -> None:
        utc_ms = self._book.utc_ms()
        experts = [
            Expert(Person(partner.site, one.name), _profile(one, partner), 1, utc_ms) for one in told.experts
        ]
        for one in experts:
            check(one.profile)
        self._directory.learn_in(db, partner.site, experts, _by(partner))

    def _asked(self, db: sqlite3.Connection, partner: Partner, told: messages.ReferralAsked) -> None:
        utc_ms = self._book.utc_ms()
        if told.until_ms <= utc_ms:
            raise Conflict("the consent has run out: the case is not kept")
        check_case(told.case, told.number, told.patient, (told.consent, told.until_ms))
        if told.expert and not _lets_be_asked(db, told.expert):
            raise Conflict(f"nobody here called {told.expert!r:.64} lets themselves be asked")
        names = [name for name in rows.New.__dataclass_fields__ if name not in ("way", "content")]
        new = rows.New(
            way="in", content=orjson.dumps(told.case), **{name: getattr(told, name) for name in names}
        )
        by = By(f"{partner.actor}/{told.asked_by}")
        try:
            made = rows.add(db, partner, new, by, utc_ms)
        except sqlite3.IntegrityError:
            raise Conflict(f"referral {told.number} is here already: give another number") from None
        rows.note(db, "referral-received", made, by, utc_ms)
        tell(db, partner, New(told.expert, "referral", told.number, referral=made.id), utc_ms)

    def _answered(self, db: sqlite3.Connection, partner: Partner, told: messages.ReferralAnswered) -> None:
        by = By(f"{partner.actor}/{told.by}", why=told.why)
        self._step(db, partner, told.number, ReferralState(told.answer), by)
        self._tell_who_asked(db, partner, told.number, told.answer, told.why)

    def _cancelled(self, db: sqlite3.Connection, partner: Partner, told: messages.ReferralCancelled) -> None:
        by = By(partner.actor, why=told.why)
        referral, utc_ms = rows.numbered(db, partner, "in", told.number), self._book.utc_ms()
        rows.step(db, referral, rows.Step(ReferralState.CANCELLED, told.why, by, utc_ms))
        if referral.state is ReferralState.ACCEPTED:
            gone = New(referral.changed_by, "cancelled", told.number, told.why, referral.id)
            tell(db, partner, gone, utc_ms)

    def _returned(self, db: sqlite3.Connection, partner: Partner, told: messages.ReferralReturned) -> None:
        referral = rows.numbered(db, partner, "out", told.number)
        check_letter(told.letter, referral.patient)
        try:
            letters.check(told.letter, told.signature, told.by, partner.root)
        except BadSignature as error:
            raise BadBundle(f"the letter's signature does not hold: {error}") from None
        self._step(db, partner, told.number, ReferralState.COMPLETED, By(f"{partner.actor}/{told.by}"))
        kept = {"letter": told.letter, "signature": told.signature}
        rows.keep_letter(db, referral, orjson.dumps(kept))
        self._tell_who_asked(db, partner, told.number, "completed", "")

    def _withdrawn(self, db: sqlite3.Connection, partner: Partner, told: messages.ConsentWithdrawn) -> None:
        utc_ms = self._book.utc_ms()
        for (number,) in db.execute(_WITHDRAWN, (utc_ms, partner.id, told.consent)).fetchall():
            referral = rows.referral_of(db.execute(_BY_ROW, (number,)).fetchone())
            rows.note(db, "referral-copy-hidden", referral, _by(partner), utc_ms)

    def _tell_who_asked(
        self, db: sqlite3.Connection, partner: Partner, number: str, kind: Answered, detail: str
    ) -> None:
        referral = rows.numbered(db, partner, "out", number)
        new = New(referral.asked_by, kind, number, detail, referral.id)
        tell(db, partner, new, self._book.utc_ms())

    def _step(self, db: sqlite3.Connection, partner: Partner, number: str, to: ReferralState, by: By) -> None:
        referral = rows.numbered(db, partner, "out", number)
        rows.step(db, referral, rows.Step(to, by.why, by, self._book.utc_ms()))


def _by(partner: Partner) -> By:
    return By(partner.actor)


def _profile(told: messages.ExpertTold, partner: Partner) -> Profile:
    """Of the hospital as we know it: nobody is of another for saying so."""
    hours = tuple(Hours(one.day, one.from_min, one.to_min) for one in told.hours)
    away = tuple(Away(one.from_day, one.to_day) for one in told.away)
    return Profile(
        display=told.display,
        specialities=tuple(told.specialities),
        hospital=partner.name,
        languages=tuple(told.languages),
        takes=told.takes,
        zone=told.zone,
        hours=hours,
        away=away,
    )


def _lets_be_asked(db: sqlite3.Connection, account: str) -> bool:
    row = db.execute(_FOR_PARTNERS, (account,)).fetchone()
    return row is not None and bool(row[0])
